/** SNS takes subjects of fewer than 100 characters, without line breaks, and messages of 262,144 bytes in UTF-8. */
const SUBJECT_CHARS_MAX = 99;
export const BODY_BYTES_MAX = 262_144;

/**
 * A subject that SNS takes: printable ASCII, fewer than 100 characters, neither empty nor starting with a blank.
 * Line breaks and control characters become spaces, other characters question marks.
 */
export function snsSubject(text: string): string {
  const printable = [...text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ')].map((char) =>
    /[ -~]/.test(char) ? char : '?',
  );
  const subject = printable.join('').trim().slice(0, SUBJECT_CHARS_MAX).trim();
  return subject === '' ? 'Smart Vault' : subject;
}

/**
 * A body that SNS takes: no control characters but tabs and line breaks, not empty, and cut to `bytesMax` with a last
 * line that says how much is missing.
 */
export function snsBody(text: string, bytesMax: number = BODY_BYTES_MAX): string {
  const clean = text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, ' ');
  if (clean.trim() === '') return '(no text)';
  const bytes = Buffer.byteLength(clean);
  if (bytes <= bytesMax) return clean;
  const note = (missing: number) => `\n[${missing} of ${bytes} bytes left out: too long for one message]`;
  const kept = firstBytes(clean, bytesMax - Buffer.byteLength(note(bytes)));
  return kept + note(bytes - Buffer.byteLength(kept));
}

/** The longest beginning of a text that has at most this many bytes in UTF-8; no character is cut in two. */
function firstBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  let end = Math.max(0, bytesMax);
  // Bytes 10xxxxxx go on with a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return bytes.subarray(0, end).toString();
}
