import type { Act } from './act.ts';

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
/** What AWS refuses for a while. */
export const SERVICE_FAULTS = {
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
  'key-disabled': ({ world }, draw) => {
    const region = draw.pick(world.facts.destinations) ?? '';
    world.ec2.operator.setKeyState(region, 'default', draw.unit('how') < 0.5 ? 'disabled' : 'inaccessible');
    return () => world.ec2.operator.setKeyState(region, 'default', 'usable');
  },
  'region-outage': ({ world }, draw) => {
    const id = world.ec2.faults.outage(draw.pick(world.facts.regions) ?? world.facts.source);
    return () => world.ec2.faults.lift(id);
  },
  'describe-denied': ({ world }, draw) => {
    const region = draw.pick(world.facts.regions);
    const id = world.ec2.faults.deny('DescribeSnapshots', (call) => call.region === region, String(region));
    return () => world.ec2.faults.lift(id);
  },
  'delete-denied': ({ world }) => {
    const { source } = world.facts;
    const id = world.ec2.faults.deny('DeleteSnapshot', (call) => call.region === source, source);
    return () => world.ec2.faults.lift(id);
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
} as const satisfies Readonly<Record<string, Act>>;
