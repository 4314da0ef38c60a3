import { checkDescription, checkRegionQuota } from './create.ts';
import { dryRunSucceeded, Ec2Error, invalidValue, missing } from './errors.ts';
import { checkId, idOf, SNAPSHOT_ID } from './ids.ts';
import { DEFAULT_KEY, defaultKeyArn } from './keys.ts';
import { begin, endCopy } from './lifecycle.ts';
import type { RegionState } from './region.ts';
import { isRegionName } from './region-names.ts';
import { changedGiB, copyIsIncremental, durationMs } from './sizes.ts';
import { checkTags, type TagList } from './tags.ts';
import type { SnapshotRecord, SnapshotTruth, TagMap } from './types.ts';

/** Input of CopySnapshot. It is called in the destination region. */
export interface CopySnapshotInput {
  readonly sourceRegion?: string;
  readonly sourceSnapshotId?: string;
  readonly description?: string;
  readonly tags?: TagList;
  readonly encrypted?: boolean;
  readonly kmsKeyId?: string;
  /** The SDKs fill it in; it must be the region that is called. */
  readonly destinationRegion?: string;
  readonly completionDurationMinutes?: number;
  readonly dryRun?: boolean;
}

/** Every copy shows this volume: where it came from is for tags to tell. */
const COPY_VOLUME_ID = 'vol-ffffffff';

/**
 * CopySnapshot. As in AWS, a source that is pending, missing, or in another region is accepted; the copy then
 * ends in `error`.
 * @returns the pending copy, of which the API shows id and tags only
 * @throws Ec2Error
 */
export function copySnapshot(region: RegionState, input: CopySnapshotInput): SnapshotRecord {
  return region.call('CopySnapshot', input.sourceSnapshotId ?? '', () => {
    const source = checkSource(region, input);
    const description = checkDescription(input.description);
    const tags = checkTags(input.tags ?? []);
    checkDuration(input.completionDurationMinutes);
    checkKey(region, input);
    if (input.dryRun) throw dryRunSucceeded();
    checkCopyQuota(region);
    return start(region, source, { input, description, tags });
  });
}

interface Source {
  readonly region: string;
  readonly snapshotId: string;
  readonly record: SnapshotRecord | undefined;
}

/** @throws Ec2Error for what AWS refuses at once: names and ids that cannot be */
function checkSource(region: RegionState, input: CopySnapshotInput): Source {
  const { sourceRegion, destinationRegion } = input;
  if (sourceRegion === undefined || sourceRegion === '') throw missing('sourceRegion');
  if (!isRegionName(sourceRegion)) {
    throw new Ec2Error('InvalidRegion', `${sourceRegion} is not a valid region name.`);
  }
  const snapshotId = checkId(input.sourceSnapshotId, { ...SNAPSHOT_ID, parameter: 'sourceSnapshotId' });
  if (/^snap-0+$/.test(snapshotId)) throw invalidValue('The specified snapshotId is invalid');
  if (destinationRegion !== undefined && destinationRegion !== region.name) {
    throw invalidValue(
      `DestinationRegion '${destinationRegion}' does not match the current region (${region.name})`,
    );
  }
  const record = region.account.region(sourceRegion).snapshots.get(snapshotId);
  return { region: sourceRegion, snapshotId, record };
}

function checkDuration(minutes: number | undefined): void {
  if (minutes === undefined || (minutes >= 15 && minutes <= 2880 && minutes % 15 === 0)) return;
  throw invalidValue('CompletionDurationMinutes takes values between 15 and 2880 in 15 minute increments');
}

function checkKey(region: RegionState, { kmsKeyId, encrypted }: CopySnapshotInput): void {
  if (kmsKeyId !== undefined && encrypted !== true) {
    throw new Ec2Error(
      'InvalidParameterDependency',
      'The parameter KmsKeyId requires the parameter Encrypted to be set.',
    );
  }
  if (region.keys.get(kmsKeyId ?? DEFAULT_KEY) === 'disabled') {
    throw invalidValue(`The specified keyId ${kmsKeyId ?? 'alias/aws/ebs'} is disabled`);
  }
}

function checkCopyQuota(region: RegionState): void {
  const { knobs, stats } = region.account;
  if (stats.region(region.name).copiesInFlight >= knobs.copiesInFlightMax) {
    throw new Ec2Error(
      'ResourceLimitExceeded',
      `Too many snapshot copies in progress. The limit is ${knobs.copiesInFlightMax} for this destination region.`,
    );
  }
  checkRegionQuota(region, 1);
}

