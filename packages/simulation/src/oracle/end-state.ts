import { DAY_MS, HOUR_MS } from '../packs.ts';
import { type ByRegion, dueAt } from './due.ts';
import type { Oracle } from './oracle.ts';
import { holds, isHeld, isOutOfReach, selectedVolumes, type TrueSnapshot, vaultSnapshots } from './truth.ts';

/** What is left out of the final checks, and why they would not hold of it. */
export interface Exceptions {
  /** Ids of volumes and instances that stay broken on purpose. */
  readonly broken: ReadonlySet<string>;
  /** The slot that must be there by now, ms. */
  readonly latestSlotMs: number | undefined;
  /** When the faults ended, virtual milliseconds since 1970. */
  readonly healedAt: number;
}

/** Checks what must be true once all faults are over and some time has passed: L1 to L4, I1, H2, H4. */
export function checkEndState(oracle: Oracle, exceptions: Exceptions): void {
  const { world } = oracle;
  const all = new Map(world.facts.regions.map((region) => [region, vaultSnapshots(world, region)]));
  checkLatestSlot(oracle, exceptions);
  checkCopies(oracle, all, exceptions);
  checkRetention(oracle, all, exceptions);
  checkPardons(oracle, all, exceptions);
  checkDuplicates(oracle, all);
  checkDigests(oracle);
  oracle.reports.checkSilence();
}

/** So many failed copies of one source make it a dead letter. */
const COPIES_TRIED_MAX = 3;

/** L1: every selected volume has its newest slot. */
export function checkLatestSlot(oracle: Oracle, { broken, latestSlotMs }: Exceptions): void {
  if (latestSlotMs === undefined) return;
  const sources = vaultSnapshots(oracle.world, oracle.world.facts.source);
  const slot = new Date(latestSlotMs).toISOString().replace('.000', '');
  const selected = selectedVolumes(oracle.world);
  for (const [volumeId, instanceId] of selected) {
    if (broken.has(volumeId) || broken.has(instanceId)) continue;
    if (
      sources.some(
        (one) =>
          one.volumeId === volumeId &&
          one.slot >= slot &&
          one.slotMs <= oracle.world.kernel.now() &&
          one.isGood,
      )
    )
      continue;
    if (
      isBlocked(oracle, sources, setOf(selected, volumeId, oracle)) ||
      isFull(oracle, oracle.world.facts.source)
    )
      continue;
    const states = sources
      .filter((one) => one.volumeId === volumeId)
      .map((one) => `${one.slot} ${one.record.state}`);
    oracle.broken(
      'L1',
      `${volumeId} has no good snapshot for ${slot}; it has ${states.join(', ') || 'none at all'}`,
      [volumeId, instanceId],
    );
  }
}

/** The volumes that are snapshotted at one instant with this one: a busy one makes all of them wait. */
function setOf(
  selected: ReadonlyMap<string, string>,
  volumeId: string,
  { circumstances }: Oracle,
): readonly string[] {
  if (circumstances.knobs.consistency === 'volume') return [volumeId];
  const instanceId = selected.get(volumeId);
  return [...selected].filter(([, instance]) => instance === instanceId).map(([id]) => id);
}

/** While a pruner may not delete, a failed snapshot that EC2 counts as in progress keeps its volume busy. */
const isBlocked = (
  { circumstances }: Oracle,
  sources: readonly TrueSnapshot[],
  set: readonly string[],
): boolean =>
  circumstances.knobs.prunerMode === 'dry-run' &&
  sources.some((one) => set.includes(one.volumeId) && one.record.state === 'error');

/** The region's quota of snapshots was reached lately: an alarm rings, and nothing but a higher quota helps. */
export const isFull = ({ world, fullAt }: Oracle, region: string): boolean =>
  (fullAt.get(region) ?? 0) > world.kernel.now() - DAY_MS;

