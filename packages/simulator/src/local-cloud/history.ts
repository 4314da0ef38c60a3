import type { AlarmChange } from '../cloudwatch/alarms.ts';
import type { EbsEvent, SnapshotRecord } from '../ec2/types.ts';
import type { Ec2World } from '../ec2/world.ts';
import type { InvocationRecord } from './lambda/functions.ts';
import type { VaultSettings } from './settings.ts';

/** A snapshot of the vault, read from the world itself: this is the oracle, so it shares no code with the vault. */
export interface VaultSnapshot {
  readonly id: string;
  readonly region: string;
  readonly slot: string;
  readonly volumeId: string;
  readonly instanceId: string;
  readonly state: SnapshotRecord['state'];
  readonly stateMessage?: string;
  readonly startedAt: number;
  readonly completedAt?: number;
  /** Set on copies: the snapshot that it is a copy of. */
  readonly originalId?: string;
  readonly condemned: boolean;
  readonly held: boolean;
  /** When it was deleted, milliseconds since 1970. */
  readonly deletedAt?: number;
}

/** What one run should have covered, counted at the moment when its schedule fired. */
export interface ExpectedRun {
  /** ISO time without milliseconds. */
  readonly slot: string;
  readonly at: number;
  /** Volumes that must get a snapshot, with their instances; those that vanished since are taken out. */
  readonly volumes: Map<string, string>;
  /** Volumes that were left out at that moment, and why. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** Volumes that vanished between the schedule and their snapshot. */
  readonly vanished: Map<string, string>;
}

export interface PublishedMessage {
  readonly at: number;
  readonly region: string;
  readonly subject: string;
  readonly body: string;
  /** True for those of an alarm. */
  readonly ofAlarm: boolean;
}

/** A call that the role of the caller's template does not allow. */
export interface Denial {
  readonly at: number;
  readonly functionName: string;
  readonly action: string;
  readonly resource: string;
  count: number;
}

const DAY_MS = 86_400_000;
const hours = (ms: number): string => `${Math.floor(ms / 3_600_000)} h`;

const TAG = {
  vault: 'smart-vault:vault',
  slot: 'smart-vault:slot',
  volume: 'smart-vault:volume',
  original: 'OriginalSnapshotId',
  instance: 'InstanceId',
  condemned: 'smart-vault:condemned-at',
  hold: 'backup:hold',
} as const;

/** Finished snapshots and copies of a run. */
export interface RunProgress {
  snapshots: number;
  snapshotsFailed: number;
  copies: number;
  copiesFailed: number;
}

/** What happened in the local cloud so far, for the report and the promises. */
export class History {
  readonly runs: ExpectedRun[] = [];
  readonly messages: PublishedMessage[] = [];
  readonly alarmChanges: (AlarmChange & { readonly region: string })[] = [];
  readonly deleted: (VaultSnapshot & { readonly deletedAt: number })[] = [];
  readonly denials: Denial[] = [];
  readonly invocations = new Map<string, { started: number; failed: number; lastError?: string }>();
  readonly events = { delivered: 0, dropped: 0, duplicated: 0, delayed: 0, failed: 0 };
  readonly logLines = new Map<string, { info: number; warn: number; error: number }>();
  /** Things that should never happen, in words. */
  readonly oddities: string[] = [];
  /** Things worth telling while the run goes on. */
  readonly notes: { readonly at: number; readonly text: string }[] = [];
  /** Deletions that the vault's rules forbid, in words. */
  readonly wrongDeletions: string[] = [];
  readonly #world: Ec2World;
  readonly #settings: VaultSettings;
  readonly #progress = new Map<string, RunProgress>();

  constructor(world: Ec2World, settings: VaultSettings) {
    this.#world = world;
    this.#settings = settings;
  }

  /** Writes down something for whoever follows the run. */
  note(at: number, text: string): void {
    this.notes.push({ at, text });
  }

