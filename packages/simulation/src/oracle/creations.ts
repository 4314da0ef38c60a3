import { HOUR_MS } from '../packs.ts';
import type { ServiceCall } from '../vault-world.ts';
import type { Oracle } from './oracle.ts';
import { selectedVolumes, type TrueSnapshot, vaultSnapshots } from './truth.ts';

/** Judges what a call of the snapshotter has just made: whether anybody wanted it, and whether it was made as promised. */
export function judgeCreation(oracle: Oracle, call: ServiceCall, made: readonly TrueSnapshot[]): void {
  if (call.operation !== 'CreateSnapshot' && call.operation !== 'CreateSnapshots') return;
  const selected = selectedVolumes(oracle.world);
  for (const snapshot of made) isWanted(oracle, call, snapshot, selected);
  const [first] = made;
  if (first !== undefined) isWholeSet(oracle, first, made, selected);
}

/** I14: only what is selected; what a person did since the message was sent, or the look taken, excuses it. */
function isWanted(
  oracle: Oracle,
  { environment }: ServiceCall,
  { id, volumeId, region, slotMs }: TrueSnapshot,
  selected: ReadonlyMap<string, string>,
): void {
  if (selected.has(volumeId)) return;
  const { volumes } = oracle.world.ec2.region(region);
  const now = oracle.world.kernel.now();
  // A volume is looked at before its snapshot; whether its instance is still to be covered was known to the message.
  const isItsOwn = volumes.get(volumeId)?.tags.get('backup') === 'false';
  const looked = (environment.invocation?.startedAt ?? now) - oracle.slownessMs;
  if (oracle.isDisturbed(region, volumeId, isItsOwn ? looked : Math.min(looked, slotMs))) return;
  oracle.broken('I14', `made ${id} of ${volumeId}, which is not selected`, [id, volumeId]);
}

/** I15: all volumes of an instance, if none has its point yet, are taken at one instant. */
function isWholeSet(
  oracle: Oracle,
  { volumeId, slot, slotMs, region, policy }: TrueSnapshot,
  made: readonly TrueSnapshot[],
  selected: ReadonlyMap<string, string>,
): void {
  const { circumstances, world, deletedAt } = oracle;
  const instanceId = selected.get(volumeId);
  if (circumstances.knobs.consistency !== 'instance' || instanceId === undefined) return;
  const members = [...selected].filter(([, instance]) => instance === instanceId).map(([member]) => member);
  const instance = world.ec2.region(region).instances.get(instanceId);
  // EC2 must be told what to leave out, and takes no data volume for that unless it knows the root.
  const hasRoot = instance?.devices.some(({ deviceName }) => deviceName === instance.rootDeviceName) ?? false;
  if (members.length < 2 || !hasRoot) return;
  const isExcused = members.some(
    (member) =>
      oracle.isDisturbed(region, member, slotMs) ||
      (deletedAt.get(`${region} ${member}`) ?? Number.NEGATIVE_INFINITY) > world.kernel.now() - HOUR_MS,
  );
  const ids = new Set(made.map(({ id }) => id));
  // What has failed is no point; only where reads lag it may have looked like one.
  const counts = ({ id, record }: TrueSnapshot): boolean =>
    !ids.has(id) && (record.state !== 'error' || oracle.lagMs > 0);
  const hasBegun = vaultSnapshots(world, region).some(
    (one) => counts(one) && one.slot === slot && one.policy === policy && members.includes(one.volumeId),
  );
  const left = members.filter((member) => made.every((one) => one.volumeId !== member));
  if (isExcused || hasBegun || left.length === 0) return;
  oracle.broken(
    'I15',
    `made ${made.length} of ${members.length} snapshots of ${instanceId} for ${slot}, and none of ${left.join(', ')} at that instant`,
    [...ids, ...members],
  );
}