/** L2: every good source has a good copy everywhere. */
function checkCopies(oracle: Oracle, all: ByRegion, { broken, healedAt }: Exceptions): void {
  const { world, circumstances } = oracle;
  const now = world.kernel.now();
  const letters = world.facts.deadLetterQueues.flatMap((name) =>
    world
      .queue(name)
      .peek()
      .map(({ body }) => body),
  );
  for (const source of all.get(world.facts.source) ?? []) {
    if (!source.isGood || source.isCopy || source.isCondemned || source.record.storageTier === 'archive')
      continue;
    if (broken.has(source.volumeId) || source.slotMs > now || oracle.isStranger(source.id)) continue;
    const completedAt = source.record.completedAt ?? now;
    const age = now - completedAt;
    const dueAt = Math.max(completedAt, healedAt) + copyTimeMs(oracle);
    // What retention removes meanwhile is not copied any more.
    if (now < dueAt || source.slotMs + circumstances.retentionDays * DAY_MS < dueAt) continue;
    for (const region of world.facts.destinations) {
      const copies = (all.get(region) ?? []).filter((copy) => copy.key === source.key);
      if (copies.some(({ isGood }) => isGood) || oracle.wasPrunedThere(region, source.key)) continue;
      if (isFull(oracle, region)) continue;
      // After three failures a copy is a dead letter, and what is one is tried again once a day.
      const isDead = copies.length >= COPIES_TRIED_MAX || letters.some((body) => body.includes(source.id));
      if (isDead && now < dueAt + DAY_MS) continue;
      oracle.broken(
        'L2',
        `${source.id} of ${source.volumeId} for ${source.slot} has no good copy in ${region} ${Math.round(age / HOUR_MS)} hours after its end; ${copies.map(({ id, record }) => `${id} ${record.state}`).join(', ') || 'none'}`,
        [source.id, source.volumeId],
      );
    }
  }
}

/** The reconciler's longest pause, and what the copies of this world take: one after the other, where permits are few. */
function copyTimeMs({ world }: Oracle): number {
  const { copyDuration, copiesInFlightMax } = world.ec2.knobs;
  const oneMs = copyDuration.baseSeconds * (1 + copyDuration.jitter) * 1000;
  const waiting = Math.ceil(40 / copiesInFlightMax);
  return 14 * HOUR_MS + oneMs * Math.min(waiting, 6);
}

/** L3: nothing outlives its retention, the grace period and some runs of the pruner. */
function checkRetention(oracle: Oracle, all: ByRegion, { healedAt }: Exceptions): void {
  const { world, circumstances } = oracle;
  const { knobs } = circumstances;
  if (knobs.prunerMode === 'dry-run') return;
  const now = world.kernel.now();
  // Sources wait for copies and copies for their sources: then twice the retention is the limit.
  const waitMs = 2 * knobs.graceHours * HOUR_MS + 30 * HOUR_MS;
  const goneBy = (one: TrueSnapshot, line: readonly TrueSnapshot[]): number =>
    Math.max(
      Math.max(dueAt(oracle, all, line, one), one.record.completedAt ?? 0) + waitMs,
      // Two runs of the pruner after the faults, six hours apart, with the grace period between.
      healedAt + (13 + knobs.graceHours) * HOUR_MS,
    );
  for (const [region, snapshots] of all) {
    // A plan that ageing does not explain is refused as a whole, and an alarm rings: then it is for people to look.
    if (oracle.refusedAt.has(region) || oracle.refusedAt.has(world.facts.source)) continue;
    const byVolume = Map.groupBy(
      snapshots.filter((one) => one.isGood && one.slotMs <= now && !isOutOfReach(one.record)),
      (one) => `${one.policy} ${one.volumeId}`,
    );
    for (const line of byVolume.values()) {
      const slots = [...new Set(line.map(({ slotMs }) => slotMs))].sort((a, b) => b - a);
      const floor = slots[Math.max(1, circumstances.keepMin) - 1] ?? Number.NEGATIVE_INFINITY;
      for (const one of line) {
        if (goneBy(one, line) > now || one.slotMs >= floor || one.policy !== 'default' || isHeld(world, one))
          continue;
        if (oracle.isStranger(one.id)) continue;
        oracle.broken(
          'L3',
          `${one.id} of ${one.volumeId} for ${one.slot} is still in ${region}, ${Math.round((now - one.slotMs) / HOUR_MS)} hours after its slot; retention is ${circumstances.retentionDays} days`,
          [one.id, one.volumeId],
        );
      }
    }
  }
}

