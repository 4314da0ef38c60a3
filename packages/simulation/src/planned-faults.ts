import type { BusEvent, SnapshotRecord } from '@smart-vault/simulator';
import { ACCOUNT } from './account.ts';
import type { Chaos } from './chaos.ts';
import type { Planned } from './packs.ts';
import { HOUR_MS } from './packs.ts';
import type { Population } from './population.ts';
import type { VaultWorld } from './vault-world.ts';

/** What planned faults need to know, and whom they tell. */
export interface Stage {
  readonly world: VaultWorld;
  readonly chaos: Chaos;
  readonly population: Population;
  /** Every snapshot fails while it is set. */
  allFail: boolean;
  /** Told of what people do, so that nobody blames the vault for it. */
  disturbed(region: string, volumeId: string | undefined, what: string, about: readonly string[]): void;
  /** The retention as it is now, in days. */
  retentionChanged(days: number): void;
}

type Act = (stage: Stage, at: Draw) => (() => void) | undefined;

/** Numbers that belong to one planned fault. */
interface Draw {
  readonly label: string;
  unit(what: string): number;
  pick<T>(items: readonly T[], what?: string): T | undefined;
  /** A time from `min` to `max` hours, in milliseconds. */
  hours(min: number, max: number): number;
}

/**
 * Lets the planned faults take place, each at its time unless it is suppressed. Those that last end by themselves, or
 * when the world heals.
 * @returns ends all that still last
 */
export function planFaults(stage: Stage, planned: readonly Planned[]): () => void {
  const endings = new Set<() => void>();
  const { world, chaos } = stage;
  for (const { kind, label, atMs } of planned) {
    world.kernel.clock.after(atMs, label, () => {
      if (!chaos.isOn || !chaos.happens(kind, label)) return;
      const draw = drawOf(chaos, label);
      const end = ACTS[kind](stage, draw);
      if (end === undefined) return;
      world.kernel.note('fault', `${label} begins`, []);
      const once = (): void => {
        if (!endings.delete(once)) return;
        world.kernel.note('fault', `${label} ends`, []);
        end();
      };
      endings.add(once);
      world.kernel.clock.after(Math.round(lastingMs(kind, draw, stage)), `${label} ends`, once);
    });
  }
  return () => {
    for (const end of [...endings]) end();
  };
}

/** How long a fault lasts that lasts. */
function lastingMs(kind: Planned['kind'], draw: Draw, stage: Stage): number {
  switch (kind) {
    case 'region-outage':
      return stage.world.schedules.length > 0 ? draw.hours(1, 72) : 0;
    case 'all-fail':
      return draw.hours(12, 60);
    case 'throttle-burst':
      return draw.hours(0.02, 0.4);
    case 'token-expired':
      return draw.hours(0.1, 1);
    default:
      return draw.hours(0.5, 14);
  }
}

function drawOf(chaos: Chaos, label: string): Draw {
  const unit = (what: string): number => chaos.unit(`${label}/${what}`);
  return {
    label,
    unit,
    pick: (items, what = 'pick') => items[Math.floor(unit(what) * items.length)],
    hours: (min, max) => (min + (max - min) * unit('hours')) * HOUR_MS,
  };
}

/** Snapshots that carry the vault's tag, in one region, oldest first. */
const ours = ({ world }: Stage, region: string): readonly SnapshotRecord[] =>
  [...world.ec2.region(region).snapshots.values()].filter(
    ({ tags }) => tags.get('smart-vault:vault') === world.facts.vault,
  );

const lineOf = (snapshot: SnapshotRecord): string =>
  snapshot.tags.get('smart-vault:volume') ?? snapshot.truth.lineage;

/** Somebody does something to one of our snapshots. */
function toOneOf(
  stage: Stage,
  regions: readonly string[],
  draw: Draw,
  what: string,
  act: (region: string, snapshot: SnapshotRecord) => void,
): undefined {
  const region = draw.pick(regions, 'region');
  const snapshot =
    region === undefined
      ? undefined
      : draw.pick(ours(stage, region).filter(({ state }) => state !== 'error'));
  if (region === undefined || snapshot === undefined) return undefined;
  stage.disturbed(region, lineOf(snapshot), what, [snapshot.id]);
  act(region, snapshot);
  return undefined;
}

