import { type Act, liveInstances, liveVolumes } from './act.ts';

/** What people do to instances, volumes and the stack. */
export const FLEET_FAULTS = {
  'policy-cut': ({ world, retentionChanged }) => {
    world.deploy({ RETENTION_DAYS: '1', KEEP_MIN: '1' });
    retentionChanged(1);
    return 'done';
  },
  deploy: ({ world }) => {
    world.deploy();
    return 'done';
  },
  'volume-deleted': (stage, draw) => {
    const id = draw.pick(liveVolumes(stage));
    if (id === undefined) return 'nothing';
    stage.disturbed(stage.world.facts.source, id, 'DELETE VOLUME', [id]);
    stage.world.ec2.operator.deleteVolume(stage.world.facts.source, id);
    return 'done';
  },
  'instance-terminated': (stage, draw) => {
    const id = draw.pick(liveInstances(stage));
    if (id === undefined) return 'nothing';
    stage.disturbed(stage.world.facts.source, undefined, 'TERMINATE', [id]);
    stage.world.ec2.operator.terminateInstance(stage.world.facts.source, id);
    return 'done';
  },
  'volume-moved': (stage, draw) => {
    const { world } = stage;
    const { source } = world.facts;
    const id = draw.pick(liveVolumes(stage));
    if (id === undefined) return 'nothing';
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
    return 'done';
  },
  'opt-out': (stage, draw) => {
    const { source } = stage.world.facts;
    const id = draw.unit('what') < 0.6 ? draw.pick(liveVolumes(stage)) : draw.pick(liveInstances(stage));
    if (id === undefined) return 'nothing';
    stage.disturbed(source, id.startsWith('vol-') ? id : undefined, 'OPT OUT', [id]);
    stage.world.ec2.operator.setTags(source, id, { backup: 'false' });
    const isThere = () => (id.startsWith('vol-') ? liveVolumes(stage) : liveInstances(stage)).includes(id);
    return () => {
      if (!isThere()) return;
      stage.disturbed(source, id.startsWith('vol-') ? id : undefined, 'OPT IN', [id]);
      stage.world.ec2.operator.setTags(source, id, { backup: id.startsWith('vol-') ? undefined : 'true' });
    };
  },
  'other-snapshots': (stage, draw) => {
    const { world } = stage;
    let made = 0;
    for (const volumeId of liveVolumes(stage)) {
      if (draw.unit(volumeId) < 0.5) continue;
      try {
        world.ec2.api(world.facts.source).createSnapshot({ volumeId, description: 'by hand' });
        made += 1;
      } catch {
        // EC2 has no room for it just now: then it is not made.
      }
    }
    return made > 0 ? 'done' : 'nothing';
  },
  'all-fail': (stage) => {
    stage.allFail = true;
    return () => {
      stage.allFail = false;
    };
  },
} as const satisfies Readonly<Record<string, Act>>;
