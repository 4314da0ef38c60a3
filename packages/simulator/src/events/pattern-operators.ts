/** One value or operator of a pattern's list. `absent` is `{"exists": false}`: the one that wants nothing there. */
export type Leaf =
  | { readonly kind: 'absent' }
  | { readonly kind: 'value'; readonly test: (value: unknown) => boolean };

type Fail = (problem: string) => Error;
type Test = (value: unknown) => boolean;

const OPERATORS: Readonly<Record<string, (operand: unknown, fail: Fail) => Leaf>> = {
  prefix: (operand, fail) => leaf(prefixTest(operand, fail)),
  suffix: (operand, fail) => leaf(suffixTest(operand, fail)),
  'equals-ignore-case': (operand, fail) => leaf(ignoreCaseTest(operand, fail)),
  wildcard: (operand, fail) => leaf(wildcardTest(operand, fail)),
  numeric: (operand, fail) => leaf(numericTest(operand, fail)),
  'anything-but': (operand, fail) => leaf(anythingButTest(operand, fail)),
  exists: existsLeaf,
};

/** Makes one item of a field's list: a scalar, or an object with exactly one operator. */
export function compileLeaf(item: unknown, fail: Fail): Leaf {
  if (isScalar(item)) return leaf((value) => value === item);
  if (typeof item !== 'object' || Array.isArray(item))
    throw fail(`has ${JSON.stringify(item)}, which is no value`);
  const entries = Object.entries(item as Record<string, unknown>);
  const [operator, operand] = entries[0] ?? [];
  if (entries.length !== 1 || operator === undefined) {
    throw fail(`has ${JSON.stringify(item)}; an operator object has exactly one key`);
  }
  if (!Object.hasOwn(OPERATORS, operator)) {
    throw fail(
      `uses the unknown operator "${operator}"; known are ${Object.keys(OPERATORS).join(', ')} and $or`,
    );
  }
  return (OPERATORS[operator] as (operand: unknown, fail: Fail) => Leaf)(operand, fail);
}

const leaf = (test: Test): Leaf => ({ kind: 'value', test });

function existsLeaf(operand: unknown, fail: Fail): Leaf {
  if (typeof operand !== 'boolean') throw fail('exists takes true or false');
  return operand ? leaf(() => true) : { kind: 'absent' };
}

function prefixTest(operand: unknown, fail: Fail): Test {
  const { text, fold } = textOperand(operand, 'prefix', fail);
  return onText((value) => fold(value).startsWith(fold(text)));
}

function suffixTest(operand: unknown, fail: Fail): Test {
  const { text, fold } = textOperand(operand, 'suffix', fail);
  return onText((value) => fold(value).endsWith(fold(text)));
}

function ignoreCaseTest(operand: unknown, fail: Fail): Test {
  if (typeof operand !== 'string') throw fail('equals-ignore-case takes a text');
  const wanted = operand.toLowerCase();
  return onText((value) => value.toLowerCase() === wanted);
}

/** `*` stands for any text; `\*` and `\\` for the character itself; two stars in a row are refused. */
function wildcardTest(operand: unknown, fail: Fail): Test {
  if (typeof operand !== 'string') throw fail('wildcard takes a text');
  let source = '';
  for (let at = 0; at < operand.length; at += 1) {
    const char = operand.charAt(at);
    if (char === '*') {
      if (operand.charAt(at + 1) === '*') throw fail('wildcard has two stars in a row');
      source += '.*';
    } else if (char === '\\') {
      at += 1;
      const next = operand.charAt(at);
      if (next !== '*' && next !== '\\') throw fail('wildcard: a backslash may stand before * and \\ only');
      source += `\\${next}`;
    } else source += char.replace(/[.+?^${}()|[\]/]/, '\\$&');
  }
  const expression = new RegExp(`^${source}$`, 's');
  return onText((value) => expression.test(value));
}

const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `[">", 0, "<=", 5]`: one or two comparisons, all of which must hold. */
function numericTest(operand: unknown, fail: Fail): Test {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw fail('numeric takes [operator, number] or [operator, number, operator, number]');
  }
  const bounds: ((value: number) => boolean)[] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const [operator, bound] = [operand[at] as unknown, operand[at + 1] as unknown];
    if (typeof operator !== 'string' || !Object.hasOwn(COMPARE, operator) || typeof bound !== 'number') {
      throw fail(`numeric does not understand ${JSON.stringify(operator)} ${JSON.stringify(bound)}`);
    }
    bounds.push((value) => (COMPARE[operator] as (v: number, b: number) => boolean)(value, bound));
  }
  return (value) => typeof value === 'number' && bounds.every((holds) => holds(value));
}

/** Any value that is there and is none of these, or does not begin, end, look like one of these. */
function anythingButTest(operand: unknown, fail: Fail): Test {
  if (typeof operand === 'string' || typeof operand === 'number') return (value) => value !== operand;
  if (Array.isArray(operand)) {
    const uniform = operand.every((item) => typeof item === typeof operand[0]);
    if (operand.length === 0 || !uniform || !['string', 'number'].includes(typeof operand[0])) {
      throw fail('anything-but takes a list of texts only, or of numbers only');
    }
    return (value) => !operand.includes(value);
  }
  return anythingButOperator(operand, fail);
}

const NESTED: Readonly<Record<string, (operand: unknown, fail: Fail) => Test>> = {
  prefix: prefixTest,
  suffix: suffixTest,
  'equals-ignore-case': ignoreCaseTest,
  wildcard: wildcardTest,
};

function anythingButOperator(operand: unknown, fail: Fail): Test {
  const entries = typeof operand === 'object' && operand !== null ? Object.entries(operand) : [];
  const [operator, inner] = entries[0] ?? [];
  if (entries.length !== 1 || operator === undefined || !Object.hasOwn(NESTED, operator)) {
    throw fail(`anything-but takes a value, a list, or one of ${Object.keys(NESTED).join(', ')}`);
  }
  const make = NESTED[operator] as (operand: unknown, fail: Fail) => Test;
  const tests = (Array.isArray(inner) ? inner : [inner]).map((item: unknown) => make(item, fail));
  return (value) => !tests.some((test) => test(value));
}

/** A text, or `{"equals-ignore-case": text}`. */
function textOperand(
  operand: unknown,
  operator: string,
  fail: Fail,
): { text: string; fold: (text: string) => string } {
  if (typeof operand === 'string') return { text: operand, fold: (text) => text };
  const folded =
    typeof operand === 'object' && operand !== null
      ? (operand as Record<string, unknown>)['equals-ignore-case']
      : undefined;
  if (typeof folded !== 'string') throw fail(`${operator} takes a text`);
  return { text: folded, fold: (text) => text.toLowerCase() };
}

const onText =
  (test: (value: string) => boolean): Test =>
  (value) =>
    typeof value === 'string' && test(value);

function isScalar(item: unknown): item is string | number | boolean | null {
  return item === null || ['string', 'number', 'boolean'].includes(typeof item);
}
