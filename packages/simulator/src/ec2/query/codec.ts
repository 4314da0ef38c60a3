import { Ec2Error } from '../errors.ts';
import type { Form } from './form.ts';
import { block, element, list, time } from './xml.ts';

/** How a member of an input stands in a form: a scalar, a structure, or a list under a name of its own. */
type Field = 'text' | 'number' | 'flag' | Fields | ListField;
export interface Fields {
  readonly [member: string]: Field;
}
interface ListField {
  readonly listed: string;
  readonly item: 'text' | Fields;
}

/** A list: `Name.1`, `Name.2` and so on, or `Name.1.Member` for structures. */
export const listOf = (listed: string, item: 'text' | Fields): ListField => ({ listed, item });

/** The input of an operation as the SDK has it. @throws Ec2Error for a number or a flag that is none */
export function readInput(form: Form, fields: Fields, prefix = ''): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [member, field] of Object.entries(fields)) {
    const value = readField(form, field, prefix, member);
    if (value !== undefined) input[member] = value;
  }
  return input;
}

function readField(form: Form, field: Field, prefix: string, member: string): unknown {
  const name = prefix + member;
  if (field === 'text') return form.text(name);
  if (field === 'number') return form.whole(name);
  if (field === 'flag') return form.flag(name);
  if (isList(field)) return readList(form, prefix + field.listed, field.item);
  return form.hasPrefix(`${name}.`) ? readInput(form, field, `${name}.`) : undefined;
}

function readList(form: Form, name: string, item: 'text' | Fields): unknown[] | undefined {
  const items: unknown[] = item === 'text' ? form.list(name) : [];
  if (item !== 'text') {
    for (let at = 1; form.hasPrefix(`${name}.${at}.`); at += 1)
      items.push(readInput(form, item, `${name}.${at}.`));
  }
  return items.length === 0 ? undefined : items;
}

const isList = (field: Exclude<Field, string>): field is ListField => typeof field['listed'] === 'string';

/** Names that the form may begin with. */
export const namesOf = (fields: Fields): ReadonlySet<string> =>
  new Set(
    Object.entries(fields).map(([member, field]) =>
      typeof field !== 'string' && isList(field) ? field.listed : member,
    ),
  );

/**
 * What the model would have to ignore is refused: a restore that sets it must not look as if it had worked.
 * @throws Ec2Error `UnknownParameter`
 */
export function refuseUnknown(operation: string, given: Iterable<string>, known: ReadonlySet<string>): void {
  for (const name of given) {
    if (!known.has(name)) {
      const message = `The parameter ${name} is not recognized (the simulator does not model it for ${operation})`;
      throw new Ec2Error('UnknownParameter', message);
    }
  }
}

/** How the members of an output are called in XML, where that is not the name with a small first letter. */
export interface Names {
  readonly [member: string]: string | Inner;
}
interface Inner {
  readonly as?: string;
  readonly within: Names;
}

/** Members of an SDK's output as XML. Lists are `<name><item>…</item></name>`. */
export function writeOutput(output: object, names: Names = {}): string {
  let xml = '';
  for (const [member, value] of Object.entries(output)) {
    const known = Object.hasOwn(names, member) ? names[member] : undefined;
    const inner = typeof known === 'object' ? known : undefined;
    const name =
      (typeof known === 'string' ? known : inner?.as) ?? member.charAt(0).toLowerCase() + member.slice(1);
    xml += writeMember(name, value, inner?.within ?? {});
  }
  return xml;
}

function writeMember(name: string, value: unknown, names: Names): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return time(name, value.getTime());
  if (Array.isArray(value)) return list(name, value as unknown[], (item) => writeItem(item, names));
  if (typeof value === 'object') return block(name, writeOutput(value, names));
  return element(name, value as string | number | boolean);
}

const writeItem = (item: unknown, names: Names): string =>
  typeof item === 'object' && item !== null
    ? writeOutput(item, names)
    : element('_', String(item)).replace(/^<_>|<\/_>$|^<_\/>$/g, '');
