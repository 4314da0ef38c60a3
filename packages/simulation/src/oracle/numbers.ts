import { HOUR_MS } from '../packs.ts';
import type { Oracle } from './oracle.ts';
import { selectedVolumes, type TrueSnapshot, vaultSnapshots } from './truth.ts';

/** A run as it was scheduled. */
export interface ScheduledRun {
  readonly slotMs: number;
  /** What it should cover, by the truth of that moment: volumes and their instances. */
  readonly volumes: ReadonlyMap<string, string>;
}

type Place = ReadonlyMap<string, readonly TrueSnapshot[]>;

/** What EC2 holds of the volumes that a run surely owes: selected all the time, and nobody has meddled with them. */
interface Truth {
  readonly owed: readonly string[];
  /** Points of the policy in any state, by place, the source region first, and by volume. */
  readonly places: readonly Place[];
  /** What came later than this may not have been seen. */
  readonly seenUntil: number;
}

/**
 * What is wrong with the numbers of a run, each in words. They may be a little old, and never too bright.
 *
 * @param faultsAreOver with faults about, a destination may be one that nobody could read: its copies are not judged
 */
export function wrongNumbers(
  oracle: Oracle,
  run: ScheduledRun,
  metricOf: (name: string) => number | undefined,
  faultsAreOver: boolean,
): readonly string[] {
  const truth = truthOf(oracle, run);
  const [sources = new Map(), ...copies] = truth.places;
  const made = [...sources.keys()].filter((id) => isGoodIn(sources, id, run)).length;
  const seen = truth.owed.filter((id) => isGoodIn(sources, id, run, truth.seenUntil));
  const lacking = truth.owed.filter((id) => !truth.places.every((place) => isGoodIn(place, id, run)));
  const oldest = (place: Place): number =>
    truth.owed.reduce((max, id) => Math.max(max, ageOf(id, run, place, oracle)), 0);
  const secondsOf = (ms: number): number => Math.floor((ms - toleranceMs(oracle)) / 1_000);
  const least = [
    ['SnapshotsCreated', seen.length],
    ['VolumesUnprotected', lacking.length],
    ['VolumesSelected', truth.owed.length],
    ['OldestPointAgeSeconds', secondsOf(oldest(sources))],
    ['OldestCopyAgeSeconds', faultsAreOver ? secondsOf(Math.max(0, ...copies.map(oldest))) : 0],
  ] as const;
  const copied = copies.flatMap((place) => [...place.keys()].filter((id) => isGoodIn(place, id, run))).length;
  const most = [
    ['SnapshotsCreated', made],
    ['CopiesCompleted', copied],
    ...(isUntouched(oracle, run) ? ([['VolumesSelected', run.volumes.size]] as const) : []),
  ] as const;
  const { regions } = oracle.world.facts;
  const isQuiet = !regions.some((region) =>
    oracle.isAnyDisturbed(region, oracle.world.kernel.now() - HOUR_MS),
  );
  return [
    ...least.flatMap(([name, value]) => {
      const told = metricOf(name);
      return told !== undefined && told >= value
        ? []
        : [`${name} is ${told}, and in truth ${value} at least`];
    }),
    ...most.flatMap(([name, value]) => {
      const told = metricOf(name) ?? Number.NaN;
      return isQuiet && told > value ? [`${name} is ${told}, and in truth ${value}`] : [];
    }),
  ];
}

/** Nobody has changed anything of what is selected since the run began: then it covers just that. */
const isUntouched = (oracle: Oracle, run: ScheduledRun): boolean =>
  !oracle.isAnyDisturbed(oracle.world.facts.source, run.slotMs);

/** Why a run may not be called anything but OK, in words; `undefined` when it may. */
export function noExcuse(oracle: Oracle, run: ScheduledRun): string | undefined {
  const truth = truthOf(oracle, run);
  if (run.volumes.size === 0 || truth.owed.length < run.volumes.size) return undefined;
  const isWhole = (id: string) => truth.places.every((place) => isGoodIn(place, id, run, truth.seenUntil));
  if (truth.owed.every(isWhole)) return 'nothing of it is missing';
  const isEarly = oracle.world.kernel.now() - run.slotMs < DEADLINE_MS - toleranceMs(oracle);
  if (isEarly && truth.owed.every((id) => isUnderWay(truth, id, run)))
    return 'what is missing is still under way';
  return undefined;
}

