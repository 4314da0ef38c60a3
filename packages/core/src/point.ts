import {
  type InstanceId,
  isInstanceId,
  isRegion,
  isSnapshotId,
  isVolumeId,
  type Region,
  type SnapshotId,
  type VolumeId,
} from './ids.ts';
import { decodeInstanceSpec, type InstanceSpec } from './instance-spec.ts';
import type { Snapshot, SnapshotState, Tags } from './model.ts';
import { DAY_MS } from './policy.ts';
import { isSlot, type Slot, slotAt } from './slot.ts';
import { TAG, TAG_LIMITS } from './tag-names.ts';
import { oneLine } from './text.ts';
import { decodeVolumeMap, type VolumeSpec } from './volume-map.ts';

/** A snapshot of ours, understood: what its tags say. */
export interface Point {
  readonly snapshotId: SnapshotId;
  readonly region: Region;
  readonly vault: string;
  readonly policy: string;
  readonly slot: Slot;
  readonly instanceId: InstanceId;
  /** The tag `smart-vault:volume`, else EC2's own volume id. */
  readonly volumeId: VolumeId;
  /** The unit that was snapshotted together, this volume included. Empty when the map is lost. */
  readonly volumes: readonly VolumeSpec[];
  readonly instance: InstanceSpec;
  /** On copies only. */
  readonly copiedFrom?: Region;
  /** On copies only. */
  readonly originalSnapshotId?: SnapshotId;
  /** When the source snapshot was started, ms. */
  readonly startedAt: number;
  readonly condemnedAt?: number;
  /** When the vault asked EC2 to delete it. It is still here, so that failed, or somebody took it back. */
  readonly deletedAt?: number;
  /** An operator's hold; an `until` in the past has lapsed. */
  readonly hold?: { readonly until: number | 'forever'; readonly reason?: string };
  readonly state: SnapshotState;
}

/** Whose a snapshot is: ours and readable, someone else's, or ours by its tag but not to be understood. */
export type Ownership =
  | { readonly kind: 'owned'; readonly point: Point }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'malformed'; readonly problems: readonly string[] };

/** What makes two snapshots the same recovery point: policy, volume and slot (of one vault). */
export const pointKey = (point: Pick<Point, 'policy' | 'volumeId' | 'slot'>): string =>
  `${point.policy} ${point.volumeId} ${point.slot}`;

/** EC2's own volume id of every copy; it says nothing about the source. */
export const COPY_VOLUME_ID = 'vol-ffffffff';

/**
 * Reads a snapshot's tags. `foreign` without this vault's tag; `malformed` when the vault tag is there and another
 * tag that decisions rest on is missing, unreadable or contradicts EC2. What only a restore needs may be missing.
 * Never throws.
 */
export function pointOf(snapshot: Snapshot, vault: string): Ownership {
  const { tags } = snapshot;
  if (ownTag(tags, TAG.vault) !== vault) return { kind: 'foreign' };
  const problems: string[] = [];
  const policy = required(tags, TAG.policy, isGiven, problems);
  const slot = required(tags, TAG.slot, isSlot, problems);
  const instanceId = required(tags, TAG.instance, isInstanceId, problems);
  const lineage = lineageOf(tags, problems);
  const volumeId = volumeOf(snapshot, lineage.copiedFrom !== undefined, problems);
  const startedAt = optionalInstant(tags, TAG.startedAt, problems);
  const condemnation = condemnationOf(tags, problems);
  if (problems.length > 0 || !policy || !slot || !instanceId || !volumeId) {
    return { kind: 'malformed', problems };
  }
  const point = new ReadPoint(snapshot, { vault, policy, slot, instanceId, volumeId });
  if (startedAt !== undefined) point.startedAt = startedAt;
  const { copiedFrom, originalSnapshotId } = lineage;
  if (copiedFrom !== undefined) point.copiedFrom = copiedFrom;
  if (originalSnapshotId !== undefined) point.originalSnapshotId = originalSnapshotId;
  const { condemnedAt, deletedAt } = condemnation;
  if (condemnedAt !== undefined) point.condemnedAt = condemnedAt;
  if (deletedAt !== undefined) point.deletedAt = deletedAt;
  const hold = holdOf(tags);
  if (hold !== undefined) point.hold = hold;
  return { kind: 'owned', point };
}

/**
 * A class for the sake of its accessors: listings are long, and an object literal with accessors takes twenty times as
 * long to make.
 */
class ReadPoint implements Point {
  readonly snapshotId: SnapshotId;
  readonly region: Region;
  readonly vault: string;
  readonly policy: string;
  readonly slot: Slot;
  readonly instanceId: InstanceId;
  readonly volumeId: VolumeId;
  startedAt: number;
  readonly state: SnapshotState;
  declare copiedFrom?: Region;
  declare originalSnapshotId?: SnapshotId;
  declare condemnedAt?: number;
  declare deletedAt?: number;
  declare hold?: NonNullable<Point['hold']>;
  readonly #tags: Tags;

  constructor(snapshot: Snapshot, key: Pick<Point, 'vault' | 'policy' | 'slot' | 'instanceId' | 'volumeId'>) {
    this.snapshotId = snapshot.id;
    this.region = snapshot.region;
    this.vault = key.vault;
    this.policy = key.policy;
    this.slot = key.slot;
    this.instanceId = key.instanceId;
    this.volumeId = key.volumeId;
    this.startedAt = snapshot.startedAt;
    this.state = snapshot.state;
    this.#tags = snapshot.tags;
  }

