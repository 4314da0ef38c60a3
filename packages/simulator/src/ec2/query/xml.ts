/** Characters that XML 1.0 cannot hold at all, not even as references; lone surrogates among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that must not get through
const IMPOSSIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
const SPECIAL = /[&<>"'\r]/g;
const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
};

/** Text fit for XML. What XML cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return withoutImpossible(text).replace(SPECIAL, (character) => REFERENCES[character] ?? '');
}

/** What XML cannot hold becomes U+FFFD. */
export const withoutImpossible = (text: string): string => text.replace(IMPOSSIBLE, '\ufffd');

type Scalar = string | number | boolean;

/** An element with text; nothing at all when there is no value. */
export function element(name: string, value: Scalar | undefined): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? escapeXml(value) : String(value);
  return text === '' ? `<${name}/>` : `<${name}>${text}</${name}>`;
}

/** An element with elements in it. @param inner XML */
export function block(name: string, inner: string): string {
  return inner === '' ? `<${name}/>` : `<${name}>${inner}</${name}>`;
}

/** A list as EC2 writes it: `<name><item>…</item></name>`. */
export function list<T>(name: string, items: Iterable<T>, render: (item: T) => string): string {
  let inner = '';
  for (const item of items) inner += block('item', render(item));
  return block(name, inner);
}

/** A time as EC2 writes it. @param ms milliseconds since 1970 */
export function time(name: string, ms: number | undefined): string {
  return ms === undefined ? '' : element(name, new Date(ms).toISOString());
}

/** Tags, or nothing at all when there are none. */
export function tagSet(tags: ReadonlyMap<string, string>): string {
  if (tags.size === 0) return '';
  return list('tagSet', tags, ([key, value]) => element('key', key) + element('value', value));
}
