import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CopyPlanInput, planCopy, pointOf, type Snapshot } from '../src/index.ts';
import { AWAY, aCopy, aSource, HOME, NOW, snapshotId, VAULT } from './builders.ts';

const state = fc.constantFrom('pending', 'completed', 'error', 'recoverable', 'recovering' as const);
const tags = fc.dictionary(
  fc.constantFrom(
    'smart-vault:vault',
    'smart-vault:slot',
    'smart-vault:condemned-at',
    'smart-vault:volume',
    'Name',
    'CopiedFrom',
  ),
  fc.oneof(fc.string(), fc.constant(VAULT), fc.constant('2026-11-20T00:00:00Z')),
  { maxKeys: 2 },
);
const source = fc.option(
  fc
    .record({
      state,
      tags,
      encrypted: fc.boolean(),
      storageTier: fc.constantFrom('standard', 'standard', 'archive' as const),
    })
    .map(({ tags: extra, ...with_ }) => aSource({ id: 1, tags: extra }, with_)),
  { nil: undefined },
);
const copy = fc
  .record({
    id: fc.integer({ min: 2_000, max: 2_020 }),
    of: fc.constantFrom(1, 1, 2),
    state,
    vault: fc.constantFrom(VAULT, VAULT, 'other'),
  })
  .map(({ state: now, ...facts }) => aCopy(facts, { state: now, stateMessage: 'x' }));
const input: fc.Arbitrary<CopyPlanInput> = fc.record({
  message: fc.record({ snapshotId: fc.constant(snapshotId(1)), attemptsForgiven: fc.nat(5) }),
  source,
  existing: fc.array(copy, { maxLength: 8 }),
  vault: fc.constant(VAULT),
  destination: fc.constant(AWAY),
  messageAgeMs: fc.nat(1_000_000),
  attemptsMax: fc.integer({ min: 1, max: 5 }),
  now: fc.constant(NOW),
});
/** Of our vault, by its tags a copy of the source, and for the same slot. */
const isOurs =
  (given: CopyPlanInput) =>
  ({ tags: own }: Snapshot): boolean =>
    own['OriginalSnapshotId'] === snapshotId(1) &&
    own['smart-vault:vault'] === VAULT &&
    own['smart-vault:slot'] === given.source?.tags['smart-vault:slot'];

it('never copies an incomplete, foreign or condemned source, nor one that has a good or pending copy', () => {
  fc.assert(
    fc.property(input, (given) => {
      const plan = planCopy(given);

      if (plan.kind !== 'copy') return;
      expect(given.source?.state).toBe('completed');
      expect(given.source?.storageTier).toBe('standard');
      expect(given.source?.tags['smart-vault:vault']).toBe(VAULT);
      expect(given.source?.tags['smart-vault:condemned-at']).toBeUndefined();
      expect(given.existing.filter(isOurs(given)).map((each) => each.state)).not.toContain('completed');
      expect(given.existing.filter(isOurs(given)).map((each) => each.state)).not.toContain('pending');
    }),
    { numRuns: 1_000 },
  );
});

it('gives up exactly when the failed copies that are not forgiven reach the limit, and a redrive tries again', () => {
  fc.assert(
    fc.property(input, (given) => {
      const plan = planCopy(given);
      const failures = given.existing.filter((each) => isOurs(given)(each) && each.state === 'error').length;

      if (plan.kind === 'copy')
        expect(failures - given.message.attemptsForgiven).toBeLessThan(given.attemptsMax ?? 3);
      if (plan.kind !== 'dead-letter') return;
      expect(failures - given.message.attemptsForgiven).toBeGreaterThanOrEqual(given.attemptsMax ?? 3);
      const redriven = { ...given, message: { ...given.message, attemptsForgiven: plan.attemptsForgiven } };
      expect(planCopy(redriven).kind).toBe('copy');
    }),
    { numRuns: 1_000 },
  );
});

it('is born owned: the copy it asks for reads as the copy of this source, and then nothing is left to do', () => {
  fc.assert(
    fc.property(input, (given) => {
      const plan = planCopy(given);
      if (plan.kind !== 'copy') return;

      const made = aCopy({ id: 3_000 }, { tags: plan.request.tags, state: 'pending' });

      expect(pointOf(made, VAULT)).toMatchObject({
        kind: 'owned',
        point: {
          originalSnapshotId: snapshotId(1),
          copiedFrom: HOME,
          slot: plan.point.slot,
          volumeId: plan.point.volumeId,
        },
      });
      expect(planCopy({ ...given, existing: [...given.existing, made] }).kind).toBe('done');
    }),
    { numRuns: 300 },
  );
});
