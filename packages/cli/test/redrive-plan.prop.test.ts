import type { Region } from '@smart-vault/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deadLetterQueues, planRedrive } from '../src/dlq/redrive-plan.ts';
import type { VaultQueue } from '../src/vault/find-vault.ts';

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const aQueue = (name: string, visible: number, inFlight: number, dlq?: string): VaultQueue => ({
  name,
  url: `https://sqs/${name}`,
  arn: arnOf(name),
  region: 'us-east-1' as Region,
  role: 'copies',
  fifo: false,
  depth: { visible, inFlight, delayed: 0 },
  retentionSeconds: 345_600,
  visibilitySeconds: 420,
  createdAt: 0,
  ...(dlq === undefined ? {} : { redrive: { deadLetterArn: arnOf(dlq), maxReceiveCount: 5 } }),
});

/** Work queues with their dead-letter queues, dead-letter queues of nobody, and queues that have none; shuffled. */
const vaults = fc
  .array(
    fc.record({
      kind: fc.constantFrom('pair', 'orphan', 'plain'),
      visible: fc.nat({ max: 3 }),
      inFlight: fc.nat({ max: 3 }),
    }),
    { maxLength: 8 },
  )
  .chain((parts) => {
    const queues = parts.flatMap(({ kind, visible, inFlight }, n) => {
      if (kind === 'plain') return [aQueue(`v-${n}`, visible, inFlight)];
      const dlq = aQueue(`v-${n}-dlq`, visible, inFlight);
      return kind === 'orphan' ? [dlq] : [aQueue(`v-${n}`, 1, 1, dlq.name), dlq];
    });
    return fc.shuffledSubarray(queues, { minLength: queues.length });
  });

test('every dead-letter queue that holds letters gets one step: back to its own source, or stay', () => {
  fc.assert(
    fc.property(vaults, (queues) => {
      const steps = planRedrive(deadLetterQueues(queues));

      const dlqs = queues.filter(({ name }) => name.endsWith('-dlq'));
      const filled = dlqs.filter(({ depth }) => depth.visible + depth.inFlight > 0);
      expect(steps.map(({ from }) => from.name)).toEqual(filled.map(({ name }) => name).sort());
      for (const step of steps) {
        const { name, depth } = step.from;
        expect(step.letters).toBe(depth.visible + depth.inFlight);
        const source = queues.find((queue) => queue.name === name.replace('-dlq', ''));
        expect(step.kind === 'move' ? step.to.name : undefined).toBe(source?.name);
      }
    }),
    { seed: 20_261_122 },
  );
});