  // Only a restore needs these two, and reading them costs more than all the rest.
  get volumes(): readonly VolumeSpec[] {
    return decodeVolumeMap(this.#tags);
  }

  get instance(): InstanceSpec {
    return decodeInstanceSpec(this.#tags);
  }
}

/** Tags come from outside: `constructor` and its like are not tags that someone has set. */
const ownTag = (tags: Tags, key: string): string | undefined =>
  Object.hasOwn(tags, key) ? tags[key] : undefined;

function required<T extends string>(
  tags: Tags,
  key: string,
  is: (value: string) => value is T,
  problems: string[],
): T | undefined {
  const value = ownTag(tags, key);
  if (value !== undefined && is(value)) return value;
  problems.push(problem(key, value));
  return undefined;
}

const isGiven = (value: string): value is string => value !== '';

const problem = (key: string, value: string | undefined): string =>
  value === undefined ? `tag ${key} is missing` : `tag ${key} cannot be read: ${JSON.stringify(value)}`;

function lineageOf(tags: Tags, problems: string[]): { copiedFrom?: Region; originalSnapshotId?: SnapshotId } {
  const from = ownTag(tags, TAG.copiedFrom);
  const original = ownTag(tags, TAG.originalSnapshotId);
  if (from === undefined && original === undefined) return {};
  if (isRegion(from) && isSnapshotId(original)) return { copiedFrom: from, originalSnapshotId: original };
  if (!isRegion(from)) problems.push(problem(TAG.copiedFrom, from));
  if (!isSnapshotId(original)) problems.push(problem(TAG.originalSnapshotId, original));
  return {};
}

function volumeOf(snapshot: Snapshot, isCopy: boolean, problems: string[]): VolumeId | undefined {
  const tagged = ownTag(snapshot.tags, TAG.volume);
  const own =
    isVolumeId(snapshot.volumeId) && snapshot.volumeId !== COPY_VOLUME_ID ? snapshot.volumeId : undefined;
  const volumeId = tagged ?? (isCopy ? undefined : own);
  if (!isVolumeId(volumeId) || volumeId === COPY_VOLUME_ID) {
    problems.push(problem(TAG.volume, tagged));
    return undefined;
  }
  if (!isCopy && own !== undefined && own !== volumeId) {
    problems.push(`tag ${TAG.volume} says ${volumeId}, EC2 says ${own}`);
    return undefined;
  }
  return volumeId;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

function instantOf(text: string): number | undefined {
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function optionalInstant(tags: Tags, key: string, problems: string[]): number | undefined {
  const value = ownTag(tags, key);
  const instant = value === undefined ? undefined : instantOf(value);
  if (value !== undefined && instant === undefined) problems.push(problem(key, value));
  return instant;
}

const DELETED = ', deleted ';

function condemnationOf(tags: Tags, problems: string[]): Pick<Point, 'condemnedAt' | 'deletedAt'> {
  const value = ownTag(tags, TAG.condemnedAt);
  if (value === undefined) return {};
  const [condemned = '', deleted, ...more] = value.split(DELETED);
  const condemnedAt = instantOf(condemned);
  const deletedAt = deleted === undefined ? undefined : instantOf(deleted);
  const isRead = more.length === 0 && (deleted === undefined) === (deletedAt === undefined);
  if (condemnedAt === undefined || !isRead) {
    problems.push(problem(TAG.condemnedAt, value));
    return {};
  }
  return { condemnedAt, ...(deletedAt === undefined ? {} : { deletedAt }) };
}

/** The tag that condemns a snapshot from now on (ms). */
export const condemnedTags = (now: number): Tags => ({ [TAG.condemnedAt]: slotAt(now) });

/**
 * The tag of a condemned snapshot for its way out: what comes back from the Recycle Bin with it was deleted before, and
 * is not simply deleted again. Whoever looks into the bin can read it.
 */
export const deletedTags = (condemnedAt: number, now: number): Tags => ({
  [TAG.condemnedAt]: `${slotAt(condemnedAt)}${DELETED}${slotAt(now)}`,
});

/** A day holds until its end (UTC); what cannot be read holds for ever. */
function holdOf(tags: Tags): Point['hold'] {
  const value = ownTag(tags, TAG.hold)?.trim();
  if (value === undefined) return undefined;
  const day = DAY.test(value) ? Date.parse(value) : Number.NaN;
  const until = Number.isNaN(day) ? instantOf(value) : day + DAY_MS;
  const reason = ownTag(tags, TAG.holdReason)?.trim();
  return { until: until ?? 'forever', ...(reason ? { reason } : {}) };
}

/**
 * The tags that hold a snapshot until an instant (ms), to the second, or for ever; the reason is cut to what a tag
 * takes, and may be empty.
 */
export function holdTags(until: number | 'forever', reason: string): Tags {
  const text = oneLine(reason, TAG_LIMITS.valueLength);
  const value = until === 'forever' ? 'forever' : slotAt(until);
  return { [TAG.hold]: value, ...(text === '' ? {} : { [TAG.holdReason]: text }) };
}
