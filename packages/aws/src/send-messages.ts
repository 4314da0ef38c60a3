import { type BatchResultErrorEntry, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { AppError, type OutgoingMessage } from '@smart-vault/core';
import { type BackOff, backOffMs } from './back-off.ts';
import { callAws, meaningOfCode } from './ebs-errors.ts';
import { type BatchEntry, toBatches } from './message-batches.ts';

/** How often a message is offered to SQS that refuses it for a reason of its own. */
const ROUNDS_MAX = 4;

/**
 * Sends all messages, or throws. SQS answers 200 to a batch of which it refused some (`Failed[]`): those that it
 * refused for a reason of its own are sent again, a bounded number of times; the rest of the messages is sent first.
 *
 * After an error some of the messages have been sent. Senders repeat, and consumers bear it.
 */
export async function sendAll(
  client: SQSClient,
  url: string,
  messages: readonly OutgoingMessage[],
  backOff: BackOff,
): Promise<void> {
  const refused: BatchResultErrorEntry[] = [];
  for (const batch of toBatches(messages)) refused.push(...(await sendBatch(client, url, batch, backOff)));
  const [first] = refused;
  if (first === undefined) return;
  const { Code: awsCode = 'Unknown', Message: text = '', SenderFault: senderFault = false } = first;
  throw new AppError(
    meaningOfCode(awsCode, senderFault),
    `SendMessageBatch: ${refused.length} of ${messages.length} messages refused, first ${awsCode}: ${text}`,
    { details: { operation: 'SendMessageBatch', awsCode, refused: refused.length, of: messages.length } },
  );
}

/** Refusals that remain in the end. */
async function sendBatch(
  client: SQSClient,
  url: string,
  batch: readonly BatchEntry[],
  backOff: BackOff,
): Promise<BatchResultErrorEntry[]> {
  const ourFault: BatchResultErrorEntry[] = [];
  let waiting = batch;
  for (let round = 1; ; round += 1) {
    const refusals = await offer(client, url, waiting);
    ourFault.push(...refusals.filter(({ SenderFault }) => SenderFault === true));
    const theirs = refusals.filter(({ SenderFault }) => SenderFault !== true);
    if (theirs.length === 0 || round === ROUNDS_MAX) return [...ourFault, ...theirs];
    await backOff.sleep(backOffMs(round, backOff.random));
    const again = new Set(theirs.map(({ Id }) => Id));
    waiting = waiting.filter(({ Id }) => again.has(Id));
  }
}

/** Offers entries once. An entry that the answer does not mention is not known to be sent, and so is a refusal too. */
async function offer(client: SQSClient, url: string, entries: readonly BatchEntry[]) {
  const command = new SendMessageBatchCommand({ QueueUrl: url, Entries: [...entries] });
  const { Successful = [], Failed = [] } = await callAws('SendMessageBatch', () => client.send(command));
  const taken = new Set(Successful.map(({ Id }) => Id));
  const failures = new Map(Failed.map((failure) => [failure.Id, failure]));
  return entries
    .filter(({ Id }) => !taken.has(Id))
    .map(({ Id }) => failures.get(Id) ?? { Id, Code: 'InternalError', SenderFault: false });
}