/** So long after its slot a run is waited for (`runDeadlineHours`). */
const DEADLINE_MS = 6 * HOUR_MS;

/** A volume whose point of the run, or a copy of it, is being made; nothing of it has failed or is absent. */
function isUnderWay({ places }: Truth, volumeId: string, run: ScheduledRun): boolean {
  const states = places.map(
    (place) => new Set(ofRun(place, volumeId, run).map(({ record }) => record.state)),
  );
  const [here, ...there] = states;
  if (here === undefined || states.some((each) => each.has('error'))) return false;
  if (here.has('pending') && !here.has('completed')) return true;
  return here.has('completed') && there.every((each) => each.has('completed') || each.has('pending'));
}

/** Whether the run has made a good snapshot of something that it owes, long enough ago. */
export function hasGood(oracle: Oracle, run: ScheduledRun): boolean {
  const truth = truthOf(oracle, run);
  const [sources = new Map()] = truth.places;
  return truth.owed.some((id) => isGoodIn(sources, id, run, truth.seenUntil));
}

function truthOf(oracle: Oracle, run: ScheduledRun): Truth {
  const { world } = oracle;
  const { source, destinations } = world.facts;
  const now = selectedVolumes(world);
  const isCalm = (id: string) =>
    [source, ...destinations].every(
      (region) => !oracle.isDisturbed(region, id, run.slotMs) && !isDeletedLately(oracle, region, id),
    );
  return {
    owed: [...run.volumes.keys()].filter((id) => now.get(id) === run.volumes.get(id) && isCalm(id)),
    places: [source, ...destinations].map((region) =>
      Map.groupBy(
        vaultSnapshots(world, region).filter(
          (one) => one.policy === 'default' && one.isCopy === (region !== source),
        ),
        ({ volumeId }) => volumeId,
      ),
    ),
    seenUntil: world.kernel.now() - toleranceMs(oracle),
  };
}

/** The pruner may delete between the reporter's look and its report. */
const isDeletedLately = (oracle: Oracle, region: string, volumeId: string): boolean =>
  (oracle.deletedAt.get(`${region} ${volumeId}`) ?? Number.NEGATIVE_INFINITY) >
  oracle.world.kernel.now() - toleranceMs(oracle);

/** From a look to what is told of it: lagging reads, slow calls, a wrong clock. */
const toleranceMs = (oracle: Oracle): number => oracle.lagMs + oracle.slownessMs + oracle.skewMs + 60_000;

const ofRun = (place: Place, volumeId: string, { slotMs }: ScheduledRun): readonly TrueSnapshot[] =>
  (place.get(volumeId) ?? []).filter((one) => one.slotMs === slotMs);

/** Whether the volume has a good point of the run there, completed before `until`. */
const isGoodIn = (
  place: Place,
  volumeId: string,
  run: ScheduledRun,
  until = Number.POSITIVE_INFINITY,
): boolean =>
  ofRun(place, volumeId, run).some(({ isGood, record }) => isGood && (record.completedAt ?? 0) < until);

/** How old a volume's newest good point is; without any, the run's slot is what it owes since. */
function ageOf(volumeId: string, run: ScheduledRun, place: Place, oracle: Oracle): number {
  const own = (place.get(volumeId) ?? []).filter(({ isGood }) => isGood);
  const newest = own.reduce<TrueSnapshot | undefined>(
    (max, each) => (max === undefined || each.slotMs > max.slotMs ? each : max),
    undefined,
  );
  return oracle.world.kernel.now() - (newest === undefined ? run.slotMs : instantOf(newest));
}

/** The instant whose data a point holds: a copy, however late it is made, says when its source was started. */
function instantOf({ record, isCopy }: TrueSnapshot): number {
  const said = isCopy ? Date.parse(record.tags.get('smart-vault:started-at') ?? '') : Number.NaN;
  return Number.isNaN(said) ? record.startedAt : said;
}
