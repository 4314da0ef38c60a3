import { decodeInstanceTags } from '../instance-tags.ts';
import type { Instance, Tags, Volume } from '../model.ts';
import type { Point } from '../point.ts';
import { TAG, TAG_LIMITS } from '../tag-names.ts';
import type { Image } from './calls.ts';
import { type Found, findGroups, findSubnet, isAlive } from './placement.ts';
import type { Ground, Planned } from './plan.ts';
import type { PlannedVolume, Problem, RestoreStep, Unknown } from './types.ts';

/** Ids of the steps of a launch: also the values of the tag `smart-vault:restore-step`. */
const IMAGE = 'image';
const INSTANCE = 'instance';
/** Instead of `image` on one that is to stay, so that it does not look as if a run had been cut off. */
const KEPT_IMAGE = 'kept-image';
/** Our own two tags on what is made take room of the user's. */
const USER_TAGS_MAX = TAG_LIMITS.perResource - 2;

/** What earlier runs of this very restore made. */
interface Earlier {
  readonly image?: Image;
  readonly instance?: Instance;
  readonly volumes: readonly Volume[];
  /** Instances that it launched and that somebody has terminated since. */
  readonly ended: number;
}

/** Registers an image of the set, launches one instance of it, gives its volumes their tags, takes the image away. */
export function planLaunch(ground: Ground): Planned {
  const { facts, request, set, volumes } = ground;
  const { point, snapshot } =
    set.points.find((each) => each.point.instance.instanceType !== '') ??
    (set.points[0] as (typeof set.points)[number]);
  const earlier = earlierRun(ground);
  const subnet = findSubnet(facts, request, point);
  const groups = findGroups(facts, request, point, subnet.value);
  const basics = basicsOf(ground, point);
  const instanceTags = decodeInstanceTags(snapshot.tags);
  const placed = earlier.instance === undefined;
  const steps = stepsOf(ground, earlier, {
    architecture: basics.architecture,
    instanceType: basics.instanceType,
    point,
    subnetId: subnet.value?.id ?? '',
    securityGroupIds: groups.value ?? [],
    tags: instanceTags.tags,
  });
  return {
    steps,
    problems: placed ? [...imageProblems(ground, point), ...found('problem', subnet, groups)] : [],
    unknowns: placed ? [...basics.unknowns, ...found('unknown', subnet, groups)] : [],
    notices: [
      ...(placed
        ? found('notice', subnet, groups)
        : [`${earlier.instance?.id} was launched by an earlier run`]),
      ...differences(ground, point, instanceTags),
    ],
    kept: [
      `${request.subject.id} itself, wherever it is: it is neither stopped nor changed`,
      ...(volumes.length === 0 ? [] : ['every volume that is there now']),
    ],
  };
}

/** The image was to stay when it was registered. */
export const isKept = (tags: Tags): boolean => tags[TAG.restoreStep] === KEPT_IMAGE;

const found = <Key extends 'problem' | 'unknown' | 'notice'>(
  key: Key,
  ...all: readonly Found<unknown>[]
): readonly NonNullable<Found<unknown>[Key]>[] =>
  all.flatMap((each) => (each[key] === undefined ? [] : [each[key] as NonNullable<Found<unknown>[Key]>]));

function earlierRun({ facts, restoreId }: Ground): Earlier {
  const ours = ({ tags }: { readonly tags: Tags }): boolean => tags[TAG.restore] === restoreId;
  const launched = facts.made.instances.filter(ours);
  const image = facts.made.images.filter(ours).find(({ state }) => state !== 'failed');
  const instance = launched.find(isAlive);
  return {
    ...(image === undefined ? {} : { image }),
    ...(instance === undefined ? {} : { instance }),
    volumes: facts.made.volumes.filter(ours),
    ended: launched.filter((each) => !isAlive(each)).length,
  };
}