  /** Notes something that should never happen; once, however often it does. */
  odd(text: string): void {
    if (!this.oddities.includes(text)) this.oddities.push(text);
  }

  /** Every snapshot of the vault that there is, in all regions. */
  present(): readonly VaultSnapshot[] {
    return this.#world.regions().flatMap((region) => this.#presentIn(region.name));
  }

  /** Every snapshot of the vault that there ever was. */
  everything(): readonly VaultSnapshot[] {
    return [...this.deleted, ...this.present()];
  }

  /** Remembers a snapshot that is about to be deleted. */
  aboutToDelete(region: string, id: string): VaultSnapshot | undefined {
    const record = this.#world.region(region).snapshots.get(id);
    return record && vaultSnapshot(record, region, this.#settings.vault);
  }

  /** Counts what EC2 has finished, for the progress. */
  happened(event: EbsEvent): void {
    for (const arn of event.resources) {
      const id = arn.slice(arn.lastIndexOf('/') + 1);
      const tags = this.#world.region(event.region).snapshots.get(id)?.tags;
      if (tags?.get(TAG.vault) !== this.#settings.vault) continue;
      const counts = this.progressOf(tags.get(TAG.slot) ?? '');
      const good = event.detail['result'] === 'succeeded';
      if (event.detail['event'] === 'copySnapshot') counts[good ? 'copies' : 'copiesFailed'] += 1;
      else if (['createSnapshot', 'createSnapshots'].includes(String(event.detail['event']))) {
        counts[good ? 'snapshots' : 'snapshotsFailed'] += 1;
      }
    }
  }

  /** How far a run has come: counted as things happen, cheaper than looking. */
  progressOf(slot: string): RunProgress {
    let counts = this.#progress.get(slot);
    if (counts === undefined) {
      counts = { snapshots: 0, snapshotsFailed: 0, copies: 0, copiesFailed: 0 };
      this.#progress.set(slot, counts);
    }
    return counts;
  }

  /** Records a deletion, and whether the vault's own rules allowed it: judged at once, by what was there then. */
  deletion(snapshot: VaultSnapshot & { readonly deletedAt: number }): void {
    this.deleted.push(snapshot);
    const { retentionDays, keepMin, destinations } = this.#settings;
    const what = `${snapshot.id} (${snapshot.volumeId}, ${snapshot.slot}, ${snapshot.region})`;
    const ageMs = snapshot.deletedAt - Date.parse(snapshot.slot);
    if (snapshot.state === 'error') return;
    if (ageMs < retentionDays * DAY_MS && !this.#hasTwin(snapshot)) {
      this.wrongDeletions.push(
        `${what} was deleted ${hours(ageMs)} after its slot, before its retention was over`,
      );
    }
    if (!snapshot.condemned) this.wrongDeletions.push(`${what} was deleted without having been condemned`);
    if (snapshot.held) this.wrongDeletions.push(`${what} was deleted though it is held`);
    const left = this.#goodOf(snapshot.volumeId, snapshot.region);
    if (left < Math.max(1, keepMin))
      this.wrongDeletions.push(`${what} was deleted and left only ${left} good ones of its volume`);
    if (snapshot.originalId !== undefined || ageMs >= 2 * retentionDays * DAY_MS) return;
    for (const region of destinations) {
      const copied = this.#presentIn(region).some(
        (copy) => copy.originalId === snapshot.id && copy.state === 'completed',
      );
      const onceCopied = this.deleted.some(
        (copy) => copy.originalId === snapshot.id && copy.region === region,
      );
      if (!copied && !onceCopied)
        this.wrongDeletions.push(`${what} was deleted before it had a good copy in ${region}`);
    }
  }

  #hasTwin({ id, region, volumeId, slot }: VaultSnapshot): boolean {
    return this.#presentIn(region).some(
      (one) => one.id !== id && one.volumeId === volumeId && one.slot === slot,
    );
  }

  /** Good snapshots of a volume in a region. */
  #goodOf(volumeId: string, region: string): number {
    let count = 0;
    for (const { state, tags, truth } of this.#world.region(region).snapshots.values()) {
      if (state === 'completed' && truth.lineage === volumeId && tags.get(TAG.vault) === this.#settings.vault)
        count += 1;
    }
    return count;
  }

  ended(record: InvocationRecord): void {
    const counts = this.invocations.get(record.functionName) ?? { started: 0, failed: 0 };
    counts.started += 1;
    if (record.error !== undefined) {
      counts.failed += 1;
      counts.lastError = `${record.error.name}: ${record.error.message}`;
    }
    this.invocations.set(record.functionName, counts);
  }

  denied(at: number, functionName: string, action: string, resource: string): void {
    const same = this.denials.find(
      (denial) => denial.functionName === functionName && denial.action === action,
    );
    if (same === undefined) this.denials.push({ at, functionName, action, resource, count: 1 });
    else same.count += 1;
  }

  /** Counts a log line by its level, and gives it back in parts when it is one of ours. */
  logged(functionName: string, line: string): void {
    const counts = this.logLines.get(functionName) ?? { info: 0, warn: 0, error: 0 };
    const level = /"level":"(\w+)"/i.exec(line)?.[1]?.toLowerCase() ?? 'info';
    if (level === 'error') counts.error += 1;
    else if (level === 'warn') counts.warn += 1;
    else counts.info += 1;
    this.logLines.set(functionName, counts);
  }

  #presentIn(region: string): VaultSnapshot[] {
    const { snapshots } = this.#world.region(region);
    const found: VaultSnapshot[] = [];
    for (const record of snapshots.values()) {
      const snapshot = vaultSnapshot(record, region, this.#settings.vault);
      if (snapshot !== undefined) found.push(snapshot);
    }
    return found;
  }
}

