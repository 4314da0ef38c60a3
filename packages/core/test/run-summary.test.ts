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
  aVolume,
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
  /** Numbers of the volumes that are selected now. */
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
    volumesNow: [1, 2].map((each) => aVolume(each)),
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
      problem: 'Internal error; DENIED after 5 attempts, dead-lettered in dlq: no key',
    });
  });

  it.each([
    [
      'st1',
      expect.stringMatching(
        /^its failed snapshot of \S+Z is still there, and EC2 counts that as in progress/,
      ),
    ],
    ['gp3', undefined],
  ])('that is missing says what blocks it: an %s volume with a failed snapshot', (volumeType, problem) => {
    const failed = aSource({ id: 3, volume: 2, slot: slotDaysAgo(1) }, { state: 'error' });
    const volumesNow = [aVolume(1), aVolume(2, { volumeType })];
    const [, volume] = assessRun(
      given({ sourceSnapshots: [aSource({ id: 1 }), failed], volumesNow }),
    ).volumes;

    expect([volume?.snapshot, volume?.problem]).toEqual(['missing', problem]);
  });

  it('without a snapshot has failed when there is a dead letter, and is missing otherwise', () => {
    const sourceSnapshots = [aSource({ id: 1 })];
    const deadLetters = [{ queue: 'dlq', subjects: [volumeId(2)], code: 'INVALID', cause: 'bad' }];

    expect(assessRun(given({ sourceSnapshots })).volumes[1]?.snapshot).toBe('missing');
    expect(assessRun(given({ sourceSnapshots, deadLetters })).volumes[1]).toMatchObject({
      snapshot: 'failed',
      problem: 'INVALID, dead-lettered in dlq: bad',
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

describe('an attached volume that is left out though nobody opted it out', () => {
  const only1 = { scheduled: { [instanceId(1)]: [volumeId(1)] }, sourceSnapshots: [aSource({ id: 1 })] };
  const leftOut = (text: string, with_: Partial<Exclusion> = {}): AssessInput['selection'] => ({
    ...given({ volumes: [1] }).selection,
    excluded: [{ volumeId: volumeId(2), instanceId: instanceId(1), reason: 'gone', text, ...with_ }],
  });
  const broken = {
    selection: leftOut('the volume is in state error: its hardware has failed'),
    volumesNow: [aVolume(1), aVolume(2, { state: 'error' })],
  };

  it.each([
    ['and the run never scheduled it', only1],
    ['and the run had scheduled it', { sourceSnapshots: only1.sourceSnapshots }],
    ['and the run does not say', { scheduled: null, sourceSnapshots: only1.sourceSnapshots }],
  ])('counts as unprotected when its hardware has failed %s', (_, run) => {
    const assessment = assessRun(given({ ...broken, ...run }));

    expect(assessment).toMatchObject({
      status: 'PARTIAL',
      counts: { selected: 2, protected: 1, missing: 1, gone: 0 },
      volumes: [
        { snapshot: 'good' },
        { snapshot: 'missing', problem: expect.stringMatching(/^its hardware has failed \(state error\)/) },
      ],
    });
  });

  it('is not waited for when its hardware has failed', () => {
    expect(assessRun(given({ ...broken, ...only1, ...early })).status).toBe('PARTIAL');
  });

  it('counts as protected when its snapshot came before its hardware failed', () => {
    const assessment = assessRun(given(broken));

    expect(assessment.status).toBe('OK');
    expect(assessment.volumes[1]).not.toHaveProperty('problem');
  });

  it('tells of failed hardware also when it is attached twice, and when there is a dead letter', () => {
    const twice = leftOut('x').excluded.concat({
      volumeId: volumeId(2),
      instanceId: instanceId(2),
      reason: 'attached-elsewhere',
      text: `also attached to ${instanceId(1)}, which it belongs to`,
    });
    const deadLetters = [{ queue: 'dlq', subjects: [volumeId(2)], code: 'INVALID', cause: 'bad' }];
    const { volumes } = assessRun(
      given({ ...broken, ...only1, deadLetters, selection: { ...broken.selection, excluded: twice } }),
    );

    expect(volumes.map((each) => each.snapshot)).toEqual(['good', 'failed']);
    expect(volumes[1]?.problem).toMatch(/^its hardware has failed.*; INVALID, dead-lettered in dlq: bad$/);
  });

  it.each([
    ['gone', 'EC2 does not know the volume any more'],
    ['deleting', 'the volume is deleting'],
    ['attached-elsewhere', `also attached to ${instanceId(9)}, which it belongs to`],
  ] as const)('is named as gone, with why, when it is %s; the run stays OK', (reason, text) => {
    const assessment = assessRun(given({ ...only1, selection: leftOut(text, { reason }) }));

    expect([assessment.status, assessment.counts.selected]).toEqual(['OK', 1]);
    expect(assessment.volumes[1]).toMatchObject({
      volumeId: volumeId(2),
      snapshot: 'gone',
      copies: [],
      problem: text,
    });
  });

  it('is not gone when it is selected through its other instance', () => {
    const selection = {
      ...leftOut('shared', { reason: 'attached-elsewhere', instanceId: instanceId(2) }),
      units: given({ volumes: [1, 2] }).selection.units,
    };

    expect(assessRun(given({ ...only1, selection })).volumes.map((each) => each.volumeId)).toEqual([
      volumeId(1),
    ]);
  });
});

describe('a reason', () => {
  it('keeps the end of a long message: that is where IAM says which policy is missing', () => {
    const cause = `${'x'.repeat(640)} because no identity-based policy allows it`;
    const deadLetters = [{ queue: 'dlq', subjects: [volumeId(2)], code: 'DENIED', cause, attempts: 5 }];
    const error = aSource({ id: 2, volume: 2 }, { state: 'error', stateMessage: 'y'.repeat(690) });
    const { volumes } = assessRun(given({ deadLetters, sourceSnapshots: [error] }));

    expect(volumes[1]?.problem).toBe(
      `${'y'.repeat(690)}; DENIED after 5 attempts, dead-lettered in dlq: ${cause}`,
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
      {
        region: FAR,
        state: 'failed',
        problem: `DENIED, dead-lettered in smart-vault-copies-${FAR}-dlq: no key`,
      },
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

  const days = (count: number): number => count * 24 * 3_600 + 6 * 3_600;

  it('count a volume that was never copied from its oldest good point', () => {
    const sourceSnapshots = [0, 1, 3].map((ago) => aSource({ id: ago + 1, slot: slotDaysAgo(ago) }));
    sourceSnapshots.push(aSource({ id: 9, slot: slotDaysAgo(5) }, { state: 'error' }));
    const scheduled = { [instanceId(1)]: [volumeId(1)] };
    const copies = new Map([[AWAY, []]]);

    expect(values(given({ scheduled, sourceSnapshots, copies }))).toMatchObject({
      OldestPointAgeSeconds: 6 * 3_600 - 60,
      OldestCopyAgeSeconds: days(3),
    });
  });

  it('count a volume that never had a good point from the oldest attempt that is left', () => {
    const sourceSnapshots = [0, 1, 4].map((ago) =>
      aSource({ id: ago + 1, slot: slotDaysAgo(ago) }, { state: 'error' }),
    );
    const scheduled = { [instanceId(1)]: [volumeId(1)] };
    const copies = new Map([[AWAY, []]]);

    expect(values(given({ scheduled, sourceSnapshots, copies }))).toMatchObject({
      OldestPointAgeSeconds: days(4),
      OldestCopyAgeSeconds: days(4),
    });
  });

  it('count from the run itself when all that there is came after it', () => {
    const later = [aSource({ id: 1, slot: slotDaysAgo(-1) })];
    const input = {
      scheduled: { [instanceId(1)]: [volumeId(1)] },
      copies: new Map([[AWAY, []]]),
      now: START + 30 * HOUR,
    };

    expect(values(given({ ...input, sourceSnapshots: later }))['OldestCopyAgeSeconds']).toBe(30 * 3_600);
    const failed = later.map((each): typeof each => ({ ...each, state: 'error' }));
    expect(values(given({ ...input, sourceSnapshots: failed }))).toMatchObject({
      OldestPointAgeSeconds: 30 * 3_600,
      OldestCopyAgeSeconds: 30 * 3_600,
    });
  });

  it('do not call a copy late because its destination could not be listed', () => {
    const sourceSnapshots = [0, 3].map((ago) => aSource({ id: ago + 1, slot: slotDaysAgo(ago) }));
    const input = given({ sourceSnapshots, copies: new Map() });

    expect(values(input)['OldestCopyAgeSeconds']).toBe(6 * 3_600);
  });
});

it('does not depend on when the run is looked at but for the deadline', () => {
  expect(assessRun(given({ now: NOW + 5 * HOUR })).counts).toEqual(assessRun(given()).counts);
});