/** What no image can be made without. */
function basicsOf({ request }: Ground, { instance }: Point) {
  const architecture = request.architecture ?? instance.architecture;
  const instanceType = request.instanceType ?? instance.instanceType;
  const unknowns: Unknown[] = [];
  if (architecture === '')
    unknowns.push({
      field: 'architecture',
      option: '--architecture',
      why: 'the tags do not tell its architecture',
      choices: ['x86_64', 'arm64'].map((value) => ({ value, about: '' })),
    });
  if (instanceType === '')
    unknowns.push({
      field: 'instanceType',
      option: '--instance-type',
      why: 'the tags do not tell its type',
      choices: [],
    });
  return { architecture, instanceType, unknowns };
}

function imageProblems({ request, volumes }: Ground, { instance }: Point): readonly Problem[] {
  const problems: Problem[] = [];
  if (!volumes.some(({ root }) => root))
    problems.push({
      text: 'no snapshot of the root volume is in the set, and without one no instance can be launched',
      fix: 'launch an instance yourself, then restore each volume: --volume vol-… --attach --target-instance i-…',
    });
  const nowhere = volumes.filter(({ device }) => device.deviceName === '');
  if (nowhere.length > 0)
    problems.push({
      text: `the tags do not tell the device of ${nowhere.map(({ volumeId }) => volumeId).join(', ')}`,
      fix: 'restore each with --volume, and attach it where it belongs',
    });
  if (instance.usageOperation !== undefined && !request.force)
    problems.push({
      text:
        `EC2 billed it as ${instance.usageOperation}, a licence (Windows, RHEL, SUSE, SQL Server): ` +
        'an image registered from a snapshot does not carry it',
      fix:
        'launch an instance of an image with the licence and restore its volumes with --volume … --replace; ' +
        'or give --force if you bring the licence yourself',
    });
  return problems;
}

/** What the tags do not carry, and what is not the same in another region. */
function differences(
  { request, set }: Ground,
  point: Point,
  tags: ReturnType<typeof decodeInstanceTags>,
): readonly string[] {
  const { keyName, instanceProfile, metadataTokens } = point.instance;
  const away = point.copiedFrom !== undefined;
  const lines = [
    'not in the tags, so not restored: user data, IP addresses, load balancers, termination protection, ' +
      'and volumes that the backups leave out (backup=false)',
  ];
  if (request.keyName === undefined)
    lines.push(
      keyName !== undefined && !away
        ? `key pair ${keyName}, as it was`
        : `no key pair${keyName === undefined ? '' : ` (it had ${keyName}, in another region)`}: --key-name gives one`,
    );
  if (instanceProfile === undefined && request.instanceProfile === undefined)
    lines.push('no instance profile is known: --profile-name gives one');
  if (metadataTokens === undefined)
    lines.push("the metadata service gets the account's default: the tags do not tell what it was");
  if (!tags.known)
    lines.push(
      "the tags do not tell the instance's own tags: the new one gets none of them, nor backup=true",
    );
  if (tags.leftOut > 0) lines.push(`${tags.leftOut} of the instance's own tags found no room, and are lost`);
  if (set.missing.length > 0)
    lines.push(
      `without ${set.missing.map(({ volumeId, deviceName }) => `${volumeId} (${deviceName})`).join(', ')}`,
    );
  return lines;
}

interface LaunchFacts {
  readonly architecture: string;
  readonly instanceType: string;
  readonly point: Point;
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
  readonly tags: Tags;
}

function stepsOf(ground: Ground, earlier: Earlier, launch: LaunchFacts): readonly RestoreStep[] {
  const { image, instance } = earlier;
  const steps: RestoreStep[] = [];
  if (instance === undefined) steps.push(registerStep(ground, launch, image));
  steps.push(launchStep(ground, launch, earlier));
  for (const volume of ground.volumes) steps.push(...tagStep(volume, earlier));
  if (!ground.request.keepImage && (instance === undefined || image !== undefined))
    steps.push({
      kind: 'deregister-image',
      id: 'deregister',
      text: 'deregister the image; its snapshots stay',
      reason: 'it served the launch only, and while it is there its snapshots cannot be pruned',
      ...(image === undefined ? {} : { imageId: image.id }),
    });
  return steps;
}

