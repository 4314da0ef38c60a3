import type { DeadLetter, Log, ReconcileInputs, Region } from '@smart-vault/core';
import { type DeadLetterQueue, readDeadLetters } from '@smart-vault/lambda-kit';

/** The dead-letter queues of the two pumps. */
export interface DeadLetterPorts {
  /** Of `volumes.fifo`. */
  readonly volumesDeadLetters: DeadLetterQueue;
  /** Of `copies-<destination>`, by destination. */
  readonly copiesDeadLetters: ReadonlyMap<Region, DeadLetterQueue>;
  readonly log: Log;
}

export type Letters = NonNullable<ReconcileInputs['deadLetters']>;

/** Letters of one queue that are looked at, at 20 ms each. What is beyond counts as having no letter. */
const LETTERS_MAX = 2_000;

/** What lies in the dead-letter queues. One that cannot be read counts as empty: its things are then enqueued. */
export async function readLetters(ports: DeadLetterPorts): Promise<Letters> {
  const read = (queue: DeadLetterQueue) => readDeadLetters([queue], ports.log, LETTERS_MAX);
  const copies = new Map<Region, readonly DeadLetter[]>();
  for (const [region, queue] of ports.copiesDeadLetters) copies.set(region, await read(queue));
  return { units: await read(ports.volumesDeadLetters), copies };
}
