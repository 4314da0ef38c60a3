import { AppError, type InstanceId, isInstanceId, isSlot, isVolumeId, type Slot } from '@smart-vault/core';
import type { RestoreRequest, RestoreSubject } from '@smart-vault/core/restore';
import { type Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from '../command-line/context.ts';
import { instant } from '../command-line/instant.ts';

/** The options of `restore plan` and `restore apply`, as commander names them. */
export interface RestoreOptions {
  readonly volume?: RestoreSubject['id'];
  readonly instance?: InstanceId;
  readonly slot?: Slot;
  readonly at?: number;
  readonly az?: string;
  readonly subnet?: readonly string[];
  readonly securityGroup?: readonly string[];
  readonly targetInstance?: InstanceId;
  readonly attach?: boolean;
  readonly replace?: boolean;
  readonly device?: string;
  readonly launch?: boolean;
  readonly instanceType?: string;
  readonly architecture?: string;
  readonly keyName?: string;
  readonly profileName?: string;
  readonly kmsKey?: string;
  readonly keepImage?: boolean;
  readonly label?: string;
  readonly force?: boolean;
}

/** Adds the options that say what is restored, and how. */
export function addRestoreOptions(command: Command): void {
  command
    .option('--volume <id>', 'restore one volume, as a new one', volume)
    .option(
      '--instance <id>',
      'restore all volumes of one slot; an instance that is gone is launched',
      instance,
    )
    .option(
      '--slot <slot>',
      'the slot, such as 2026-11-22T03:00:00Z (default: the newest complete one)',
      slot,
    )
    .option('--at <time>', 'the newest slot at or before this time (UTC)', instant)
    .option('--az <zone>', 'availability zone of the new volumes')
    .option('--subnet <id>', 'subnet of the new instance, or old=new', collect)
    .option(
      '--security-group <id>',
      'security group of the new instance, or old=new; can be repeated',
      collect,
    )
    .option('--attach', 'attach the new volumes, to devices that are free')
    .option('--replace', 'attach them in place of the old ones, which are detached and kept')
    .option(
      '--target-instance <id>',
      'who gets the new volumes (default: the instance that had them)',
      instance,
    )
    .option('--device <name>', 'device of the one new volume (default: the one it had)')
    .option('--launch', 'launch a new instance although the old one is there')
    .option('--instance-type <type>', 'another type than it had')
    .option('--architecture <name>', 'when the tags do not tell: x86_64 or arm64')
    .option('--key-name <name>', 'key pair of the new instance')
    .option('--profile-name <name>', 'instance profile of the new instance (default: the one it had)')
    .option('--kms-key <key>', 'key to encrypt the new volumes with (default: that of the snapshots)')
    .option('--keep-image', 'do not deregister the image that the instance was launched from')
    .option('--label <name>', 'a second restore of the same slot, beside the first', label)
    .option('--force', 'restore what there is of an incomplete set');
}

/** @throws AppError `INVALID` when the options contradict each other. */
export function requestOf(options: RestoreOptions, { vault, region }: CommandContext): RestoreRequest {
  const { attach = false, replace = false } = options;
  if (attach && replace) throw contradiction('--attach and --replace', 'give one of them');
  if (options.slot !== undefined && options.at !== undefined)
    throw contradiction('--slot and --at', 'give one of them');
  const subject = subjectOf(options);
  if (options.device !== undefined && subject.kind === 'instance')
    throw contradiction('--device and --instance', 'a set has several devices; restore one --volume');
  if (options.launch === true && (attach || replace || subject.kind === 'volume'))
    throw contradiction('--launch and --volume, --attach or --replace', 'a launch needs --instance alone');
  const subnets = splitMapped(options.subnet ?? []);
  const groups = splitMapped(options.securityGroup ?? []);
  return {
    vault,
    region,
    subject,
    attach: replace ? 'replace' : attach ? 'attach' : 'no',
    force: options.force ?? false,
    launch: options.launch ?? false,
    keepImage: options.keepImage ?? false,
    mapped: { ...subnets.mapped, ...groups.mapped },
    securityGroupIds: groups.given,
    ...present('slot', options.slot),
    ...present('at', options.at),
    ...present('label', options.label),
    ...present('availabilityZone', options.az),
    ...present('subnetId', subnets.given.at(-1)),
    ...present('targetInstance', options.targetInstance),
    ...present('deviceName', options.device),
    ...present('instanceType', options.instanceType),
    ...present('architecture', options.architecture),
    ...present('keyName', options.keyName),
    ...present('instanceProfile', options.profileName),
    ...present('kmsKeyId', options.kmsKey),
  };
}

function subjectOf({ volume: volumeId, instance: instanceId }: RestoreOptions): RestoreSubject {
  if (isVolumeId(volumeId) && instanceId === undefined) return { kind: 'volume', id: volumeId };
  if (instanceId !== undefined && volumeId === undefined) return { kind: 'instance', id: instanceId };
  throw new AppError('INVALID', 'give either --volume vol-… or --instance i-…, to say what is restored');
}

const contradiction = (what: string, fix: string): AppError =>
  new AppError('INVALID', `${what} do not go together: ${fix}`);

function present<Name extends keyof RestoreRequest>(
  name: Name,
  value: RestoreRequest[Name] | undefined,
): Partial<RestoreRequest> {
  return value === undefined ? {} : { [name]: value };
}

/** `sg-new` is given, `sg-old=sg-new` is mapped. */
function splitMapped(values: readonly string[]): {
  given: readonly string[];
  mapped: Readonly<Record<string, string>>;
} {
  const pairs = values.map((value) => value.split('=', 2) as [string, string?]);
  return {
    given: pairs.flatMap(([id, to]) => (to === undefined ? [id] : [])),
    mapped: Object.fromEntries(pairs.flatMap(([id, to]) => (to === undefined ? [] : [[id, to]]))),
  };
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

function volume(value: string): RestoreSubject['id'] {
  if (isVolumeId(value)) return value;
  throw new InvalidArgumentError('Expected a volume id such as vol-0123456789abcdef0.');
}

function instance(value: string): InstanceId {
  if (isInstanceId(value)) return value;
  throw new InvalidArgumentError('Expected an instance id such as i-0123456789abcdef0.');
}

function slot(value: string): Slot {
  if (isSlot(value)) return value;
  throw new InvalidArgumentError('Expected a slot such as 2026-11-22T03:00:00Z.');
}

function label(value: string): string {
  if (/^[A-Za-z0-9_-]{1,32}$/.test(value)) return value;
  throw new InvalidArgumentError('Expected 1 to 32 letters, digits, - or _.');
}
