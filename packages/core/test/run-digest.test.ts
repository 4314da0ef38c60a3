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
    expect(body).toContain('\n  snapshot failed: DENIED: no kms:CreateGrant');
    expect(body).toContain(`snapshot ${snapshotId(2)}`);
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

    const { body } = renderDigest(anAssessment([anOutcome(1, { copies })]));

    expect(body).toContain(`  copy to ${AWAY} failed: Given key ID is not accessible`);
    expect(body).toContain(`copy ${snapshotId(7)}`);
  });

  const failedOf = (number: number, problem: string): VolumeOutcome =>
    anOutcome(number, { snapshot: 'failed', problem, copies: [] });

  it('tells a cause once, with its volumes under it, also when it names each of them', () => {
    const denied = (number: number): VolumeOutcome =>
      failedOf(number, `no ec2:CreateSnapshot on volume/${volumeId(number)}: no identity-based policy`);
    const { body } = renderDigest(anAssessment([denied(1), failedOf(2, 'Internal error'), denied(3)]));

    expect(body.match(/identity-based policy/g)).toHaveLength(1);
    expect(body).toContain('volume/vol-*: no identity-based policy');
    const order = [volumeId(1), volumeId(3), 'Internal error', volumeId(2)].map((text) => body.indexOf(text));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('does not cut a cause of 700 characters', () => {
    const cause = `${'x'.repeat(660)} because no identity-based policy allows`;

    expect(renderDigest(anAssessment([failedOf(1, cause)])).body).toContain(cause);
  });

  it('names a volume of every cause before many of one', () => {
    const many = Array.from({ length: 200 }, (_, index) => failedOf(index + 1, 'no key'));
    const { body } = renderDigest(anAssessment([...many, failedOf(999, 'Internal error')]));

    expect(body).toContain(volumeId(999));
    expect(body.match(/ of i-/g)).toHaveLength(50);
    expect(body).toContain('and 151 more');
  });

  it('has notes after its counts', () => {
    const { body } = renderDigest(anAssessment([failedOf(1, 'bad')]), ['A note.\n  of two lines', '']);

    expect(body).toMatch(/^Smart Vault PARTIAL/);
    expect(body).toMatch(/\nCopies: .*\n\nA note\.\n {2}of two lines\n\nNOT PROTECTED/);
  });

  it('of a good run asks about the volumes that are no longer there', () => {
    const gone = anOutcome(2, { snapshot: 'gone', problem: 'deleted', copies: [] });

    expect(renderDigest(anAssessment([anOutcome(1), gone], 'OK')).body).toContain(
      'Nothing to do, unless one of the volumes above should still be there.',
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
