import { describe, expect, it } from 'vitest';
import {
  type AssessInput,
  assessRun,
  type DeadLetter,
  type Exclusion,
  type InstanceId,
  type RunMessage,
  runMetrics,
  type VolumeId,
} from '../src/index.ts';
import {
  AWAY,
  aCopy,
  anInstance,
  aPolicy,
  aSource,
  FAR,
  HOUR,
  instanceId,
  NOW,
  SLOT,
  slotDaysAgo,
  snapshotId,
  VAULT,
  volumeId,
} from './builders.ts';

const START = Date.parse(SLOT);
interface Given extends Partial<AssessInput> {
  readonly volumes?: readonly number[];
  readonly scheduled?: Record<InstanceId, VolumeId[]> | null;
}
/** Instance 1 with volumes 1 and 2, scheduled and still selected; the deadline is over. */
const given = ({ volumes = [1, 2], scheduled, ...with_ }: Given = {}): AssessInput => {
  const named = scheduled === undefined ? { [instanceId(1)]: [1, 2].map(volumeId) } : scheduled;
  const run: RunMessage = {
    v: 1,
    kind: 'run',
    vault: VAULT,
    policy: 'default',
    slot: SLOT,
    startedAt: START,
    instances: 1,
    units: 1,
    volumes: 2,
    check: 3,
    ...(named === null ? {} : { scheduled: named as NonNullable<RunMessage['scheduled']> }),
  };
  return {
    run,
    selection: {
      units: [{ id: instanceId(1), instanceId: instanceId(1), volumeIds: volumes.map(volumeId) }],
      excluded: [],
      empty: [],
    },
    instances: [anInstance(1, [1, 2], { tags: { Name: 'web\u202e-1', backup: 'true' } })],
    sourceSnapshots: [aSource({ id: 1, volume: 1 }), aSource({ id: 2, volume: 2 })],
    copies: new Map([[AWAY, [aCopy({ id: 1001, volume: 1, of: 1 }), aCopy({ id: 1002, volume: 2, of: 2 })]]]),
    deadLetters: [],
    policy: aPolicy(),
    now: START + 6 * HOUR,
    deadlineMs: START + 6 * HOUR,
    ...with_,
  };
};
const early = { now: START + HOUR };

describe('status', () => {
  it('is OK when every volume has a good snapshot and good copies, also before the deadline', () => {
    const assessment = assessRun(given(early));

    expect(assessment.status).toBe('OK');
    expect(assessment.counts).toEqual({
      selected: 2,
      protected: 2,
      good: 2,
      pending: 0,
      failed: 0,
      missing: 0,
      gone: 0,
      excluded: 0,
      unaccounted: 0,
      copiesExpected: 2,
      copiesGood: 2,
      copiesPending: 0,
      copiesFailed: 0,
      copiesMissing: 0,
    });
  });

  it.each([
    ['a snapshot is missing', { sourceSnapshots: [aSource({ id: 1 })] }],
    [
      'a snapshot is pending',
      { sourceSnapshots: [aSource({ id: 1 }), aSource({ id: 2, volume: 2 }, { state: 'pending' })] },
    ],
    [
      'a snapshot has failed',
      { sourceSnapshots: [aSource({ id: 1 }), aSource({ id: 2, volume: 2 }, { state: 'error' })] },
    ],
    ['a copy is missing', { copies: new Map([[AWAY, [aCopy()]]]) }],
    [
      'a copy is pending',
      { copies: new Map([[AWAY, [aCopy(), aCopy({ id: 1002, volume: 2, of: 2 }, { state: 'pending' })]]]) },
    ],
    ['a destination could not be listed', { copies: new Map() }],
    ['one of two destinations has nothing', { policy: aPolicy({ destinations: [AWAY, FAR] }) }],
  ])('is IN_PROGRESS before the deadline and PARTIAL after it when %s', (_, change) => {
    expect(assessRun(given({ ...change, ...early })).status).toBe('IN_PROGRESS');
    expect(assessRun(given(change)).status).toBe('PARTIAL');
  });

  it('is FAILED after the deadline when no volume has a good snapshot', () => {
    expect(assessRun(given({ sourceSnapshots: [] })).status).toBe('FAILED');
  });

  it('is FAILED when nothing was selected: silence is no success', () => {
    const selection = { units: [], excluded: [], empty: [] };

    expect(assessRun(given({ ...early, selection, scheduled: {}, sourceSnapshots: [] })).status).toBe(
      'FAILED',
    );
  });

  it('does not wait for the deadline when everything that is left is dead-lettered for this slot', () => {
    const letter: DeadLetter = {
      queue: 'smart-vault-volumes-dlq.fifo',
      subjects: [volumeId(2)],
      code: 'DENIED',
      cause: 'no kms:CreateGrant',
      attempts: 5,
    };
    const sourceSnapshots = [aSource({ id: 1 })];

    expect(
      assessRun(given({ ...early, sourceSnapshots, deadLetters: [{ ...letter, slot: SLOT }] })).status,
    ).toBe('PARTIAL');
    expect(
      assessRun(given({ ...early, sourceSnapshots, deadLetters: [{ ...letter, slot: slotDaysAgo(1) }] }))
        .status,
    ).toBe('IN_PROGRESS');
    expect(assessRun(given({ ...early, sourceSnapshots, deadLetters: [letter] })).status).toBe('IN_PROGRESS');
  });

  it('does not count snapshots of another slot, policy or vault', () => {
    const sourceSnapshots = [
      aSource({ id: 1, slot: slotDaysAgo(1) }),
      aSource({ id: 2, volume: 2, policy: 'weekly' }),
      aSource({ id: 3, volume: 2, vault: 'x' }),
    ];

    expect(assessRun(given({ sourceSnapshots })).counts.good).toBe(0);
  });
});