interface Order {
  readonly input: CopySnapshotInput;
  readonly description: string;
  readonly tags: TagMap;
}

function start(region: RegionState, source: Source, { input, description, tags }: Order): SnapshotRecord {
  const { account } = region;
  const id = nextCopyId(region, source);
  if (source.record?.state !== 'completed') account.stats.region(region.name).copiesOfUnfinishedSources += 1;
  const encrypted = input.encrypted === true || source.record?.truth.encrypted === true;
  const keyId = encrypted ? (input.kmsKeyId ?? defaultKeyArn(region)) : undefined;
  const failure = whyItFails(region, source, {
    id,
    tags,
    keyName: encrypted ? (input.kmsKeyId ?? DEFAULT_KEY) : undefined,
  });
  const copy: SnapshotRecord = {
    id,
    volumeId: COPY_VOLUME_ID,
    state: 'pending',
    stateMessage: 'Metadata not updated',
    startedAt: region.now(),
    ownerId: account.accountId,
    description,
    sizeGiB: 0,
    encrypted: false,
    ...(keyId === undefined ? {} : { kmsKeyId: keyId }),
    storageTier: 'standard',
    transferType: input.completionDurationMinutes === undefined ? 'standard' : 'time-based',
    ...(input.completionDurationMinutes === undefined
      ? {}
      : { completionDurationMinutes: input.completionDurationMinutes }),
    tags,
    truth: truthOf(region, source, { id, encrypted, keyId, failure }),
  };
  begin(region, copy);
  account.clock.at(copy.truth.endsAt, `ec2 copy ${id} ends`, () => endCopy(region, id, failure));
  return copy;
}

interface Plan {
  readonly id: string;
  readonly encrypted: boolean;
  readonly keyId: string | undefined;
  readonly failure: string | undefined;
}

function truthOf(
  region: RegionState,
  source: Source,
  { id, encrypted, keyId, failure }: Plan,
): SnapshotTruth {
  const { account } = region;
  const now = region.now();
  const copyOf = { region: source.region, snapshotId: source.snapshotId };
  const { record } = source;
  if (record === undefined || failure !== undefined) {
    const endsAt = now + account.knobs.failAfterSeconds * 1000;
    const nothing = { lineage: '', contentAt: now, sizeGiB: 0, usedGiB: 0 };
    const { lineage, contentAt, sizeGiB, usedGiB } = record?.truth ?? nothing;
    return { lineage, contentAt, sizeGiB, usedGiB, encrypted, incremental: false, endsAt, copyOf };
  }
  const { lineage, contentAt, sizeGiB, usedGiB } = record.truth;
  const incremental = copyIsIncremental(region, { region: source.region, record }, keyId);
  const newest = region.chains.get(lineage)?.latest;
  const base =
    incremental && newest !== undefined ? region.snapshots.get(newest)?.truth.contentAt : undefined;
  const moved = incremental ? changedGiB(account, usedGiB, base ?? contentAt, contentAt) : usedGiB;
  const endsAt = now + durationMs(account, account.knobs.copyDuration, id, moved);
  return { lineage, contentAt, sizeGiB, usedGiB, encrypted, incremental, endsAt, copyOf };
}

interface Fate {
  readonly id: string;
  readonly tags: TagMap;
  /** Absent for copies that are not encrypted. */
  readonly keyName: string | undefined;
}

/** Why the copy will end in `error`, in the words of its StateMessage. */
function whyItFails(region: RegionState, source: Source, { id, tags, keyName }: Fate): string | undefined {
  const { record } = source;
  if (record === undefined) return 'Source snapshot is not found';
  if (record.state !== 'completed') return 'Source snapshot is not complete';
  // What an archived source leads to is not documented; it cannot be copied before it is restored.
  if (record.storageTier === 'archive') return 'Source snapshot is archived';
  if (keyName !== undefined && region.keys.get(keyName) === 'inaccessible')
    return 'Given key ID is not accessible';
  return region.account.faults.ofCopy({
    region: region.name,
    snapshotId: id,
    volumeId: record.truth.lineage,
    source: { region: source.region, snapshotId: source.snapshotId },
    tags,
    at: region.now(),
  });
}

/** Repetition of a request makes another copy with an id of its own: EC2 does not recognise it. */
function nextCopyId(region: RegionState, source: Source): string {
  const label = `${region.name}/${source.region}/${source.snapshotId}`;
  const attempt = (region.copyAttempts.get(label) ?? 0) + 1;
  region.copyAttempts.set(label, attempt);
  return idOf('snap-', region.account.seed, `${label}/${attempt}`);
}
