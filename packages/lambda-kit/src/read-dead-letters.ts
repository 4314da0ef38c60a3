import {
  type CopyWork,
  type DeadLetter,
  deadLetterFacts,
  errorText,
  isAppError,
  type Log,
  parseCopyWork,
  parseSnapshotUnit,
  type ReceivedMessage,
  type SnapshotId,
  type WorkQueue,
} from '@smart-vault/core';

/** A dead-letter queue to look into; `name` is for people. */
export interface DeadLetterQueue {
  readonly name: string;
  readonly holds: 'snapshot-units' | 'copies';
  readonly queue: WorkQueue;
}

/** How many letters of a queue are looked at by default; the reasons of a failure repeat long before. */
const LETTERS_MAX = 200;

/** While we look nobody else sees the letters; should we die meanwhile, they are back this soon. */
const PEEK_SECONDS = 30;

/** SQS asks only some of its servers for a receive: one empty answer does not mean that there is nothing. */
const EMPTY_ANSWERS_MAX = 2;

/**
 * Reads the letters of these queues and leaves them where they are. A queue that cannot be read costs the caller what
 * it holds, not its work: it is logged and left out.
 *
 * @param lettersMax most letters of each queue; those beyond it are not seen
 */
export async function readDeadLetters(
  queues: readonly DeadLetterQueue[],
  log: Log,
  lettersMax = LETTERS_MAX,
): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (const source of queues) {
    try {
      const messages = await receiveAll(source.queue, lettersMax);
      letters.push(...messages.map((message) => letterOf(source, message)));
      for (const message of messages) await giveBack(source, message, log);
    } catch (error) {
      if (!isAppError(error)) throw error;
      log.warn('dead-letters.unreadable', { queue: source.name, code: error.code, cause: errorText(error) });
    }
  }
  return letters;
}

async function receiveAll(queue: WorkQueue, max: number): Promise<readonly ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  for (let empty = 0; empty < EMPTY_ANSWERS_MAX && messages.length < max; ) {
    const more = await queue.receive(max - messages.length, { visibilityTimeoutSeconds: PEEK_SECONDS });
    if (more.length === 0) empty += 1;
    messages.push(...more);
  }
  return messages;
}

async function giveBack(source: DeadLetterQueue, message: ReceivedMessage, log: Log): Promise<void> {
  try {
    await source.queue.changeVisibility(message, 0);
  } catch (error) {
    log.debug('dead-letters.not-given-back', { queue: source.name, cause: errorText(error) });
  }
}

/** The letter, from the attributes that a pump gave it; one that SQS moved there by itself has only its body. */
function letterOf(source: DeadLetterQueue, message: ReceivedMessage): DeadLetter {
  const { subjects, code, cause, attempts } = deadLetterFacts(message.attributes);
  const body = readBody(source, message.body);
  return {
    queue: source.name,
    subjects: subjects ?? body.subjects,
    ...(body.slot === undefined ? {} : { slot: body.slot }),
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause }),
    ...(attempts === undefined ? {} : { attempts }),
  };
}

/** What the body is about; nothing when it cannot be read, which may be why it died. */
function readBody(source: DeadLetterQueue, body: string): Pick<DeadLetter, 'subjects' | 'slot'> {
  try {
    switch (source.holds) {
      case 'snapshot-units': {
        const { volumeIds, slot } = parseSnapshotUnit(body);
        return { subjects: volumeIds, slot };
      }
      case 'copies':
        return { subjects: copySubjects(parseCopyWork(body)) };
    }
  } catch (error) {
    if (isAppError(error, 'CONTRACT')) return { subjects: [] };
    throw error;
  }
}

function copySubjects(work: CopyWork): readonly SnapshotId[] {
  switch (work.kind) {
    case 'copy':
      return [work.message.snapshotId];
    case 'event':
      return work.snapshotIds;
    case 'ignore':
      return [];
  }
}