describe('a volume', () => {
  it('tells its instance by name, made harmless', () => {
    expect(assessRun(given()).volumes[0]).toMatchObject({
      volumeId: volumeId(1),
      instanceName: 'web?-1',
      snapshotId: snapshotId(1),
    });
  });

  it('that failed tells why, in the words of EC2 and of its dead letter', () => {
    const sourceSnapshots = [
      aSource({ id: 1 }),
      aSource({ id: 2, volume: 2 }, { state: 'error', stateMessage: 'Internal\nerror' }),
    ];
    const deadLetters = [
      { queue: 'dlq', subjects: [volumeId(2)], code: 'DENIED', cause: 'no key', attempts: 5 },
    ];

    expect(assessRun(given({ sourceSnapshots, deadLetters })).volumes[1]).toMatchObject({
      snapshot: 'failed',
      problem: 'Internal error; DENIED: no key (5 attempts), dead-lettered in dlq',
    });
  });

  it('without a snapshot has failed when there is a dead letter, and is missing otherwise', () => {
    const sourceSnapshots = [aSource({ id: 1 })];
    const deadLetters = [{ queue: 'dlq', subjects: [volumeId(2)], code: 'INVALID', cause: 'bad' }];

    expect(assessRun(given({ sourceSnapshots })).volumes[1]?.snapshot).toBe('missing');
    expect(assessRun(given({ sourceSnapshots, deadLetters })).volumes[1]).toMatchObject({
      snapshot: 'failed',
      problem: expect.stringContaining('INVALID: bad'),
    });
  });

  it('has a good one when a second attempt succeeded', () => {
    const sourceSnapshots = [
      aSource({ id: 1 }),
      aSource({ id: 2, volume: 2 }, { state: 'error' }),
      aSource({ id: 3, volume: 2 }),
    ];

    expect(assessRun(given({ sourceSnapshots })).volumes[1]).toMatchObject({
      snapshot: 'good',
      snapshotId: snapshotId(3),
    });
  });

  it('that is gone or opted out since owes nothing, and is told apart', () => {
    const excluded: Exclusion[] = [
      {
        volumeId: volumeId(2),
        instanceId: instanceId(1),
        reason: 'opted-out',
        text: 'its tag says backup=false',
      },
    ];
    const selection = given({ volumes: [1] }).selection;
    const sourceSnapshots = [aSource({ id: 1 })];

    const gone = assessRun(given({ selection, sourceSnapshots }));
    const out = assessRun(given({ selection: { ...selection, excluded }, sourceSnapshots }));

    expect([gone.status, gone.counts.selected, gone.volumes[1]?.snapshot]).toEqual(['OK', 1, 'gone']);
    expect([out.status, out.counts.selected, out.volumes[1]?.snapshot]).toEqual(['OK', 1, 'excluded']);
  });

  it('that is gone but has its snapshot counts as any other', () => {
    expect(assessRun(given({ volumes: [1] })).counts).toMatchObject({ selected: 2, protected: 2, gone: 0 });
  });

  it('that was selected after the run is not part of it', () => {
    expect(assessRun(given({ volumes: [1, 2, 3] })).volumes.map((each) => each.volumeId)).toEqual(
      [1, 2].map(volumeId),
    );
  });
});

