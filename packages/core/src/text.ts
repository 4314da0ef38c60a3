/**
 * Encoders for everything that leaves towards people: whatever a tag, a state message or a queue holds, it cannot
 * break a line, hide itself or make SNS refuse a message. Every string from outside goes through one of them.
 */

// Control characters, line and paragraph separators, soft hyphen, zero-width, bidi and interlinear marks, BOM, tags.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0]|[\ufe00-\ufe0f]/gu;

/** One line of plain text for a log or a table: invisible characters become `?`, white space one space each. */
export function oneLine(text: string, lengthMax = 500): string {
  const flat = text.replaceAll(/\s+/g, ' ').replaceAll(INVISIBLE, '?').trim();
  return clip(flat, lengthMax);
}

/** Fit for an SNS subject: printable ASCII on one line, 1 to 99 characters, starting with a letter or digit. */
export function subjectText(text: string): string {
  const ascii = oneLine(text, 1_000)
    .replaceAll(/[^\x20-\x7e]+/g, '?')
    .replace(/^[^A-Za-z0-9]+/, '');
  return clipAscii(ascii, 99) || 'Smart Vault';
}

/**
 * Fit for a mail's body: lines stay lines, other invisible characters become `?`, not empty, and at most so many UTF-8
 * bytes. SNS takes 262,144.
 */
export function bodyText(text: string, bytesMax = 250_000): string {
  const lines = text
    .replaceAll(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.replaceAll('\t', ' ').replaceAll(INVISIBLE, '?').trimEnd());
  return clipBytes(lines.join('\n').trimEnd() || '(no text)', bytesMax);
}

/** At most so many UTF-16 units, with `...` at the end when something was cut, and never half a character. */
function clip(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, Math.max(0, lengthMax - 3)).replace(/[\ud800-\udbff]$/, '')}...`;
}

const clipAscii = (text: string, lengthMax: number): string =>
  text.length <= lengthMax ? text.trim() : `${text.slice(0, lengthMax - 3).trim()}...`;

function clipBytes(text: string, bytesMax: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= bytesMax) return text;
  const note = '\n(cut: too long)';
  const head = new TextDecoder().decode(bytes.subarray(0, bytesMax - note.length)).replace(/\ufffd+$/, '');
  return head + note;
}
