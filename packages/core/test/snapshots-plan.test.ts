import { describe, expect, it } from 'vitest';
import {
  type Instance,
  planUnit,
  type Snapshot,
  type SnapshotUnitMessage,
  TAG,
  type UnitPlanInput,
  type Volume,
} from '../src/index.ts';
import {
  anInstance,
  aSource,
  aVolume,
  instanceId,
  NOW,
  SLOT,
  slotDaysAgo,
  VAULT,
  volumeId,
} from './builders.ts';

interface Given {
  readonly wanted?: readonly number[];
  readonly instance?: Instance | null;
  readonly volumes?: readonly Volume[];
  readonly existing?: readonly Snapshot[];
}
const given = ({ wanted = [1, 2, 3], instance, volumes, existing = [] }: Given = {}): UnitPlanInput => {
  const message: SnapshotUnitMessage = {
    v: 1,
    kind: 'snapshot-unit',
    vault: VAULT,
    policy: 'default',
    slot: SLOT,
    unit: instanceId(1),
    instanceId: instanceId(1),
    volumeIds: wanted.map(volumeId),
    firstSeenAt: NOW,
  };
  return {
    message,
    instance: instance === null ? undefined : (instance ?? anInstance(1, wanted)),
    volumes: volumes ?? wanted.map((number) => aVolume(number)),
    existing,
    now: NOW,
  };
};
const planned = (input: UnitPlanInput): readonly string[] => {
  const plan = planUnit(input);
  if (plan.kind === 'create-set') return plan.volumeIds;
  return plan.kind === 'create-each' ? plan.requests.map((request) => request.volumeId) : [];
};

describe('a unit of several volumes', () => {
  it('becomes one crash-consistent set when nothing of it exists', () => {
    const plan = planUnit(given());

    expect(plan).toMatchObject({
      kind: 'create-set',
      volumeIds: [volumeId(1), volumeId(2), volumeId(3)],
      gone: [],
      request: {
        instanceId: instanceId(1),
        excludeBootVolume: false,
        excludeDataVolumeIds: [],
        description: `Backup-${instanceId(1)}-2026-11-22`,
        copyTagsFromVolumes: true,
      },
    });
    expect(plan.kind === 'create-set' && plan.request.tags[TAG.slot]).toBe(SLOT);
  });

  it('leaves volumes out of the set that are not wanted: the root by its flag, others by id', () => {
    const instance = anInstance(1, [9, 1, 2, 8]);

    const plan = planUnit(given({ wanted: [1, 2], instance }));

    expect(plan).toMatchObject({
      kind: 'create-set',
      request: { excludeBootVolume: true, excludeDataVolumeIds: [volumeId(8)] },
    });
  });

  it('takes the volumes one by one when more than 40 would have to be left out', () => {
    const others = Array.from({ length: 41 }, (_, index) => 100 + index);

    expect(planUnit(given({ wanted: [1, 2], instance: anInstance(1, [1, 2, ...others]) })).kind).toBe(
      'create-each',
    );
    expect(
      planUnit(given({ wanted: [1, 2], instance: anInstance(1, [1, 2, ...others.slice(1)]) })).kind,
    ).toBe('create-set');
  });

  it('takes them one by one when one has to be left out and the root is not known', () => {
    const { rootDeviceName: _, ...instance } = anInstance(1, [1, 2, 8]);

    expect(planUnit(given({ wanted: [1, 2], instance })).kind).toBe('create-each');
  });

  it('makes up for the rest one by one when a part exists, good or pending', () => {
    const existing = [aSource({ volume: 1 }), aSource({ id: 2, volume: 2 }, { state: 'pending' })];

    const plan = planUnit(given({ existing }));

    expect(plan).toMatchObject({ kind: 'create-each', requests: [{ volumeId: volumeId(3) }] });
    expect(plan.kind === 'create-each' && plan.requests[0]?.tags[TAG.volumes]?.split(' ')).toHaveLength(3);
  });

  it('does not call the rest a set: its moment is not that of the volume that exists', () => {
    const plan = planUnit(given({ existing: [aSource({ volume: 1 })] }));

    expect(plan).toMatchObject({
      kind: 'create-each',
      requests: [{ volumeId: volumeId(2) }, { volumeId: volumeId(3) }],
    });
  });

  it('is done when every volume has a good or pending snapshot of this slot', () => {
    const existing = [1, 2, 3].map((number) => aSource({ id: number, volume: number }));

    expect(planUnit(given({ existing }))).toMatchObject({
      kind: 'done',
      reason: expect.stringContaining('3 of 3'),
    });
  });

  it.each([
    ['in state error', aSource({ volume: 1 }, { state: 'error' })],
    ['of another slot', aSource({ volume: 1, slot: slotDaysAgo(1) })],
    ['of another policy', aSource({ volume: 1, policy: 'weekly' })],
    ['of another vault', aSource({ volume: 1, vault: 'other' })],
  ])('does not count a snapshot %s', (_, snapshot) => {
    expect(planUnit(given({ existing: [snapshot] })).kind).toBe('create-set');
  });

  it('does not let EC2 copy volume tags that do not fit beside ours', () => {
    const volumes = [aVolume(1), aVolume(2), aVolume(3, { tags: { InstanceId: 'mine' } })];

    expect(planUnit(given({ volumes }))).toMatchObject({ request: { copyTagsFromVolumes: false } });
  });
});

describe('a volume that is gone', () => {
  it.each([
    ['deleted', [aVolume(1), aVolume(2)], undefined, /deleted/],
    ['being deleted', [aVolume(1), aVolume(2), aVolume(3, { state: 'deleting' })], undefined, /deleting/],
    [
      'opted out since',
      [aVolume(1), aVolume(2), aVolume(3, { tags: { backup: 'false' } })],
      undefined,
      /opted out/,
    ],
    ['detached', undefined, anInstance(1, [1, 2]), /not attached/],
  ])('(%s) is told with its reason and does not hold up the others', (_, volumes, instance, reason) => {
    const plan = planUnit(given({ ...(volumes ? { volumes } : {}), ...(instance ? { instance } : {}) }));

    expect(plan).toMatchObject({
      kind: 'create-set',
      volumeIds: [volumeId(1), volumeId(2)],
      gone: [{ volumeId: volumeId(3), reason: expect.stringMatching(reason) }],
    });
  });

  it.each([
    ['has vanished', null],
    ['is terminated', anInstance(1, [1, 2, 3], { state: 'terminated' })],
  ])('is every volume of an instance that %s', (_, instance) => {
    expect(planUnit(given({ instance }))).toMatchObject({ kind: 'gone', gone: [{}, {}, {}] });
  });

  it('counts as done when its snapshot was made before', () => {
    const plan = planUnit(given({ wanted: [1], instance: null, existing: [aSource({ volume: 1 })] }));

    expect(plan.kind).toBe('done');
  });
});

describe('a single volume', () => {
  it('is snapshotted by itself, with its own tags beside ours', () => {
    const volumes = [aVolume(1, { tags: { Name: 'data', 'smart-vault:slot': 'x' } })];

    const plan = planUnit(given({ wanted: [1], volumes }));

    expect(plan).toMatchObject({
      kind: 'create-each',
      requests: [
        {
          volumeId: volumeId(1),
          tags: { Name: 'data', [TAG.slot]: SLOT },
          description: `Backup-${instanceId(1)}-2026-11-22`,
        },
      ],
    });
  });

  it('is planned once when the message names it twice', () => {
    expect(planned(given({ wanted: [1, 1], instance: anInstance(1, [1]) }))).toEqual([volumeId(1)]);
  });
});