const liveVolumes = ({ world, population }: Stage): readonly string[] =>
  population.volumes.filter((id) => world.ec2.region(world.facts.source).volumes.get(id) !== undefined);
const liveInstances = ({ world, population }: Stage): readonly string[] =>
  population.instances.filter(
    (id) => world.ec2.region(world.facts.source).instances.get(id)?.state !== 'terminated',
  );

const text = (body: unknown): string => JSON.stringify(body);

function send(stage: Stage, queue: string, body: string, group: string): void {
  const { world } = stage;
  try {
    world
      .queue(queue)
      .send({ body, ...(queue.endsWith('.fifo') ? { groupId: group, deduplicationId: group } : {}) });
  } catch (error) {
    world.kernel.note('sender', `${queue} refuses: ${(error as Error).message}`, []);
  }
}

/** A queue of work: its pump meets the message at its next tick. */
function workQueue(stage: Stage, draw: Draw): string {
  const { volumesQueue, copiesQueues } = stage.world.facts;
  return draw.pick([volumesQueue, ...copiesQueues.values()], 'queue') ?? volumesQueue;
}

function ebsEvent(stage: Stage, draw: Draw, detail: Readonly<Record<string, unknown>>): BusEvent {
  const { source } = stage.world.facts;
  return {
    version: '0',
    id: `made-up-${draw.label}`,
    'detail-type': 'EBS Snapshot Notification',
    source: 'aws.ec2',
    account: ACCOUNT,
    time: new Date(stage.world.kernel.now()).toISOString(),
    region: source,
    resources: [],
    detail: { result: 'succeeded', cause: '', 'request-id': '', ...detail },
  };
}

const DENIABLE = [
  'snapshotter/CreateSnapshot',
  'snapshotter/CreateSnapshots',
  'snapshotter/DescribeSnapshots',
  'snapshotter/DescribeVolumes',
  'copier/CopySnapshot',
  'copier/DescribeSnapshots',
  'reconciler/DescribeSnapshots',
  'reconciler/DescribeInstances',
  'pruner/DeleteSnapshot',
  'pruner/CreateTags',
  'pruner/DescribeImages',
  'pruner/DescribeLockedSnapshots',
  'pruner/DescribeSnapshots',
  'reporter/DescribeSnapshots',
  'scheduler/DescribeInstances',
  'scheduler/DescribeVolumes',
] as const;
const FUNCTIONS = ['scheduler', 'snapshotter', 'copier', 'reconciler', 'pruner', 'reporter'] as const;
/** Letters, spaces, control and combining characters, and both ends of a surrogate pair. */
const ODD_TEXT = 'ä€🗄️\u0007\u202e{"v":1';

