import type { Instance, Volume } from '../model.ts';
import { TAG, TAG_LIMITS } from '../tag-names.ts';
import { findZone, isAlive } from './placement.ts';
import type { Ground, Planned } from './plan.ts';
import type { PlannedVolume, Problem, RestoreRequest, RestoreStep } from './types.ts';

const USER_TAGS_MAX = TAG_LIMITS.perResource - 2;

/** New volumes of the set and, when asked, to their places: what is there now is detached and kept. */
export function planVolumes(ground: Ground): Planned {
  const { facts, request, set, volumes } = ground;
  const [{ point }] = set.points as [(typeof set.points)[number]];
  const wanted = request.targetInstance ?? point.instanceId;
  const target = facts.instances.find((instance) => instance.id === wanted && isAlive(instance));
  const zone = findZone(facts, request, point, target);
  const swaps = volumes.map((volume) => swapOf(volume, ground, target));
  const create = volumes.map((volume, index) =>
    createStep(volume, ground, zone.value ?? '', swaps[index]?.existing),
  );
  const attach =
    request.attach === 'no'
      ? []
      : swaps.flatMap((swap) => swapSteps(swap, target, request.attach === 'replace'));
  return {
    steps: [
      ...create,
      {
        kind: 'await-volumes',
        id: 'ready',
        text: `wait until ${volumes.length === 1 ? 'the volume is' : 'the volumes are'} ready`,
        reason: 'a volume can be attached when EC2 calls it available',
      },
      ...attach,
    ],
    problems: [
      ...(zone.problem === undefined ? [] : [zone.problem]),
      ...madeElsewhere(swaps, zone.value),
      ...(request.attach === 'no'
        ? []
        : [...attachedElsewhere(swaps, facts.instances), ...attachProblems(swaps, target, request, wanted)]),
    ],
    unknowns: zone.unknown === undefined ? [] : [zone.unknown],
    notices: noticesOf(ground, swaps, target),
    kept: keptOf(
      swaps,
      request,
      set.points.map((each) => each.point.volumeId),
    ),
  };
}

/** One volume, where it goes, and what is there now. */
interface Swap {
  readonly volume: PlannedVolume;
  readonly deviceName: string;
  /** What an earlier run made. */
  readonly existing?: Volume;
  /** What is at the device now, when that is another volume. */
  readonly occupant?: Volume['id'];
  readonly attached: boolean;
  /** Attached, and deleted when the instance is terminated. */
  readonly goesToo: boolean;
}

function swapOf(
  volume: PlannedVolume,
  { facts, restoreId, request }: Ground,
  target: Instance | undefined,
): Swap {
  const existing = facts.made.volumes.find(
    (each) =>
      each.tags[TAG.restore] === restoreId && each.tags[TAG.restoreStep] === stepId(volume) && isUsable(each),
  );
  // Where the old volume is now counts more than where it was when the snapshot was taken.
  const now = target?.devices.find(({ volumeId }) => volumeId === volume.volumeId)?.deviceName;
  const deviceName = request.deviceName ?? now ?? volume.device.deviceName;
  const there = target?.devices.find((device) => device.deviceName === deviceName);
  const attached = existing !== undefined && there?.volumeId === existing.id;
  return {
    volume,
    deviceName,
    ...(existing === undefined ? {} : { existing }),
    ...(there === undefined || attached ? {} : { occupant: there.volumeId }),
    attached,
    goesToo: attached && there?.deleteOnTermination === true,
  };
}

/** Not deleted, and not on the way there, nor broken. */
export const isUsable = ({ state }: Pick<Volume, 'state'>): boolean =>
  state !== 'deleting' && state !== 'deleted' && state !== 'error';

const stepId = ({ volumeId }: PlannedVolume): string => `volume:${volumeId}`;

function createStep(
  volume: PlannedVolume,
  { restoreId }: Ground,
  zone: string,
  existing: Volume | undefined,
): RestoreStep {
  const { device, tags, volumeId } = volume;
  const id = stepId(volume);
  const speed = [
    device.iops === undefined ? '' : `, ${device.iops} IOPS`,
    device.throughput === undefined ? '' : `, ${device.throughput} MiB/s`,
  ].join('');
  const own = Object.entries(tags).slice(0, USER_TAGS_MAX);
  return {
    kind: 'create-volume',
    id,
    text: `create a volume of ${device.snapshotId} in ${zone || 'a zone that is not chosen yet'}: ${device.volumeType}, ${device.sizeGiB} GiB${speed}`,
    reason: `as ${volumeId} was`,
    ...(existing === undefined ? {} : { done: existing.id }),
    token: `${restoreId} ${id}`,
    availabilityZone: zone,
    device,
    tags: { ...Object.fromEntries(own), [TAG.restore]: restoreId, [TAG.restoreStep]: id },
  };
}

