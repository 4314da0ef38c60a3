import type { SnapshotRecord } from '@smart-vault/simulator';
import { HOUR_MS } from '../packs.ts';
import { type Act, lineOf, ours, toOneOf } from './act.ts';

const isCompleted = ({ state }: SnapshotRecord): boolean => state === 'completed';

/** What people and other services do to snapshots. */
export const SNAPSHOT_FAULTS = {
  'source-deleted': (stage, draw) =>
    toOneOf(stage, [stage.world.facts.source], draw, 'DELETE', (region, { id }) =>
      stage.world.ec2.operator.deleteSnapshot(region, id),
    ),
  'copy-deleted': (stage, draw) =>
    toOneOf(stage, stage.world.facts.destinations, draw, 'DELETE', (region, { id }) =>
      stage.world.ec2.operator.deleteSnapshot(region, id),
    ),
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
  'bin-restore': (stage, draw) => {
    const { world } = stage;
    const region = draw.pick(world.facts.regions, 'region') ?? '';
    const found = draw.pick(
      [...world.ec2.region(region).bin.values()].filter(
        ({ tags }) => tags.get('smart-vault:vault') === world.facts.vault,
      ),
    );
    if (found === undefined) return 'nothing';
    stage.disturbed(region, lineOf(found), 'RESTORE FROM BIN', [found.id]);
    world.ec2.operator.restoreFromRecycleBin(region, found.id);
    return 'done';
  },
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
    // Nobody wants a failed one; held, it would keep its volume busy for good.
    const condemned = (region: string) =>
      ours(stage, region).filter(
        ({ state, tags }) => state !== 'error' && tags.has('smart-vault:condemned-at'),
      );
    const region = draw.pick(
      world.facts.regions.filter((each) => condemned(each).length > 0),
      'region',
    );
    if (region === undefined) return 'nothing';
    world.fire('pruner', world.kernel.now());
    // From its first listing to its last deletion.
    world.kernel.clock.after(Math.round(200 + 6_000 * draw.unit('after')), `${draw.label} holds`, () => {
      const found = draw.pick(condemned(region));
      if (found === undefined) return;
      stage.disturbed(region, lineOf(found), 'HOLD', [found.id]);
      world.ec2.operator.setTags(region, found.id, { 'backup:hold': 'forever' });
    });
    return 'done';
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
  'snapshot-archived': (stage, draw) =>
    toOneOf(
      stage,
      stage.world.facts.regions,
      draw,
      'ARCHIVE',
      (region, { id }) => stage.world.ec2.operator.setStorageTier(region, id, 'archive'),
      isCompleted,
    ),
  'image-registered': (stage, draw) =>
    toOneOf(
      stage,
      stage.world.facts.regions,
      draw,
      'REGISTER AMI',
      (region, { id }) =>
        stage.world.ec2.operator.registerImage(region, {
          id: `ami-${id.slice(5)}`,
          devices: [{ deviceName: '/dev/xvda', snapshotId: id }],
        }),
      isCompleted,
    ),
  'junk-snapshots': (stage, draw) => {
    const { world } = stage;
    const region = draw.pick(world.facts.regions, 'region') ?? '';
    const model = draw.pick(ours(stage, region).filter(isCompleted));
    if (model === undefined) return 'nothing';
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
    return 'done';
  },
} as const satisfies Readonly<Record<string, Act>>;
