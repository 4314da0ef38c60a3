import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RunAssessment, type RunStatus, renderDigest, type VolumeOutcome } from '../src/index.ts';
import { AWAY, HOUR, instanceId, SLOT, snapshotId, VAULT, volumeId } from './builders.ts';

const anOutcome = (number: number, with_: Partial<VolumeOutcome> = {}): VolumeOutcome => ({
  volumeId: volumeId(number),
  instanceId: instanceId(1),
  instanceName: 'web-1',
  snapshot: 'good',
  snapshotId: snapshotId(number),
  copies: [{ region: AWAY, state: 'good', snapshotId: snapshotId(1000 + number) }],
  newestPointAt: Date.parse(SLOT),
  ...with_,
});
const anAssessment = (volumes: readonly VolumeOutcome[], status: RunStatus = 'PARTIAL'): RunAssessment => {
  const tally = (state: string): number => volumes.filter((each) => each.snapshot === state).length;
  return {
    status,
    vault: VAULT,
    policy: 'default',
    slot: SLOT,
    at: Date.parse(SLOT) + 6 * HOUR,
    volumes,
    counts: {
      selected: volumes.length - tally('gone') - tally('excluded'),
      protected: volumes.filter(
        (each) => each.snapshot === 'good' && each.copies.every((copy) => copy.state === 'good'),
      ).length,
      good: tally('good'),
      pending: tally('pending'),
      failed: tally('failed'),
      missing: tally('missing'),
      gone: tally('gone'),
      excluded: tally('excluded'),
      unaccounted: 0,
      copiesExpected: volumes.length,
      copiesGood: 1,
      copiesPending: 0,
      copiesFailed: 1,
      copiesMissing: 0,
    },
  };
};

describe('the digest', () => {
  it('of a good run says so in its subject and little else', () => {
    const { subject, body } = renderDigest(anAssessment([anOutcome(1), anOutcome(2)], 'OK'));

    expect(subject).toBe('Smart Vault OK: 2 of 2 volumes, 2026-11-22 03:00 UTC');
    expect(body).toContain('Nothing to do.');
    expect(body).not.toContain('NOT PROTECTED');
  });

  it('names what failed, and why, and how old the last good point is', () => {
    const failed = anOutcome(2, {
      snapshot: 'failed',
      problem: 'DENIED: no kms:CreateGrant (5 attempts), dead-lettered in dlq',
      copies: [{ region: AWAY, state: 'missing' }],
    });
    const { subject, body } = renderDigest(anAssessment([anOutcome(1), failed]));

    expect(subject).toBe('Smart Vault PARTIAL: 1 of 2 volumes, 2026-11-22 03:00 UTC');
    expect(body).toContain(`${volumeId(2)} of ${instanceId(1)} (web-1)`);
    expect(body).toContain(`snapshot failed (${snapshotId(2)}): DENIED: no kms:CreateGrant`);
    expect(body).toContain('last good point 2026-11-22T03:00Z');
    expect(body).not.toContain(volumeId(1));
    expect(body.match(/copy to/g)).toBeNull();
  });

  it('names the copy that failed when the snapshot is good', () => {
    const copies = [
      {
        region: AWAY,
        state: 'failed' as const,
        snapshotId: snapshotId(7),
        problem: 'Given key ID is not accessible',
      },
    ];

    expect(renderDigest(anAssessment([anOutcome(1, { copies })])).body).toContain(
      `copy to ${AWAY} failed (${snapshotId(7)}): Given key ID is not accessible`,
    );
  });

  it('says that nothing is selected', () => {
    const { subject, body } = renderDigest(anAssessment([], 'FAILED'));

    expect(subject).toBe('Smart Vault FAILED: 0 of 0 volumes, 2026-11-22 03:00 UTC');
    expect(body).toContain('No volume is selected');
  });

  it('tells what is gone and what was left out on purpose, apart from what failed', () => {
    const { body } = renderDigest(
      anAssessment([
        anOutcome(1, { snapshot: 'gone', problem: 'deleted' }),
        anOutcome(2, { snapshot: 'excluded', problem: 'its tag says backup=false' }),
      ]),
    );

    expect(body).toMatch(/NO LONGER THERE \(1\)\n.*deleted/);
    expect(body).toMatch(/LEFT OUT ON PURPOSE \(1\)\n.*backup=false/);
  });

  it('names 50 volumes and counts the rest', () => {
    const failed = Array.from({ length: 1_234 }, (_, index) =>
      anOutcome(index + 1, { snapshot: 'failed', problem: 'x'.repeat(5_000) }),
    );
    const { body } = renderDigest(anAssessment(failed, 'FAILED'));

    expect(body).toContain('NOT PROTECTED (1234)');
    expect(body.match(/ of i-/g)).toHaveLength(50);
    expect(body).toContain('and 1184 more');
    expect(new TextEncoder().encode(body).length).toBeLessThan(256_000);
  });
});

it('is fit for SNS whatever the names and causes say, and never hides a failure', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.constantFrom('a\r\nSubject: x', '\u202e\u2066evil', '\ud800', '\u0000\u001b[2J'),
  );
  const outcome = fc.record({
    number: fc.integer({ min: 1, max: 1_000 }),
    name: text,
    problem: text,
    snapshot: fc.constantFrom('good', 'failed', 'missing', 'pending', 'gone', 'excluded' as const),
    copy: fc.constantFrom('good', 'failed', 'missing', 'pending' as const),
  });
  const status = fc.constantFrom<RunStatus>('OK', 'PARTIAL', 'FAILED');
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 40 }), status, text, (list, state, vault) => {
      const volumes = list.map(({ number, name, problem, snapshot, copy }) =>
        anOutcome(number, {
          instanceName: name,
          problem,
          snapshot,
          copies: [{ region: AWAY, state: copy, problem }],
        }),
      );

      const { subject, body } = renderDigest({ ...anAssessment(volumes, state), vault });

      expect(subject).toMatch(/^Smart Vault (OK|PARTIAL|FAILED)[\x20-\x7e]{1,80}$/);
      expect(subject.length).toBeLessThan(100);
      expect(body).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(body.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      for (const volume of volumes) {
        const isBad =
          !['gone', 'excluded'].includes(volume.snapshot) &&
          (volume.snapshot !== 'good' || volume.copies.some((copy) => copy.state !== 'good'));
        if (isBad) expect(body).toContain(volume.volumeId);
      }
    }),
    { numRuns: 200 },
  );
});