function swapSteps(swap: Swap, target: Instance | undefined, mayDetach: boolean): readonly RestoreStep[] {
  const { volume, deviceName, attached, existing } = swap;
  const occupant = mayDetach ? swap.occupant : undefined;
  if (target === undefined) return [];
  const detach: readonly RestoreStep[] =
    occupant === undefined
      ? []
      : [
          {
            kind: 'detach-volume',
            id: `detach:${volume.volumeId}`,
            text: `detach ${occupant} from ${deviceName} of ${target.id}; it is kept`,
            reason: 'the new volume takes its place, as you asked',
            instanceId: target.id,
            deviceName,
            volumeId: occupant,
          },
        ];
  return [
    ...detach,
    {
      kind: 'attach-volume',
      id: `attach:${volume.volumeId}`,
      text: `attach the new volume to ${target.id} at ${deviceName}`,
      reason: occupant === undefined ? 'as you asked' : `in place of ${occupant}`,
      ...(attached && existing !== undefined ? { done: existing.id } : {}),
      instanceId: target.id,
      deviceName,
      volumeOf: stepId(volume),
    },
    ...deleteStep(swap, target),
  ];
}

/** EC2 attaches volumes so that they survive their instance. */
function deleteStep(
  { volume, deviceName, existing, goesToo }: Swap,
  target: Instance,
): readonly RestoreStep[] {
  if (!volume.device.deleteOnTermination) return [];
  return [
    {
      kind: 'delete-with-instance',
      id: `goes-too:${volume.volumeId}`,
      text: `have the volume at ${deviceName} deleted when ${target.id} is terminated`,
      reason: `as ${volume.volumeId} was, while EC2 attaches volumes so that they stay`,
      ...(goesToo && existing !== undefined ? { done: existing.id } : {}),
      instanceId: target.id,
      deviceName,
      volumeOf: stepId(volume),
    },
  ];
}

/** A volume stays in its zone: what an earlier run made elsewhere is of no use, but is not thrown away. */
function madeElsewhere(swaps: readonly Swap[], zone: string | undefined): readonly Problem[] {
  const wrong = swaps.flatMap(({ existing }) =>
    existing?.availabilityZone === undefined || zone === undefined || existing.availabilityZone === zone
      ? []
      : [`${existing.id} in ${existing.availabilityZone}`],
  );
  if (wrong.length === 0) return [];
  return [
    {
      text: `an earlier run of this restore made ${wrong.join(', ')}; you ask for ${zone}`,
      fix: 'give --label and a name to make new ones beside them, or that zone with --az',
    },
  ];
}

/** What an earlier run made and attached can be at one place only. */
function attachedElsewhere(swaps: readonly Swap[], instances: readonly Instance[]): readonly Problem[] {
  return swaps.flatMap(({ existing, attached }) => {
    if (existing === undefined || attached) return [];
    return instances.flatMap(({ id, devices }) =>
      devices
        .filter(({ volumeId }) => volumeId === existing.id)
        .map(({ deviceName }) => ({
          text: `${existing.id}, which an earlier run of this restore made, is at ${deviceName} of ${id}`,
          fix: 'give --label and a name to make another one beside it',
        })),
    );
  });
}

function attachProblems(
  swaps: readonly Swap[],
  target: Instance | undefined,
  request: RestoreRequest,
  wanted: string,
): readonly Problem[] {
  if (target === undefined)
    return [
      {
        text: `${wanted} is not in ${request.region}, so there is nothing to attach to`,
        fix: 'give another instance with --target-instance, or leave --attach and --replace out',
      },
    ];
  return swaps.flatMap((swap) => swapProblems(swap, target, request));
}

function swapProblems(swap: Swap, target: Instance, request: RestoreRequest): readonly Problem[] {
  const { volume, deviceName, occupant, attached } = swap;
  if (attached) return [];
  const problems: Problem[] = [];
  if (deviceName === '')
    problems.push({ text: `the device of ${volume.volumeId} is not known`, fix: 'give it with --device' });
  if (occupant !== undefined && request.attach === 'attach')
    problems.push({
      text: `${occupant} is at ${deviceName} of ${target.id}`,
      fix: 'give --replace to detach it (it is kept), or another --device',
    });
  if (deviceName === target.rootDeviceName && target.state !== 'stopped')
    problems.push({
      text: `${deviceName} is the root of ${target.id}, which is ${target.state}: EC2 swaps a root only when stopped`,
      fix: `stop it first: aws ec2 stop-instances --region ${request.region} --instance-ids ${target.id}`,
    });
  return problems;
}

function noticesOf(
  { request, set }: Ground,
  swaps: readonly Swap[],
  target: Instance | undefined,
): readonly string[] {
  const notices = swaps.flatMap(({ existing, volume }) =>
    existing === undefined
      ? []
      : [`${existing.id} was made of ${volume.device.snapshotId} by an earlier run`],
  );
  if (request.attach === 'no')
    return [...notices, 'the new volumes are not attached: --attach or --replace does'];
  if (
    target !== undefined &&
    target.state === 'running' &&
    swaps.some(({ occupant }) => occupant !== undefined)
  )
    notices.push(
      `${target.id} is running: unmount first, or what it has not yet written to the old volume is lost`,
    );
  if (set.missing.length > 0)
    notices.push(`nothing is done about ${set.missing.map(({ volumeId }) => volumeId).join(', ')}`);
  return notices;
}

function keptOf(
  swaps: readonly Swap[],
  request: RestoreRequest,
  originals: readonly string[],
): readonly string[] {
  const out = request.attach === 'replace' ? swaps.flatMap(({ occupant }) => occupant ?? []) : [];
  const lines = out.length === 0 ? [] : [`${out.join(', ')}: detached, not deleted`];
  const others = originals.filter((id) => !out.some((each) => each === id));
  return others.length === 0 ? lines : [...lines, `${others.join(', ')}: not touched`];
}
