import { SdkError } from '../sdk-error.ts';
import type { MessageAttribute, QueueSpec, SendEntry } from './types.ts';

/** Bytes of one message and of one batch. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const MESSAGE_BYTES_MAX = 1_048_576;
export const VISIBILITY_SECONDS_MAX = 43_200;
const BATCH_ENTRIES_MAX = 10;
const DELAY_SECONDS_MAX = 900;
const ATTRIBUTES_MAX = 10;

const ILLEGAL_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const GROUP_ID = /^[!-~]{1,128}$/;
const ENTRY_ID = /^[\w-]{1,80}$/;
const ATTRIBUTE_NAME = /^(?!\.|aws\.|amazon\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i;
const DATA_TYPE = /^(String|Number|Binary)(\..{1,256})?$/;

const invalid = (message: string): SdkError => new SdkError('InvalidParameterValue', message);
const missing = (parameter: string): SdkError =>
  new SdkError('MissingParameter', `The request must contain the parameter ${parameter}.`);

/** @throws SdkError as SQS refuses a message */
export function checkEntry(spec: QueueSpec, entry: SendEntry): void {
  if (entry.body === '') throw missing('MessageBody');
  if (ILLEGAL_CHARACTER.test(entry.body)) throw illegalCharacters();
  if (entry.attributes !== undefined) checkAttributes(entry.attributes);
  const bytesMax = spec.messageBytesMax ?? MESSAGE_BYTES_MAX;
  if (mayExceed(entry, bytesMax) && bytesOf(entry) > bytesMax)
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${bytesMax} bytes.`,
    );
  if (entry.groupId !== undefined) checkId('MessageGroupId', entry.groupId);
  if (entry.deduplicationId !== undefined) checkId('MessageDeduplicationId', entry.deduplicationId);
  if (spec.fifo) checkFifo(spec, entry);
  else checkStandard(entry);
}

function checkFifo(spec: QueueSpec, entry: SendEntry): void {
  if (entry.groupId === undefined) throw missing('MessageGroupId');
  if (entry.delaySeconds !== undefined && entry.delaySeconds !== 0)
    throw notForThisType('DelaySeconds', String(entry.delaySeconds));
  if (entry.deduplicationId === undefined && spec.contentBasedDeduplication !== true)
    throw invalid(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
}

function checkStandard({ deduplicationId, delaySeconds }: SendEntry): void {
  if (deduplicationId !== undefined) throw notForThisType('MessageDeduplicationId', deduplicationId);
  if (delaySeconds !== undefined && !isWithin(delaySeconds, DELAY_SECONDS_MAX))
    throw invalid(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${DELAY_SECONDS_MAX}.`,
    );
}

function checkAttributes(attributes: Readonly<Record<string, MessageAttribute>>): void {
  const names = Object.keys(attributes);
  if (names.length > ATTRIBUTES_MAX)
    throw invalid(`Number of message attributes [${names.length}] exceeds the allowed maximum [10].`);
  for (const name of names) {
    const { DataType = '', StringValue, BinaryValue } = attributes[name] as MessageAttribute;
    if (!ATTRIBUTE_NAME.test(name)) throw invalid(`The message attribute name '${name}' is invalid.`);
    if (!DATA_TYPE.test(DataType))
      throw invalid(`The type of message (user) attribute '${name}' is invalid: ${DataType}.`);
    const value = DataType.startsWith('Binary') ? BinaryValue : StringValue;
    if (value === undefined || value.length === 0)
      throw invalid(
        `Message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`,
      );
    if (StringValue !== undefined && ILLEGAL_CHARACTER.test(StringValue)) throw illegalCharacters();
  }
}

function checkId(parameter: string, value: string): void {
  if (GROUP_ID.test(value)) return;
  throw invalid(
    `Value ${value} for parameter ${parameter} is invalid. Reason: ${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

/** The errors that concern a batch as a whole. @throws SdkError */
export function checkBatch(entries: readonly { readonly Id: string | undefined }[]): void {
  if (entries.length === 0)
    throw new SdkError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > BATCH_ENTRIES_MAX)
    throw new SdkError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${BATCH_ENTRIES_MAX}. You have sent ${entries.length}.`,
    );
  const seen = new Set<string>();
  for (const { Id = '' } of entries) {
    if (!ENTRY_ID.test(Id))
      throw new SdkError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    if (seen.has(Id)) throw new SdkError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    seen.add(Id);
  }
}

/** @throws SdkError when the entries are too long together */
export function checkBatchBytes(entries: readonly SendEntry[]): void {
  if (!entries.some((entry) => mayExceed(entry, MESSAGE_BYTES_MAX / BATCH_ENTRIES_MAX))) return;
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (bytes > MESSAGE_BYTES_MAX)
    throw new SdkError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${MESSAGE_BYTES_MAX} bytes. You have sent ${bytes} bytes.`,
    );
}

/** @throws SdkError */
export function checkVisibility(seconds: number): void {
  if (isWithin(seconds, VISIBILITY_SECONDS_MAX)) return;
  throw invalid(
    `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and ${VISIBILITY_SECONDS_MAX}, if provided.`,
  );
}

/** Whether it is worth counting: a UTF-16 unit has three bytes at most. */
const mayExceed = ({ body, attributes }: SendEntry, bytesMax: number): boolean =>
  attributes !== undefined || body.length * 3 > bytesMax;

/** What SQS counts: the body, and name, type and value of each attribute. */
function bytesOf({ body, attributes = {} }: SendEntry): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += BinaryValue?.length ?? 0;
  }
  return bytes;
}

const isWithin = (value: number, max: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= max;
const illegalCharacters = (): SdkError =>
  new SdkError(
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
  );
const notForThisType = (parameter: string, value: string): SdkError =>
  invalid(
    `Value ${value} for parameter ${parameter} is invalid. Reason: The request include parameter that is not valid for this queue type`,
  );

/** A receipt of a FIFO queue whose visibility timeout is over. */
export const receiptExpired = (receipt: string): SdkError =>
  invalid(`Value ${receipt} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`);

/** SQS has no other answer to hiding a message that is gone; `MessageNotInflight` is only documented. */
export const goneMessage = (receipt: string): SdkError =>
  invalid(
    `Value ${receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
  );

export const totalVisibilityTooLong = (seconds: number): SdkError =>
  invalid(
    `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${VISIBILITY_SECONDS_MAX} seconds]`,
  );

export const invalidReceipt = (receipt: string): SdkError =>
  new SdkError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${receipt}" is not a valid receipt handle.`,
  );
