import type { LocalCloud } from './cloud.ts';
import type { ExpectedRun, VaultSnapshot } from './history.ts';

/** One promise of the vault, held against the truth of the world. */
export interface Verdict {
  readonly promise: string;
  readonly kept: boolean;
  /** Why not, one line each; or what was counted. */
  readonly details: readonly string[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Two runs of the pruner, a day apart, after retention and grace. */
const PRUNER_ROUNDS_MS = 2 * DAY_MS;

/** Checks everything that the vault promises, by the world's own truth and not by the vault's reports. */
export function checkPromises(cloud: LocalCloud): readonly Verdict[] {
  const everything = cloud.history.everything();
  const runs = dueRuns(cloud);
  return [
    everyVolumeHasOneSnapshot(cloud, runs, everything),
    everySnapshotIsCopied(cloud, runs, everything),
    onlySelectedVolumes(cloud, everything),
    verdict(
      'no copy started before its source was completed',
      cloud.world.stats.copiesOfUnfinishedSources === 0
        ? []
        : [`${cloud.world.stats.copiesOfUnfinishedSources} did`],
    ),
    quotasHold(cloud),
    nothingHealthyDeadLettered(cloud),
    verdict(
      'nothing was deleted too early, unannounced or as the last good one',
      cloud.history.wrongDeletions,
    ),
    everyExpiredOneIsDeleted(cloud, everything),
    verdict(
      "no snapshot of anyone else's was touched",
      cloud.harmedForeignSnapshots(),
      `${cloud.foreign.length} are still there`,
    ),
    everyRunIsTold(cloud, runs),
    rightsSuffice(cloud),
  ];
}

/** Runs that must be over by now. */
function dueRuns(cloud: LocalCloud): readonly ExpectedRun[] {
  const now = cloud.clock.now();
  const deadline = cloud.settings.runDeadlineHours * HOUR_MS;
  return cloud.history.runs.filter((run) => Date.parse(run.slot) + deadline <= now || cloud.isQuiet());
}

function verdict(promise: string, problems: readonly string[], counted = ''): Verdict {
  return {
    promise,
    kept: problems.length === 0,
    details: problems.length === 0 ? (counted === '' ? [] : [counted]) : problems,
  };
}

/** Good ones by slot and volume: those that are there, and those that were and have been deleted. */
function goodByKey(snapshots: readonly VaultSnapshot[]): ReadonlyMap<string, readonly VaultSnapshot[]> {
  const found = new Map<string, VaultSnapshot[]>();
  for (const snapshot of snapshots) {
    if (snapshot.state !== 'completed') continue;
    const key = `${snapshot.region} ${snapshot.slot} ${snapshot.volumeId}`;
    const same = found.get(key);
    if (same === undefined) found.set(key, [snapshot]);
    else same.push(snapshot);
  }
  return found;
}

function everyVolumeHasOneSnapshot(
  cloud: LocalCloud,
  runs: readonly ExpectedRun[],
  everything: readonly VaultSnapshot[],
): Verdict {
  const good = goodByKey(everything);
  const { sourceRegion } = cloud.settings;
  const problems = runs.flatMap((run) => problemsOfRun(run, sourceRegion, good, 'snapshot'));
  const count = runs.reduce((sum, run) => sum + run.volumes.size, 0);
  return verdict(
    'every selected volume has exactly one good snapshot for every run',
    problems,
    `${count} of ${count}`,
  );
}

function everySnapshotIsCopied(
  cloud: LocalCloud,
  runs: readonly ExpectedRun[],
  everything: readonly VaultSnapshot[],
): Verdict {
  const good = goodByKey(everything);
  const { destinations } = cloud.settings;
  const problems = destinations.flatMap((region) =>
    runs.flatMap((run) => problemsOfRun(run, region, good, 'copy')),
  );
  const count = runs.reduce((sum, run) => sum + run.volumes.size, 0) * destinations.length;
  const where = destinations.join(' and ');
  return verdict(`every snapshot has exactly one good copy in ${where}`, problems, `${count} of ${count}`);
}

function problemsOfRun(
  run: ExpectedRun,
  region: string,
  good: ReadonlyMap<string, readonly VaultSnapshot[]>,
  what: 'snapshot' | 'copy',
): string[] {
  const counts = [...run.volumes.keys()].map(
    (id) => [id, good.get(`${region} ${run.slot} ${id}`)?.length ?? 0] as const,
  );
  const none = counts.filter(([, count]) => count === 0).map(([id]) => id);
  const many = counts.filter(([, count]) => count > 1).map(([id]) => id);
  const whole = `of ${run.volumes.size} volumes`;
  return [
    ...(none.length > 0
      ? [`${run.slot} ${region}: ${none.length} ${whole} without a good ${what}: ${some(none)}`]
      : []),
    ...(many.length > 0
      ? [`${run.slot} ${region}: ${many.length} ${whole} with more than one ${what}: ${some(many)}`]
      : []),
  ];
}

function onlySelectedVolumes(cloud: LocalCloud, everything: readonly VaultSnapshot[]): Verdict {
  const allowed = new Map(
    cloud.history.runs.map((run) => [run.slot, new Set([...run.volumes.keys(), ...run.vanished.keys()])]),
  );
  // What was there before the first run is of runs that nobody has counted.
  const counted = everything.filter(({ slot }) => Date.parse(slot) >= cloud.startMs);
  const wrong = counted.filter((one) => allowed.get(one.slot)?.has(one.volumeId) !== true);
  const left = new Set(cloud.history.runs.flatMap((run) => [...run.leftOut.keys()])).size;
  const problems = wrong
    .slice(0, 10)
    .map((one) => `${one.id} is of ${one.volumeId} for ${one.slot}, which was not selected`);
  return verdict('no volume was backed up that is not selected', problems, `${left} were left out`);
}

function quotasHold(cloud: LocalCloud): Verdict {
  const { pendingSnapshotsMax, copiesInFlightMax } = cloud.world.knobs;
  const problems = cloud.world.stats
    .regions()
    .flatMap((region) => [
      ...(region.pendingMax > pendingSnapshotsMax
        ? [`${region.region}: ${region.pendingMax} pending snapshots`]
        : []),
      ...(region.copiesInFlightMax > copiesInFlightMax
        ? [`${region.region}: ${region.copiesInFlightMax} copies in flight`]
        : []),
    ]);
  return verdict("EC2's quotas were never exceeded", problems);
}

/** Codes of letters that only a quota or a throttle has brought there. */
const BUSY_CODES = new Set(['THROTTLED', 'LIMIT_EXCEEDED', 'VOLUME_BUSY']);

function nothingHealthyDeadLettered(cloud: LocalCloud): Verdict {
  const problems = cloud.deadLetterQueues().flatMap((queue) =>
    cloud.queues
      .messages(queue)
      .filter(({ attributes }) => BUSY_CODES.has(attributes['smart-vault.code'] ?? ''))
      .map(
        ({ attributes }) =>
          `${queue}: ${attributes['smart-vault.subject'] ?? '?'} died of ${attributes['smart-vault.code']}`,
      ),
  );
  return verdict('nothing was dead-lettered because of a quota or a throttle', problems.slice(0, 10));
}

function everyExpiredOneIsDeleted(cloud: LocalCloud, everything: readonly VaultSnapshot[]): Verdict {
  const { retentionDays, graceHours, keepMin } = cloud.settings;
  const limit = cloud.clock.now() - (retentionDays * DAY_MS + graceHours * HOUR_MS + PRUNER_ROUNDS_MS);
  const present = everything.filter((one) => one.deletedAt === undefined && one.state === 'completed');
  const newest = new Map<string, VaultSnapshot[]>();
  for (const one of present) {
    const key = `${one.region} ${one.volumeId}`;
    const same = newest.get(key);
    if (same === undefined) newest.set(key, [one]);
    else same.push(one);
  }
  const problems: string[] = [];
  for (const [, list] of newest) {
    const expired = list.sort((a, b) => (a.slot < b.slot ? 1 : -1)).slice(keepMin);
    for (const one of expired) {
      if (Date.parse(one.slot) <= limit && !one.held)
        problems.push(`${one.id} (${one.volumeId}, ${one.slot}, ${one.region}) is still there`);
    }
  }
  const deleted = everything.filter((one) => one.deletedAt !== undefined).length;
  return verdict(
    'every expired snapshot and copy was deleted in time',
    capped(problems),
    `${deleted} deleted`,
  );
}

function everyRunIsTold(cloud: LocalCloud, runs: readonly ExpectedRun[]): Verdict {
  const digests = cloud.history.messages.filter((message) => !message.ofAlarm);
  const problems = runs.flatMap((run) => {
    const count = digests.filter(({ subject }) => subject.includes(digestTime(run.slot))).length;
    return count === 1 ? [] : [`${run.slot}: ${count} digests`];
  });
  return verdict(
    'every run was told to the administrators once',
    problems,
    `${runs.length} of ${runs.length}`,
  );
}

/** How a digest's subject names a slot. */
export const digestTime = (slot: string): string => `${slot.slice(0, 10)} ${slot.slice(11, 16)} UTC`;

function rightsSuffice(cloud: LocalCloud): Verdict {
  const denied = cloud.history.denials.map(
    ({ functionName, action, resource, count }) =>
      `the role of ${functionName} lacks ${action} on ${resource} (${count} calls)`,
  );
  return verdict('the rights and wires in the templates suffice', [...denied, ...cloud.history.oddities]);
}

const SHOWN = 3;
const some = (ids: readonly string[]): string =>
  ids.length <= SHOWN ? ids.join(', ') : `${ids.slice(0, SHOWN).join(', ')} and ${ids.length - SHOWN} more`;
const capped = (lines: readonly string[]): readonly string[] =>
  lines.length <= 5 ? lines : [...lines.slice(0, 5), `and ${lines.length - 5} more`];
