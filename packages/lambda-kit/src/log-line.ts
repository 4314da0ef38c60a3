import type { LogFields } from '@smart-vault/core';

/** CloudWatch Logs cuts an event at 256 KB; a line of ours is far below, so that it always stays one object. */
const LINE_CHARS_MAX = 32_000;
const TEXT_CHARS_MAX = 2_000;

/** Controls, line and paragraph separators, zero-width and bidirectional marks: what can fake or hide text. */
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** One line of JSON that parses back: the head, then the fields that do not shadow it. */
export function toLogLine(head: Readonly<Record<string, string>>, fields: LogFields): string {
  const line = encode({ ...head, ...fields, ...head });
  if (line !== undefined && line.length <= LINE_CHARS_MAX) return line;
  const omitted =
    line === undefined ? 'fields cannot be written as JSON' : `fields of ${line.length} characters`;
  return encode({ ...head, omitted }) ?? '{}';
}

function encode(value: unknown): string | undefined {
  try {
    const json = JSON.stringify(value, plain);
    return json.replaceAll(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  } catch {
    return undefined; // a cycle, or a toJSON that throws: the event itself must still be logged
  }
}

/** JSON.stringify's replacer: errors, sets and maps become plain data, long texts are cut. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error) return plainError(value);
  if (value instanceof Set) return [...value];
  if (value instanceof Map) return Object.fromEntries(value);
  return value;
}

const cut = (text: string): string =>
  text.length <= TEXT_CHARS_MAX ? text : `${text.slice(0, TEXT_CHARS_MAX)}… (${text.length} characters)`;

function plainError(error: Error): Readonly<Record<string, unknown>> {
  const { name, message, cause } = error;
  return {
    name,
    message,
    ...('code' in error ? { code: error.code } : {}),
    ...('details' in error ? { details: error.details } : {}),
    ...(cause === undefined ? {} : { cause }),
    // An expected failure is told by its code; only a surprise needs to say where it happened.
    ...('code' in error ? {} : { stack: error.stack }),
  };
}
