import { hash } from 'node:crypto';
import { hex16 } from '../prng.ts';
import type { MessageAttribute } from './types.ts';

/** The digest that SQS answers, in hexadecimal. */
export const md5Of = (text: string): string => hash('md5', text);

/** The deduplication id that a queue with content-based deduplication gives a message. */
export const contentDeduplicationId = (body: string): string => hash('sha256', body);

/** An id that is a function of its label, in the form of a UUID. */
export function uuidOf(label: string, seed: number): string {
  const high = hex16(label, seed);
  const low = hex16(label, seed ^ 0x9e3779b9);
  return `${high.slice(0, 8)}-${high.slice(8, 12)}-${high.slice(12)}-${low.slice(0, 4)}-${low.slice(4)}`;
}

/**
 * The digest of attributes; empty when there are none.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return '';
  const parts: Uint8Array[] = [];
  for (const name of names) {
    const { DataType = '', StringValue, BinaryValue } = attributes[name] as MessageAttribute;
    const binary = DataType.startsWith('Binary');
    const value = binary ? (BinaryValue ?? new Uint8Array()) : Buffer.from(StringValue ?? '');
    parts.push(...counted(Buffer.from(name)), ...counted(Buffer.from(DataType)));
    parts.push(Uint8Array.of(binary ? 2 : 1), ...counted(value));
  }
  return hash('md5', Buffer.concat(parts));
}

function counted(bytes: Uint8Array): Uint8Array[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}
