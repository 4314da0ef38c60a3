import type { SnapshotRecord, TagMap } from '@smart-vault/simulator';
import { HOUR_MS } from '../packs.ts';
import type { ServiceCall } from '../vault-world.ts';
import type { Oracle } from './oracle.ts';
import { selectedVolumes, type TrueSnapshot, vaultSnapshots } from './truth.ts';

/** Judges what a function has just made: whether anybody wanted it, and whether it was made as promised. */
export function judgeCreation(oracle: Oracle, call: ServiceCall, made: readonly TrueSnapshot[]): void {
  for (const snapshot of made) saysWhatItIs(oracle, call, snapshot);
  if (call.operation === 'CopySnapshot') return;
  const selected = selectedVolumes(oracle.world);
  for (const snapshot of made) isWanted(oracle, call, snapshot, selected);
  const [first] = made;
  if (first !== undefined) isWholeSet(oracle, first, made, selected);
}

/** Tags that a restore reads, and every member of a set has. */
const FOR_RESTORE = ['smart-vault:volumes', 'smart-vault:instance-spec'];
/** Said of one snapshot, and not of its copies. */
const ITS_OWN = new Set(['smart-vault:condemned-at', 'smart-vault:restore', 'smart-vault:restore-step']);

/** I2: what the tags say is so. A copy says all that its source does, and where it comes from. */
function saysWhatItIs(oracle: Oracle, { input }: ServiceCall, { id, record }: TrueSnapshot): void {
  const { world } = oracle;
  const { SourceSnapshotId = '' } = input as { readonly SourceSnapshotId?: string };
  const source = world.ec2.region(world.facts.source).snapshots.get(SourceSnapshotId);
  // A person edited its tags and then deleted it: EC2's reads may lag, and the books no longer say what was copied.
  if (source === undefined && oracle.isStranger(SourceSnapshotId)) return;
  const expected =
    source === undefined ? sourceTags(oracle, record.tags, record.volumeId) : copyTags(oracle, source);
  const wrong = [...expected].filter(([key, value]) => record.tags.get(key) !== value);
  const [first] = wrong;
  const { lineage } = record.truth;
  if (first === undefined || oracle.isDisturbed(world.facts.source, lineage, world.kernel.now() - HOUR_MS))
    return;
  oracle.broken(
    'I2',
    `${id} says ${first[0]} ${JSON.stringify(record.tags.get(first[0]))}, and it is ${JSON.stringify(first[1])}`,
    [id],
  );
}

function sourceTags({ world }: Oracle, tags: TagMap, volumeId: string): TagMap {
  const { attachments = [] } = world.ec2.region(world.facts.source).volumes.get(volumeId) ?? {};
  const instanceId = attachments[0]?.instanceId;
  return new Map([
    ['Date', (tags.get('smart-vault:slot') ?? '').slice(0, 10)],
    ['smart-vault:policy', 'default'],
    ...(instanceId === undefined
      ? []
      : ([
          ['smart-vault:instance', instanceId],
          ['InstanceId', instanceId],
        ] as const)),
    ...FOR_RESTORE.map((key) => [key, tags.get(key) ?? 'there'] as const),
  ]);
}

function copyTags({ world }: Oracle, source: SnapshotRecord): TagMap {
  const carried = [...source.tags].filter(([key]) => key.startsWith('smart-vault:') && !ITS_OWN.has(key));
  return new Map([
    ...carried,
    ['smart-vault:volume', source.volumeId],
    ['smart-vault:started-at', new Date(source.startedAt).toISOString()],
    ['CopiedFrom', world.facts.source],
    ['OriginalSnapshotId', source.id],
  ]);
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