function registerStep(ground: Ground, launch: LaunchFacts, image: Image | undefined): RestoreStep {
  const { restoreId, volumes, request, set } = ground;
  const root = volumes.find((volume) => volume.root);
  const { bootMode } = launch.point.instance;
  return {
    kind: 'register-image',
    id: IMAGE,
    text: `register an image of ${volumes.length} snapshots, root ${root?.device.snapshotId ?? '?'}`,
    reason: 'EC2 launches instances from images only',
    ...(image === undefined ? {} : { done: image.id }),
    call: {
      kind: 'register-image',
      name: imageName(restoreId),
      description: `${request.subject.id} as of ${set.slot}, for a restore`,
      architecture: launch.architecture,
      ...(bootMode === undefined ? {} : { bootMode }),
      rootDeviceName: root?.device.deviceName ?? '',
      devices: volumes.map(({ device }) => device),
      tags: { [TAG.restore]: restoreId, [TAG.restoreStep]: request.keepImage ? KEPT_IMAGE : IMAGE },
    },
  };
}

/** Image names have 3 to 128 letters, digits and `()[] ./-'@_`; no colon. */
const imageName = (restoreId: string): string =>
  `smart-vault ${restoreId.replaceAll(':', '.').replaceAll(/[^A-Za-z0-9 ()[\]./'@_-]/g, '_')}`.slice(0, 128);

function launchStep(
  { restoreId, volumes, request }: Ground,
  launch: LaunchFacts,
  earlier: Earlier,
): RestoreStep {
  const { instance: spec, copiedFrom } = launch.point;
  const keyName = request.keyName ?? (copiedFrom === undefined ? spec.keyName : undefined);
  const instanceProfile = request.instanceProfile ?? spec.instanceProfile;
  const { metadataTokens } = spec;
  const { instanceType, subnetId, securityGroupIds } = launch;
  const ours = { [TAG.restore]: restoreId, [TAG.restoreStep]: INSTANCE };
  return {
    kind: 'launch-instance',
    id: INSTANCE,
    text: `launch one ${instanceType || '?'} in ${subnetId || 'a subnet that is not chosen yet'} with ${volumes.length} volumes`,
    reason: 'all volumes are there when it boots, as they were',
    ...(earlier.instance === undefined ? {} : { done: earlier.instance.id }),
    call: {
      kind: 'launch-instance',
      token: `${restoreId} ${earlier.ended}`,
      instanceType,
      subnetId,
      securityGroupIds,
      ...(keyName === undefined ? {} : { keyName }),
      ...(instanceProfile === undefined ? {} : { instanceProfile }),
      ...(metadataTokens === undefined ? {} : { metadataTokens }),
      devices: volumes.map(({ device }) => device),
      tags: { ...firstTags(launch.tags), ...ours },
      volumeTags: ours,
    },
  };
}

const firstTags = (tags: Tags): Tags => Object.fromEntries(Object.entries(tags).slice(0, USER_TAGS_MAX));

/** EC2 gives all volumes of a launch the same tags, so their own come after it. */
function tagStep(
  { volumeId, device, tags }: PlannedVolume,
  { instance, volumes }: Earlier,
): readonly RestoreStep[] {
  const own = firstTags(tags);
  if (Object.keys(own).length === 0) return [];
  const id = instance?.devices.find(({ deviceName }) => deviceName === device.deviceName)?.volumeId;
  const now = volumes.find((volume) => volume.id === id)?.tags;
  const done =
    id !== undefined && now !== undefined && Object.entries(own).every(([key, value]) => now[key] === value);
  return [
    {
      kind: 'tag-volume',
      id: `tags:${volumeId}`,
      text: `give the volume at ${device.deviceName} the tags of ${volumeId}: ${Object.keys(own).join(', ')}`,
      reason: 'EC2 gives all volumes of a launch the same tags',
      ...(done ? { done: id } : {}),
      deviceName: device.deviceName,
      tags: own,
    },
  ];
}
