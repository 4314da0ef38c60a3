import { type QueueSpec, type SqsFaults, SqsService, VirtualClock } from '../../src/index.ts';

export const START_MS = Date.UTC(2026, 10, 2, 3);
export const SECOND = 1_000;

/** One account with queues, and a clock. */
export function anAccount(faults: SqsFaults = {}, seed = 1) {
  const clock = new VirtualClock(START_MS);
  const sqs = new SqsService({
    clock,
    seed,
    accountId: '123456789012',
    queueUrl: (name) => `https://sqs.local/${name}`,
    faults,
  });
  return {
    clock,
    sqs,
    /** A queue with a visibility timeout of 30 s and a retention of an hour. */
    queue: (spec: Partial<QueueSpec> = {}) => {
      const fifo = spec.fifo ?? false;
      return sqs.createQueue({
        name: fifo ? 'work.fifo' : 'work',
        region: 'us-east-1',
        fifo,
        visibilityTimeoutSeconds: 30,
        retentionSeconds: 3_600,
        delaySeconds: 0,
        ...spec,
      });
    },
    pass: (seconds: number) => clock.advanceTo(clock.now() + seconds * SECOND),
  };
}

export const bodies = (messages: readonly { readonly body: string }[]): string[] =>
  messages.map(({ body }) => body);
/** A FIFO message whose group is its first letter. */
export const fifo = (body: string) => ({ body, groupId: body.slice(0, 1), deduplicationId: body });
