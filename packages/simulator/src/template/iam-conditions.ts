import { AppError } from '@smart-vault/core';
import { matchesArn, matchesWildcard } from './iam-wildcards.ts';

/** Condition keys of a request, in any case, with their values. A missing key is left out, or has an empty list. */
export type ConditionContext = Readonly<Record<string, string | boolean | number | readonly string[]>>;

/** A statement's `Condition`: operator to key to values. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Operator {
  readonly test: (wanted: string, given: string) => boolean;
  /** True for `…Not…`: holds when no value matches, and when the key is missing. */
  readonly negated: boolean;
}

const positive = (test: Operator['test']): Operator => ({ test, negated: false });
const negative = (test: Operator['test']): Operator => ({ test, negated: true });
const equals: Operator['test'] = (wanted, given) => wanted === given;
const equalsFolded: Operator['test'] = (wanted, given) => wanted.toLowerCase() === given.toLowerCase();
const numeric =
  (compare: (given: number, wanted: number) => boolean): Operator['test'] =>
  (wanted, given) =>
    compare(Number(given), Number(wanted));

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: positive(equals),
  StringNotEquals: negative(equals),
  StringEqualsIgnoreCase: positive(equalsFolded),
  StringNotEqualsIgnoreCase: negative(equalsFolded),
  StringLike: positive(matchesWildcard),
  StringNotLike: negative(matchesWildcard),
  ArnEquals: positive(matchesArn),
  ArnLike: positive(matchesArn),
  ArnNotEquals: negative(matchesArn),
  ArnNotLike: negative(matchesArn),
  Bool: positive(equalsFolded),
  NumericEquals: positive(numeric((given, wanted) => given === wanted)),
  NumericNotEquals: negative(numeric((given, wanted) => given === wanted)),
  NumericLessThan: positive(numeric((given, wanted) => given < wanted)),
  NumericLessThanEquals: positive(numeric((given, wanted) => given <= wanted)),
  NumericGreaterThan: positive(numeric((given, wanted) => given > wanted)),
  NumericGreaterThanEquals: positive(numeric((given, wanted) => given >= wanted)),
};

/**
 * Whether a request meets a statement's conditions: all operators and all keys must hold, one value of each is enough.
 * `ForAllValues:` holds for a key that is missing, `ForAnyValue:` does not.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * @throws AppError `CONFIG` for an operator or a policy variable that this model does not know
 */
export function conditionsHold(conditions: ConditionBlock, context: ConditionContext): boolean {
  const present = Object.entries(context).map(
    ([key, value]) => [key.toLowerCase(), valuesOf(value)] as const,
  );
  const keys = new Map(present.filter(([, values]) => values.length > 0));
  return Object.entries(conditions).every(([operator, block]) =>
    Object.entries(block).every(([key, wanted]) =>
      conditionHolds(operator, valuesOf(wanted), keys.get(key.toLowerCase())),
    ),
  );
}

function conditionHolds(
  name: string,
  wanted: readonly string[],
  given: readonly string[] | undefined,
): boolean {
  const { quantifier, base, ifExists } = partsOf(name);
  if (base === 'Null')
    return wanted.some((value) => (value.toLowerCase() === 'true') === (given === undefined));
  const variable = wanted.find((value) => value.includes('${'));
  if (variable !== undefined) throw unknown(`the policy variable in ${variable}`);
  const operator = OPERATORS[base];
  if (operator === undefined) throw unknown(`the condition operator ${name}`);

  const matches = (value: string): boolean =>
    wanted.some((item) => operator.test(item, value)) !== operator.negated;
  if (quantifier === 'ForAllValues') return (given ?? []).every(matches);
  if (given === undefined) return ifExists || (operator.negated && quantifier === undefined);
  if (quantifier === 'ForAnyValue') return given.some(matches);
  return given.every(matches);
}

function partsOf(name: string): { quantifier: string | undefined; base: string; ifExists: boolean } {
  const [, quantifier, base = name, ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  return { quantifier, base, ifExists: ifExists !== undefined };
}

/** A single value or a list, as texts. */
export function valuesOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

const unknown = (what: string): AppError => new AppError('CONFIG', `IAM evaluator: does not know ${what}`);