function vaultSnapshot(record: SnapshotRecord, region: string, vault: string): VaultSnapshot | undefined {
  const { tags } = record;
  if (tags.get(TAG.vault) !== vault) return undefined;
  const originalId = tags.get(TAG.original);
  return {
    id: record.id,
    region,
    slot: tags.get(TAG.slot) ?? '',
    volumeId: originalId === undefined ? record.volumeId : record.truth.lineage,
    instanceId: tags.get(TAG.instance) ?? '',
    state: record.state,
    ...(record.stateMessage === undefined ? {} : { stateMessage: record.stateMessage }),
    startedAt: record.startedAt,
    ...(record.completedAt === undefined ? {} : { completedAt: record.completedAt }),
    ...(originalId === undefined ? {} : { originalId }),
    condemned: tags.has(TAG.condemned),
    held: tags.has(TAG.hold),
  };
}

/** What a run at this moment should cover: the README's words about tags, applied to the truth of the region. */
export function expectedRun(world: Ec2World, region: string, slot: string, at: number): ExpectedRun {
  const { instances, volumes } = world.region(region);
  const expected = new Map<string, string>();
  const leftOut = new Map<string, string>();
  for (const instance of [...instances.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const selected = instance.tags.get('backup') === 'true';
    const gone = instance.state === 'terminated' || instance.state === 'shutting-down';
    for (const { volumeId } of instance.devices) {
      const volume = volumes.get(volumeId);
      if (expected.has(volumeId)) continue;
      if (volume === undefined) leftOut.set(volumeId, 'it does not exist');
      else if (!selected) leftOut.set(volumeId, 'its instance is not tagged backup=true');
      else if (gone) leftOut.set(volumeId, `its instance is ${instance.state}`);
      else if (volume.tags.get('backup') === 'false') leftOut.set(volumeId, 'it is tagged backup=false');
      else if (volume.state !== 'in-use' && volume.state !== 'available')
        leftOut.set(volumeId, `it is ${volume.state}`);
      else {
        leftOut.delete(volumeId);
        expected.set(volumeId, instance.id);
      }
    }
  }
  return { slot, at, volumes: expected, leftOut, vanished: new Map() };
}