describe('a run that does not say what it scheduled', () => {
  it('is judged by what is selected now and what has a snapshot', () => {
    const assessment = assessRun(given({ scheduled: null, volumes: [1] }));

    expect(assessment.volumes.map((each) => each.snapshot)).toEqual(['good', 'good']);
    expect(assessment.counts.unaccounted).toBe(0);
  });

  it('admits volumes that it cannot name', () => {
    expect(
      assessRun(given({ scheduled: null, volumes: [1], sourceSnapshots: [aSource({ id: 1 })] })).counts,
    ).toMatchObject({ selected: 1, unaccounted: 1 });
  });
});

describe('a copy', () => {
  it('of several destinations takes the dead letter of its own queue', () => {
    const deadLetters = [
      { queue: `smart-vault-copies-${FAR}-dlq`, subjects: [snapshotId(1)], code: 'DENIED', cause: 'no key' },
    ];
    const policy = aPolicy({ destinations: [AWAY, FAR] });
    const copies = new Map([
      [AWAY, []],
      [FAR, []],
    ]);

    expect(assessRun(given({ policy, copies, deadLetters })).volumes[0]?.copies).toMatchObject([
      { region: AWAY, state: 'missing' },
      { region: FAR, state: 'failed', problem: expect.stringContaining('DENIED: no key') },
    ]);
  });

  it('is missing, not good, when its destination could not be listed', () => {
    expect(assessRun(given({ copies: new Map() })).volumes[0]?.copies).toMatchObject([
      { state: 'missing', problem: `the snapshots of ${AWAY} could not be listed` },
    ]);
  });
});

describe('metrics', () => {
  const values = (input: AssessInput): Record<string, number> =>
    Object.fromEntries(runMetrics(assessRun(input)).map((each) => [each.name, each.value]));

  it('hold every number, zeros included', () => {
    expect(values(given({ sourceSnapshots: [], copies: new Map([[AWAY, []]]) }))).toEqual({
      SnapshotsCreated: 0,
      CopiesCompleted: 0,
      VolumesSelected: 2,
      VolumesUnprotected: 2,
      OldestPointAgeSeconds: 6 * 3_600,
      OldestCopyAgeSeconds: 6 * 3_600,
    });
  });

  it('give the age of the last good point of the worst volume, from the start of its source', () => {
    const yesterday = aSource({ id: 9, volume: 2, slot: slotDaysAgo(1) });
    const sourceSnapshots = [
      aSource({ id: 1 }),
      yesterday,
      aSource({ id: 2, volume: 2 }, { state: 'error' }),
    ];

    expect(values(given({ sourceSnapshots }))).toMatchObject({
      SnapshotsCreated: 1,
      CopiesCompleted: 2,
      VolumesUnprotected: 1,
      OldestPointAgeSeconds: 30 * 3_600 - 60,
      OldestCopyAgeSeconds: 6 * 3_600 - 60,
    });
  });
});

it('does not depend on when the run is looked at but for the deadline', () => {
  expect(assessRun(given({ now: NOW + 5 * HOUR })).counts).toEqual(assessRun(given()).counts);
});