const ACTS: Readonly<Record<Planned['kind'], Act>> = {
  'policy-cut': ({ world, retentionChanged }) => {
    world.deploy({ RETENTION_DAYS: '1', KEEP_MIN: '1' });
    retentionChanged(1);
    return undefined;
  },
  'poison-message': (stage, draw) => void send(stage, workQueue(stage, draw), 'no JSON at all', draw.label),
  'unknown-version': (stage, draw) =>
    void send(
      stage,
      workQueue(stage, draw),
      text({ v: 99, kind: 'snapshot-unit', slot: 'soon' }),
      draw.label,
    ),
  'huge-message': (stage, draw) =>
    void send(stage, workQueue(stage, draw), ODD_TEXT.repeat(24_000), draw.label),
  redrive: (stage, draw) => redriveSome(stage, draw),
  'redrive-broken': (stage, draw) => redriveSome(stage, draw),
  'queue-denied': ({ world }, draw) => {
    const { volumesQueue, reportsQueue, volumesDlq, copiesQueues } = world.facts;
    const name =
      draw.pick([volumesQueue, reportsQueue, volumesDlq, ...copiesQueues.values()]) ?? volumesQueue;
    world.deniedQueues.add(name);
    return () => world.deniedQueues.delete(name);
  },
  'volume-deleted': (stage, draw) => {
    const id = draw.pick(liveVolumes(stage));
    if (id === undefined) return undefined;
    stage.disturbed(stage.world.facts.source, id, 'DELETE VOLUME', [id]);
    stage.world.ec2.operator.deleteVolume(stage.world.facts.source, id);
    return undefined;
  },
  'instance-terminated': (stage, draw) => {
    const id = draw.pick(liveInstances(stage));
    if (id === undefined) return undefined;
    stage.disturbed(stage.world.facts.source, undefined, 'TERMINATE', [id]);
    stage.world.ec2.operator.terminateInstance(stage.world.facts.source, id);
    return undefined;
  },
  'volume-moved': (stage, draw) => {
    const { world } = stage;
    const { source } = world.facts;
    const id = draw.pick(liveVolumes(stage));
    if (id === undefined) return undefined;
    stage.disturbed(source, id, 'DETACH', [id]);
    world.ec2.operator.detachVolume(source, id);
    const to = draw.unit('attach') < 0.5 ? draw.pick(liveInstances(stage), 'to') : undefined;
    if (to !== undefined)
      world.ec2.operator.attachVolume(
        source,
        id,
        to,
        `/dev/sd${String.fromCharCode(112 + Math.floor(draw.unit('device') * 10))}`,
      );
    return undefined;
  },
  'other-snapshots': (stage, draw) => {
    const { world } = stage;
    for (const volumeId of liveVolumes(stage)) {
      if (draw.unit(volumeId) < 0.5) continue;
      try {
        world.ec2.api(world.facts.source).createSnapshot({ volumeId, description: 'by hand' });
      } catch {
        // EC2 has no room for it just now: then it is not made.
      }
    }
    return undefined;
  },
  'throttle-burst': ({ world }, draw) => {
    const api =
      draw.pick([
        '*',
        'CreateSnapshot',
        'CreateSnapshots',
        'CopySnapshot',
        'DescribeSnapshots',
        'DeleteSnapshot',
      ]) ?? '*';
    const id = world.ec2.faults.throttle(api, { share: 1 });
    return () => world.ec2.faults.lift(id);
  },
  'all-fail': (stage) => {
    stage.allFail = true;
    return () => {
      stage.allFail = false;
    };
  },
  'opt-out': (stage, draw) => {
    const { source } = stage.world.facts;
    const id = draw.unit('what') < 0.6 ? draw.pick(liveVolumes(stage)) : draw.pick(liveInstances(stage));
    if (id === undefined) return undefined;
    stage.disturbed(source, id.startsWith('vol-') ? id : undefined, 'OPT OUT', [id]);
    stage.world.ec2.operator.setTags(source, id, { backup: 'false' });
    const isThere = () => (id.startsWith('vol-') ? liveVolumes(stage) : liveInstances(stage)).includes(id);
    return () => {
      if (!isThere()) return;
      stage.disturbed(source, id.startsWith('vol-') ? id : undefined, 'OPT IN', [id]);
      stage.world.ec2.operator.setTags(source, id, { backup: id.startsWith('vol-') ? undefined : 'true' });
    };
  },
  'junk-event': (stage, draw) => {
    const { world } = stage;
    const { source } = world.facts;
    const foreign =
      draw.pick([...world.ec2.region(source).snapshots.values()])?.id ?? 'snap-00000000000000bad';
    const details = [
      { event: 'createSnapshot', snapshot_id: `arn:aws:ec2::${source}:snapshot/${foreign}` },
      { event: 'createSnapshot', snapshot_id: 'arn:aws:ec2::mars-1:snapshot/snap-0badbadbadbadbad0' },
      {
        event: 'createSnapshot',
        result: 'failed',
        snapshot_id: `arn:aws:ec2::${source}:snapshot/${foreign}`,
      },
      { event: 'createSnapshots', snapshots: [] },
      { event: 'createSnapshot', snapshot_id: 'snap-../../etc/passwd' },
      { event: 'lockSnapshot', snapshot_id: `arn:aws:ec2::${source}:snapshot/${foreign}` },
      { event: 'copySnapshot', snapshot_id: `arn:aws:ec2::${source}:snapshot/${foreign}` },
    ];
    world.buses.bus(source).putEvent(ebsEvent(stage, draw, draw.pick(details) ?? {}));
    return undefined;
  },
  'early-copy': (stage) => {
    const { world } = stage;
    const pending = ours(stage, world.facts.source).find(({ state }) => state === 'pending');
    if (pending === undefined) return undefined;
    const event = {
      event: 'createSnapshot',
      result: 'succeeded',
      snapshot_id: `arn:aws:ec2::${world.facts.source}:snapshot/${pending.id}`,
    };
    for (const queue of world.facts.copiesQueues.values()) {
      send(
        stage,
        queue,
        text({
          'detail-type': 'EBS Snapshot Notification',
          source: 'aws.ec2',
          account: ACCOUNT,
          region: world.facts.source,
          resources: [],
          detail: event,
        }),
        pending.id,
      );
    }
    return undefined;
  },
  'key-disabled': ({ world }, draw) => {
    const region = draw.pick(world.facts.destinations) ?? '';
    world.ec2.operator.setKeyState(region, 'default', draw.unit('how') < 0.5 ? 'disabled' : 'inaccessible');
    return () => world.ec2.operator.setKeyState(region, 'default', 'usable');
  },
  'source-deleted': (stage, draw) =>
    toOneOf(stage, [stage.world.facts.source], draw, 'DELETE', (region, { id }) =>
      stage.world.ec2.operator.deleteSnapshot(region, id),
    ),
  'copy-deleted': (stage, draw) =>
    toOneOf(stage, stage.world.facts.destinations, draw, 'DELETE', (region, { id }) =>
      stage.world.ec2.operator.deleteSnapshot(region, id),
    ),
  'region-outage': ({ world }, draw) => {
    const id = world.ec2.faults.outage(draw.pick(world.facts.regions) ?? world.facts.source);
    return () => world.ec2.faults.lift(id);
  },
  'bus-outage': ({ world }) => {
    world.busIsDown = true;
    return () => {
      world.busIsDown = false;
    };
  },
  'backup-managed': (stage, draw) =>
    toOneOf(stage, stage.world.facts.regions, draw, 'AWS TAKES IT OVER', (region, { id }) =>
      // EC2 lets nobody delete what AWS Backup looks after; what Data Lifecycle Manager does, anybody may.
      stage.world.ec2.operator.setTags(
        region,
        id,
        draw.unit('who') < 0.5
          ? { 'aws:backup:source-resource': 'arn:aws:ec2:::volume' }
          : { 'aws:dlm:lifecycle-policy-id': 'policy-0123456789abcdef0' },
      ),
    ),
  'snapshot-locked': (stage, draw) =>
    toOneOf(stage, stage.world.facts.regions, draw, 'LOCK', (region, { id }) =>
      stage.world.ec2.operator.lockSnapshot(region, id, 1),
    ),
  'image-registered': (stage, draw) =>
    toOneOf(stage, stage.world.facts.regions, draw, 'REGISTER AMI', (region, { id, state }) => {
      if (state === 'completed')
        stage.world.ec2.operator.registerImage(region, {
          id: `ami-${id.slice(5)}`,
          devices: [{ deviceName: '/dev/xvda', snapshotId: id }],
        });
    }),
  'describe-denied': ({ world }, draw) => {
    const region = draw.pick(world.facts.regions);
    const id = world.ec2.faults.deny('DescribeSnapshots', (call) => call.region === region, String(region));
    return () => world.ec2.faults.lift(id);
  },
  'bin-restore': (stage, draw) => {
    const { world } = stage;
    const region = draw.pick(world.facts.regions, 'region') ?? '';
    const found = draw.pick(
      [...world.ec2.region(region).bin.values()].filter(
        ({ tags }) => tags.get('smart-vault:vault') === world.facts.vault,
      ),
    );
    if (found === undefined) return undefined;
    stage.disturbed(region, lineOf(found), 'RESTORE FROM BIN', [found.id]);
    world.ec2.operator.restoreFromRecycleBin(region, found.id);
    return undefined;
  },
  'tags-edited': (stage, draw) =>
    toOneOf(stage, stage.world.facts.regions, draw, 'EDIT TAGS', (region, { id }) => {
      const edits = [
        { 'smart-vault:vault': undefined },
        { 'smart-vault:slot': 'yesterday' },
        { 'smart-vault:policy': 'mine' },
        { 'smart-vault:vault': `${stage.world.facts.vault}2` },
      ];
      stage.world.ec2.operator.setTags(region, id, draw.pick(edits, 'edit') ?? {});
    }),
  'hold-placed': (stage, draw) =>
    toOneOf(stage, stage.world.facts.regions, draw, 'HOLD', (region, { id }) =>
      stage.world.ec2.operator.setTags(region, id, {
        'backup:hold': draw.pick(['forever', '2030-01-01', 'until the audit is over'], 'until') ?? 'forever',
      }),
    ),
  'hold-ends-soon': (stage, draw) =>
    toOneOf(stage, stage.world.facts.regions, draw, 'HOLD', (region, { id }) => {
      const until = new Date(stage.world.kernel.now() + draw.hours(2, 30)).toISOString();
      stage.world.ec2.operator.setTags(region, id, {
        'backup:hold': draw.unit('day') < 0.5 ? until.slice(0, 10) : until,
      });
    }),
  'hold-in-time': (stage, draw) => {
    const { world } = stage;
    world.fire('pruner', world.kernel.now());
    // From its first listing to its last deletion.
    world.kernel.clock.after(Math.round(200 + 6_000 * draw.unit('after')), `${draw.label} holds`, () => {
      const region = draw.pick(world.facts.regions, 'region') ?? '';
      const condemned = ours(stage, region).filter(({ tags }) => tags.has('smart-vault:condemned-at'));
      // Nobody wants a failed one; held, it would keep its volume busy for good.
      const found = draw.pick(condemned.filter(({ state }) => state !== 'error'));
      if (found === undefined) return;
      stage.disturbed(region, lineOf(found), 'HOLD', [found.id]);
      world.ec2.operator.setTags(region, found.id, { 'backup:hold': 'forever' });
    });
    return undefined;
  },
  'snapshot-archived': (stage, draw) =>
    toOneOf(stage, stage.world.facts.regions, draw, 'ARCHIVE', (region, { id, state }) => {
      if (state === 'completed') stage.world.ec2.operator.setStorageTier(region, id, 'archive');
    }),
  'delete-denied': ({ world }) => {
    const { source } = world.facts;
    const id = world.ec2.faults.deny('DeleteSnapshot', (call) => call.region === source, source);
    return () => world.ec2.faults.lift(id);
  },
  'junk-snapshots': (stage, draw) => {
    const { world } = stage;
    const region = draw.pick(world.facts.regions, 'region') ?? '';
    const model = draw.pick(ours(stage, region).filter(({ state }) => state === 'completed'));
    if (model === undefined) return undefined;
    stage.disturbed(region, lineOf(model), 'JUNK SNAPSHOTS', [model.id]);
    for (let n = 0; n < 30; n += 1) {
      const slot = new Date(
        Math.floor((world.kernel.now() + (draw.unit(`slot ${n}`) - 0.3) * 20 * 24 * HOUR_MS) / 1000) * 1000,
      )
        .toISOString()
        .replace('.000', '');
      world.ec2.operator.addSnapshot(region, {
        id: `snap-${(0xbad0000 + Math.floor(draw.unit('base') * 4096) * 64 + n).toString(16).padStart(17, '0')}`,
        volumeId: model.volumeId,
        tags: { ...Object.fromEntries(model.tags), 'smart-vault:slot': slot },
      });
    }
    return undefined;
  },
  'action-denied': ({ world }, draw) => {
    const action = draw.pick(DENIABLE) ?? DENIABLE[0];
    world.deniedActions.add(action);
    return () => world.deniedActions.delete(action);
  },
  'token-expired': ({ world }, draw) => {
    const name = draw.pick(FUNCTIONS) ?? 'copier';
    world.expiredFunctions.add(name);
    return () => world.expiredFunctions.delete(name);
  },
  deploy: ({ world }) => {
    world.deploy();
    return undefined;
  },
};

function redriveSome({ world }: Stage, draw: Draw): undefined {
  for (const name of world.facts.deadLetterQueues) {
    const queue = world.queue(name);
    const { visible } = queue.counts();
    if (visible === 0) continue;
    try {
      queue.redrive(Math.max(1, Math.ceil(visible * draw.unit(name))));
      world.kernel.note('operator', `REDRIVE ${name}`, []);
    } catch {
      // A queue that no other queue's failures go to: there is nowhere to move them.
    }
  }
  return undefined;
}