/** L3: what is to stay is no longer condemned, so that it has the whole grace period when its time comes. */
function checkPardons(oracle: Oracle, all: ByRegion, { healedAt }: Exceptions): void {
  const { world, circumstances } = oracle;
  const now = world.kernel.now();
  // Two runs of the pruner after the faults.
  if (circumstances.knobs.prunerMode === 'dry-run' || now < healedAt + 13 * HOUR_MS) return;
  for (const [region, snapshots] of all) {
    if (oracle.refusedAt.has(region) || oracle.refusedAt.has(world.facts.source)) continue;
    for (const one of snapshots) {
      if (!one.isCondemned || !one.isGood || one.policy !== 'default' || one.slotMs > now) continue;
      if (isOutOfReach(one.record)) continue;
      const isHeldByTag = holds(one.record.tags.get('backup:hold'), now);
      const isYoung = now < one.slotMs + circumstances.retentionDays * DAY_MS && !oracle.isStranger(one.id);
      const isSpare = snapshots.some(({ id, key, isGood }) => id !== one.id && key === one.key && isGood);
      if (isHeldByTag || (isYoung && !isSpare))
        oracle.broken(
          'L3',
          `${one.id} of ${one.volumeId} for ${one.slot} in ${region} is to stay (${isHeldByTag ? 'held' : 'young'}), and was never pardoned`,
          [one.id, one.volumeId],
        );
    }
  }
}

/** I1 at the end: one per key and region, whatever happened on the way. */
function checkDuplicates(oracle: Oracle, all: ByRegion): void {
  const now = oracle.world.kernel.now();
  // Two runs of the pruner, six hours apart, with the grace period between.
  const removedMs = (13 + oracle.circumstances.knobs.graceHours) * HOUR_MS;
  for (const [region, snapshots] of all) {
    const living = snapshots.filter(
      ({ record, isCondemned, id }) => record.state !== 'error' && !isCondemned && !oracle.isStranger(id),
    );
    for (const [key, same] of Map.groupBy(living, (one) => one.key)) {
      const free = same.filter((one) => !isHeld(oracle.world, one));
      if (
        same.length > 1 &&
        free.length > 0 &&
        oracle.circumstances.knobs.prunerMode === 'live' &&
        same.every(
          ({ record }) => record.completedAt !== undefined && record.completedAt + removedMs < now,
        ) &&
        !waitsForCopy(oracle, all, same)
      )
        oracle.broken(
          'I1',
          `${same.length} snapshots of ${key} in ${region} are left: ${same.map(({ id }) => id).join(', ')}`,
          same.map(({ id }) => id),
        );
    }
  }
}

/** Duplicates of a source stay until the point has a copy. */
const waitsForCopy = ({ world }: Oracle, all: ByRegion, same: readonly TrueSnapshot[]): boolean =>
  same.some(({ isGood }) => !isGood) ||
  world.facts.destinations.some(
    (region) => !(all.get(region) ?? []).some((copy) => copy.key === same[0]?.key && copy.isGood),
  );

/** H4: every run that was started is told, or its report waits in a dead-letter queue. */
function checkDigests(oracle: Oracle): void {
  const { world, reports } = oracle;
  const limit = world.kernel.now() - 8 * HOUR_MS;
  for (const name of world.facts.deadLetterQueues)
    if (name.includes('reports')) for (const { body } of world.queue(name).peek()) oracle.reportLost(body);
  for (const slotMs of reports.scheduledSlots) {
    if (slotMs > limit || reports.digests.has(slotMs)) continue;
    const slot = new Date(slotMs).toISOString().replace('.000', '');
    if (oracle.lostReports.has(slot)) continue;
    oracle.broken('H4', `nobody was told of the run of ${slot}`, []);
  }
}
