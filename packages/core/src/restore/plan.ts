import type { Tags } from '../model.ts';
import { type Slot, slotMs } from '../slot.ts';
import { isReservedKey, TAG } from '../tag-names.ts';
import type { VolumeSpec } from '../volume-map.ts';
import type { DeviceRequest } from './calls.ts';
import { chooseSet, type PointSet, type RestorePoint } from './choose-set.ts';
import { isAlive } from './placement.ts';
import { isKept, planLaunch } from './plan-launch.ts';
import { isUsable, planVolumes } from './plan-volumes.ts';
import type { PlannedVolume, RestoreFacts, RestorePlan, RestoreRequest } from './types.ts';

/** What is known when a mode plans its steps. */
export interface Ground {
  readonly facts: RestoreFacts;
  readonly request: RestoreRequest;
  readonly set: PointSet;
  readonly volumes: readonly PlannedVolume[];
  readonly restoreId: string;
}

/** What a mode adds to the plan. */
export type Planned = Pick<RestorePlan, 'steps' | 'problems' | 'unknowns' | 'notices' | 'kept'>;

/** IOPS are an input for these types only; of the others EC2 tells them, and refuses to be told. */
const TAKES_IOPS: ReadonlySet<string> = new Set(['gp3', 'io1', 'io2']);

/**
 * What a restore will do. Pure: the same facts and request give the same plan, and what an earlier, interrupted run
 * made is found in the facts and becomes a step that is done.
 */
export function planRestore(facts: RestoreFacts, request: RestoreRequest, now: number): RestorePlan {
  const { region, vault, subject } = request;
  const mode = subject.kind === 'instance' && launches(facts, request) ? 'launch' : 'volumes';
  const { set, problems, notices } = chooseSet(facts.snapshots, request, (each) =>
    isBegun(restoreIdOf(each, mode, request), each, mode, facts, request),
  );
  const frame = { region, vault, subject, mode } as const;
  if (set === undefined) {
    const none = { volumes: [], missing: [], steps: [], unknowns: [], kept: [] };
    return { ...frame, ...none, restoreId: '', problems, notices };
  }
  const restoreId = restoreIdOf(set, mode, request);
  const volumes = set.points
    .map((each) => plannedVolume(each, set, request))
    .sort((a, b) => Number(b.root) - Number(a.root) || (a.device.deviceName < b.device.deviceName ? -1 : 1));
  const ground: Ground = { facts, request, set, volumes, restoreId };
  const planned = mode === 'launch' ? planLaunch(ground) : planVolumes(ground);
  const copiedFrom = set.points[0]?.point.copiedFrom;
  return {
    ...frame,
    restoreId,
    slot: set.slot,
    policy: set.policy,
    ...(copiedFrom === undefined ? {} : { copiedFrom }),
    volumes,
    missing: set.missing,
    steps: planned.steps,
    problems: [...problems, ...planned.problems],
    unknowns: planned.unknowns,
    notices: [...notices, ...pointNotices(set, now), ...planned.notices],
    kept: [...planned.kept, 'every snapshot: nothing here deletes one'],
  };
}

/**
 * Whether an earlier run of this restore was cut off. The image goes last, unless it is to stay; volumes may be there
 * and wait to be attached.
 */
function isBegun(
  id: string,
  { points }: PointSet,
  mode: RestorePlan['mode'],
  { made }: RestoreFacts,
  { attach }: RestoreRequest,
): boolean {
  const ours = ({ tags }: { readonly tags: Tags }): boolean => tags[TAG.restore] === id;
  if (mode === 'launch') {
    const isLaunched = made.instances.some((instance) => ours(instance) && isAlive(instance));
    return made.images.some(
      (image) => ours(image) && image.state !== 'failed' && (!isLaunched || !isKept(image.tags)),
    );
  }
  const volumes = made.volumes.filter((volume) => ours(volume) && isUsable(volume));
  const waiting = volumes.filter(
    ({ state }) => state === 'creating' || (attach !== 'no' && state !== 'in-use'),
  );
  return waiting.length > 0 || (volumes.length > 0 && volumes.length < points.length);
}

/** An instance that is there gets volumes, unless a new one is asked for. */
const launches = ({ instances }: RestoreFacts, { subject, launch }: RestoreRequest): boolean =>
  launch || !instances.some((instance) => instance.id === subject.id && isAlive(instance));

/** The same restore has the same id, whenever and however often it is run. Fit for a tag. */
function restoreIdOf(set: PointSet, mode: RestorePlan['mode'], request: RestoreRequest): string {
  const { vault, subject, label } = request;
  return [vault, set.policy, subject.id, set.slot, mode, ...(label === undefined ? [] : [label])].join('/');
}

function plannedVolume(
  { snapshot, point }: RestorePoint,
  set: PointSet,
  request: RestoreRequest,
): PlannedVolume {
  const spec = set.expected.find(({ volumeId }) => volumeId === point.volumeId);
  const tags = Object.fromEntries(Object.entries(snapshot.tags).filter(([key]) => !isReservedKey(key)));
  const asked = request.subject.kind === 'volume' ? request.deviceName : undefined;
  const device: DeviceRequest = {
    deviceName: asked ?? spec?.deviceName ?? '',
    snapshotId: snapshot.id,
    volumeType: spec?.volumeType ?? 'gp3',
    // A volume can be larger than its snapshot, never smaller.
    sizeGiB: Math.max(spec?.sizeGiB ?? 0, snapshot.sizeGiB),
    ...performanceOf(spec),
    ...(request.kmsKeyId === undefined ? {} : { kmsKeyId: request.kmsKeyId }),
    deleteOnTermination: spec?.deleteOnTermination ?? false,
  };
  return { volumeId: point.volumeId, device, tags, root: spec?.root ?? false };
}

function performanceOf(spec: VolumeSpec | undefined): Pick<DeviceRequest, 'iops' | 'throughput'> {
  if (spec === undefined) return {};
  const { volumeType, iops, throughput } = spec;
  return {
    ...(iops !== undefined && TAKES_IOPS.has(volumeType) ? { iops } : {}),
    ...(throughput !== undefined && volumeType === 'gp3' ? { throughput } : {}),
  };
}

/** What the operator should know of the points themselves. */
function pointNotices(set: PointSet, now: number): readonly string[] {
  const notices = [`the data is that of ${set.slot}, ${ageText(set.slot, now)} old; what came later is lost`];
  for (const { snapshot, point } of set.points) {
    const { snapshotId, volumeId, condemnedAt, hold } = point;
    const spec = set.expected.find((each) => each.volumeId === volumeId);
    if (spec === undefined)
      notices.push(`${snapshotId} does not tell what ${volumeId} was: type gp3, and no device, are assumed`);
    if (condemnedAt !== undefined && hold === undefined)
      notices.push(
        `${snapshotId} is condemned and may be deleted by the pruner; hold it first: aws ec2 create-tags ` +
          `--region ${point.region} --resources ${snapshotId} --tags Key=backup:hold,Value=forever`,
      );
    if (spec?.encrypted === false && snapshot.encrypted)
      notices.push(`${volumeId} was not encrypted; its snapshot here is, and so the new volume will be`);
  }
  return notices;
}

function ageText(slot: Slot, now: number): string {
  const hours = Math.max(0, Math.round((now - slotMs(slot)) / 3_600_000));
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
