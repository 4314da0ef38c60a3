import { type Ec2Knobs, Rng } from '@smart-vault/simulator';
import {
  DRAWN_FAULTS,
  type DrawnFault,
  PLANNED_FAULTS,
  type PlannedFault,
  type WorldFault,
} from './fault-catalogue.ts';

/** Scenario packs. `standard` is a swarm of everything; the others lean towards one kind of danger. */
export const PACKS = {
  standard: 'a swarm: each fault is off or on with a strength of its own',
  calm: 'no faults at all: what a healthy day looks like',
  'keep-one': 'retention of a day, a floor of one, and copies that take 10 or 20 hours',
  tight: 'a few permits of each kind, small pages, much throttling',
  outage: 'a region is gone for hours, or for up to three days',
  foreign: 'a third of all snapshots are other people’s, or look like ours',
  skew: 'clocks are wrong, schedules late, twice or lost',
  operator: 'people delete, tag, hold, lock, move and restore things all day',
  lossy: 'events, messages and answers get lost, doubled and late',
  crashes: 'functions die at every turn',
  lag: 'reads lag by five minutes and replicas disagree',
  cut: 'the retention of a month is cut to a day',
  odd: 'tags, names and messages that nobody expects',
  clocks: 'slots around a change of the clocks',
  silent: 'schedules stop for days',
  wide: 'fifty to a hundred and thirty volumes in one policy',
} as const;
export type PackName = keyof typeof PACKS;
export const PACK_NAMES = Object.keys(PACKS) as readonly PackName[];

/** A planned fault: when it begins, milliseconds after the start of the world. */
export interface Planned {
  readonly kind: PlannedFault;
  /** `kind/0`, `kind/1`: the same in every run of the seed. */
  readonly label: string;
  readonly atMs: number;
}

/** Everything that makes one world, as a function of pack and seed. */
export interface WorldKnobs {
  readonly pack: PackName;
  readonly seed: number;
  readonly startMs: number;
  readonly chaosHours: number;
  readonly healHours: number;
  readonly destinations: 1 | 2;
  readonly consistency: 'instance' | 'volume';
  readonly retentionDays: number;
  readonly keepMin: number;
  readonly graceHours: number;
  readonly prunerMode: 'live' | 'dry-run';
  readonly slotEveryHours: number;
  readonly timezone: string;
  /** Volumes of each instance. */
  readonly instances: readonly number[];
  readonly foreignShare: number;
  readonly ec2: Partial<Ec2Knobs>;
  /** Factor on all latencies. */
  readonly slowness: number;
  readonly chances: Readonly<Partial<Record<DrawnFault, number>>>;
  readonly planned: readonly Planned[];
  readonly conditions: readonly WorldFault[];
  /** Whether dead letters are thrown away when the world heals, instead of being redriven. */
  readonly lettersVanish: boolean;
  /** One volume stays broken for ever, and must not hurt the others. */
  readonly oneStaysBroken: boolean;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const DRAWN = Object.keys(DRAWN_FAULTS) as readonly DrawnFault[];
const PLANNED = Object.keys(PLANNED_FAULTS) as readonly PlannedFault[];

/** What a pack leans to. Chances replace what the swarm would draw; `only` switches all others off. */
interface Lean {
  readonly knobs?: (rng: Rng) => Partial<WorldKnobs>;
  readonly ec2?: (rng: Rng) => Partial<Ec2Knobs>;
  readonly drawn?: Readonly<Partial<Record<DrawnFault, number>>>;
  readonly planned?: Readonly<Partial<Record<PlannedFault, number>>>;
  /** Chance that a fault that the pack does not name is on at all. */
  readonly othersOn?: number;
}

const slow = (hours: number) => ({ baseSeconds: hours * 3600, secondsPerGiB: 0, jitter: 0.2 });

const LEANS: Readonly<Record<PackName, Lean>> = {
  standard: {},
  calm: { othersOn: 0, knobs: () => ({ oneStaysBroken: false }) },
  'keep-one': {
    othersOn: 0.25,
    knobs: () => ({
      retentionDays: 1,
      keepMin: 1,
      graceHours: 0,
      slotEveryHours: 12,
      chaosHours: 60,
      healHours: 40,
    }),
    ec2: (rng) => ({ copyDuration: slow(rng.pick([10, 20])) }),
    planned: { 'source-deleted': 1, 'copy-deleted': 1 },
  },
  tight: {
    othersOn: 0.3,
    ec2: (rng) => ({
      copiesInFlightMax: rng.int(1, 3),
      pendingSnapshotsMax: rng.int(3, 6),
      pageSizeMax: 5,
      emptyPageShare: 0.2,
    }),
    drawn: { throttle: 0.25 },
    planned: { 'other-snapshots': 3, 'throttle-burst': 2 },
  },
  outage: {
    othersOn: 0.25,
    knobs: () => ({ chaosHours: 84, retentionDays: 1, slotEveryHours: 12 }),
    planned: { 'region-outage': 2, 'bus-outage': 1 },
  },
  foreign: {
    othersOn: 0.3,
    knobs: () => ({ foreignShare: 0.34, retentionDays: 1, graceHours: 0 }),
    planned: {
      'junk-snapshots': 1,
      'tags-edited': 2,
      'backup-managed': 1,
      'bin-restore': 2,
      'junk-event': 4,
    },
    ec2: () => ({ recycleBin: true }),
  },
  skew: {
    othersOn: 0.25,
    drawn: {
      'clock-skew': 0.8,
      'tick-lost': 0.3,
      'tick-late': 0.2,
      'tick-twice': 0.3,
      'pruners-overlap': 0.5,
    },
    knobs: () => ({ retentionDays: 1, graceHours: 1 }),
  },
  operator: {
    othersOn: 0.25,
    planned: {
      'volume-deleted': 2,
      'instance-terminated': 1,
      'volume-moved': 2,
      'opt-out': 2,
      'source-deleted': 2,
      'copy-deleted': 2,
      'snapshot-locked': 2,
      'image-registered': 2,
      'bin-restore': 2,
      'tags-edited': 2,
      'hold-placed': 2,
      redrive: 3,
      'redrive-broken': 2,
      deploy: 2,
    },
    ec2: () => ({ recycleBin: true }),
    knobs: () => ({ retentionDays: 1, graceHours: 0 }),
  },
  lossy: {
    othersOn: 0.25,
    drawn: {
      'event-lost': 0.6,
      'event-twice': 0.4,
      'event-late': 0.3,
      'message-twice': 0.3,
      'lost-answer': 0.2,
      'delete-answer-lost': 0.4,
      'metric-lost': 0.4,
      'metric-twice': 0.3,
    },
  },
  crashes: {
    othersOn: 0.2,
    drawn: {
      'crash-before': 0.06,
      'crash-after': 0.06,
      timeout: 0.02,
      'crash-between-batches': 0.4,
      'burned-receive': 0.2,
    },
  },
  lag: {
    othersOn: 0.3,
    ec2: () => ({ readLagMaxMs: 300_000, pageSizeMax: 5 }),
    drawn: { 'crash-after': 0.05, 'lost-answer': 0.15, 'page-fails': 0.08, 'repeated-token': 0.05 },
    knobs: () => ({ conditions: ['read-lag', 'stale-replicas'] }),
  },
  cut: {
    othersOn: 0.2,
    // A busy vault, or one with points so old that ageing alone does not explain why they go (I8).
    knobs: (rng) => ({
      retentionDays: 30,
      keepMin: 2,
      graceHours: 0,
      ...rng.pick([
        { slotEveryHours: 2, chaosHours: 60, instances: [3, 2] },
        { slotEveryHours: 6, chaosHours: 216, instances: [2, 1] },
      ]),
    }),
    planned: { 'policy-cut': 1 },
  },
  odd: {
    othersOn: 0.3,
    planned: {
      'poison-message': 2,
      'huge-message': 1,
      'unknown-version': 2,
      'junk-event': 4,
      'early-copy': 2,
    },
    knobs: () => ({ conditions: ['odd-tags', 'odd-names', 'same-tags'] }),
  },
  clocks: { othersOn: 0.2, knobs: (rng) => ({ ...nearClockChange(rng), conditions: ['daylight-saving'] }) },
  silent: {
    othersOn: 0.15,
    drawn: { 'tick-lost': 1 },
    knobs: () => ({ slotEveryHours: 12, chaosHours: 60 }),
  },
  wide: {
    othersOn: 0.15,
    knobs: (rng) => ({
      instances: Array.from({ length: rng.int(20, 40) }, () => rng.int(2, 4)),
      chaosHours: 6,
      healHours: 20,
      slotEveryHours: 24,
      conditions: ['wide-fleet'],
    }),
  },
};

/** The knobs of a world: a function of pack and seed. */
export function knobsOf(pack: PackName, seed: number): WorldKnobs {
  const rng = new Rng(seed).fork(`knobs ${pack}`);
  const lean = LEANS[pack];
  const on = lean.othersOn ?? 0.6;
  const base: WorldKnobs = {
    pack,
    seed,
    startMs: Date.UTC(2026, 10, 2) + rng.int(0, 23) * HOUR_MS,
    chaosHours: rng.pick([3, 4, 5, 6, 8, 14]),
    healHours: 14,
    destinations: rng.chance(0.3) ? 2 : 1,
    consistency: rng.chance(0.6) ? 'instance' : 'volume',
    retentionDays: rng.pick([1, 1, 2, 3]),
    keepMin: rng.pick([1, 1, 2, 3]),
    graceHours: rng.pick([0, 1, 6, 24]),
    prunerMode: rng.chance(0.06) ? 'dry-run' : 'live',
    slotEveryHours: rng.pick([2, 3, 4, 6]),
    timezone: rng.pick(['UTC', 'UTC', 'UTC', 'Europe/Rome', 'America/New_York', 'Asia/Kolkata']),
    instances: rng.pick([[1], [1], [1], [2], [2], [1, 1], [1, 2]]),
    foreignShare: rng.chance(0.5) ? 0.3 : 0,
    ec2: ec2Of(rng),
    slowness: rng.pick([0.5, 1, 1, 4]),
    chances: chancesOf(rng.fork('drawn'), on, lean.drawn ?? {}),
    planned: [],
    conditions: [],
    lettersVanish: rng.chance(0.5),
    oneStaysBroken: rng.chance(0.15),
  };
  const leaning = lean.knobs?.(rng.fork('lean')) ?? {};
  const drawn = { ...base, ...leaning, ec2: { ...base.ec2, ...lean.ec2?.(rng.fork('lean ec2')) } };
  const knobs = isSlow(drawn) ? withTime(drawn) : drawn;
  const planned = plannedOf(rng.fork('planned'), on * 0.6, lean.planned ?? {}, knobs.chaosHours * HOUR_MS);
  return {
    ...knobs,
    planned,
    conditions: conditionsOf({ ...knobs, planned }, leaning.conditions ?? [], rng),
  };
}

/** Fewer slots, and permits for all volumes at once: what takes hours could not be done one after the other. */
function withTime(knobs: WorldKnobs): WorldKnobs {
  const { ec2 } = knobs;
  const volumes = knobs.instances.reduce((sum, count) => sum + count, 0);
  return {
    ...knobs,
    slotEveryHours: Math.max(12, knobs.slotEveryHours),
    ec2: {
      ...ec2,
      pendingSnapshotsMax: Math.max(ec2.pendingSnapshotsMax ?? 100, volumes),
      // A few copies one after the other are a danger that is wanted; a hundred would take weeks.
      ...(volumes > 20 ? { copiesInFlightMax: volumes } : {}),
    },
  };
}

/** Snapshots or copies that take hours: with a slot every few hours the backlog would only grow. */
const isSlow = ({ ec2 }: WorldKnobs): boolean =>
  (ec2.snapshotDuration?.baseSeconds ?? 0) >= 7_200 || (ec2.copyDuration?.baseSeconds ?? 0) >= 7_200;

function ec2Of(rng: Rng): Partial<Ec2Knobs> {
  return {
    pendingSnapshotsMax: rng.pick([4, 10, 100]),
    copiesInFlightMax: rng.pick([1, 3, 20]),
    readLagMaxMs: rng.chance(0.4) ? rng.pick([5_000, 60_000, 300_000]) : 0,
    pageSizeMax: rng.pick([5, 1000, 1000]),
    emptyPageShare: rng.chance(0.3) ? 0.1 : 0,
    snapshotDuration: rng.chance(0.06)
      ? slow(rng.int(2, 5))
      : { baseSeconds: rng.pick([5, 60, 900]), secondsPerGiB: 2, jitter: 1 },
    copyDuration: rng.chance(0.08)
      ? slow(rng.int(2, 5))
      : { baseSeconds: rng.pick([8, 120, 600]), secondsPerGiB: 5, jitter: 1 },
    memberEventsOfSets: rng.chance(0.3),
    copiesSurviveSourceDeletion: rng.chance(0.5),
    recycleBin: rng.chance(0.2),
    snapshotsPerRegionMax: rng.chance(0.05) ? 40 : 100_000,
  };
}

function chancesOf(
  rng: Rng,
  on: number,
  leaning: Readonly<Partial<Record<DrawnFault, number>>>,
): WorldKnobs['chances'] {
  const chances: Partial<Record<DrawnFault, number>> = {};
  for (const kind of DRAWN) {
    const [isOn, strength] = [rng.chance(on), rng.next()];
    const leans = leaning[kind];
    if (leans !== undefined) chances[kind] = leans;
    else if (isOn) chances[kind] = DRAWN_FAULTS[kind].cap * strength;
  }
  return chances;
}

function plannedOf(
  rng: Rng,
  on: number,
  leaning: Readonly<Partial<Record<PlannedFault, number>>>,
  lengthMs: number,
): Planned[] {
  const planned: Planned[] = [];
  for (const kind of PLANNED) {
    const draw = rng.fork(kind);
    const count = leaning[kind] ?? (draw.chance(on) ? draw.int(1, PLANNED_FAULTS[kind].cap) : 0);
    for (let n = 0; n < count; n += 1) {
      planned.push({
        kind,
        label: `${kind}/${n}`,
        atMs: Math.floor(draw.fork(String(n)).between(0.03, 0.97) * lengthMs),
      });
    }
  }
  return planned.sort((a, b) => a.atMs - b.atMs);
}

/** What the world has from the beginning, by its knobs. */
function conditionsOf(knobs: WorldKnobs, given: readonly WorldFault[], rng: Rng): readonly WorldFault[] {
  const { ec2 } = knobs;
  const found = new Set<WorldFault>(given);
  if (knobs.pack === 'calm') return [];
  if ((ec2.readLagMaxMs ?? 0) > 0) found.add('read-lag').add('stale-replicas');
  if ((ec2.pageSizeMax ?? 1000) < 1000) found.add('small-pages');
  if ((ec2.snapshotsPerRegionMax ?? 100_000) < 1000) found.add('few-snapshots');
  if ((ec2.snapshotDuration?.baseSeconds ?? 0) > 7200) found.add('slow-snapshots');
  if ((ec2.copiesInFlightMax ?? 20) < 20 || (ec2.pendingSnapshotsMax ?? 100) < 100) found.add('few-permits');
  if (knobs.foreignShare > 0) found.add('foreign-snapshots');
  if (knobs.retentionDays === 1) found.add('short-retention');
  if (knobs.lettersVanish) found.add('letters-vanish');
  if (rng.chance(0.2)) found.add('odd-tags');
  if (rng.chance(0.2)) found.add('odd-names');
  if (rng.chance(0.1)) found.add('same-tags');
  found.add('reordered').add('dummy-volume-ids');
  return [...found];
}

/** Two days around a change of the clocks. */
function nearClockChange(rng: Rng): Pick<WorldKnobs, 'startMs' | 'timezone' | 'slotEveryHours'> {
  const [timezone, at] = rng.pick([
    ['Europe/Rome', Date.UTC(2026, 2, 29, 1)],
    ['Europe/Rome', Date.UTC(2026, 9, 25, 1)],
    ['America/New_York', Date.UTC(2026, 2, 8, 7)],
    ['America/New_York', Date.UTC(2026, 10, 1, 6)],
    ['Australia/Lord_Howe', Date.UTC(2026, 3, 4, 15)],
    ['UTC', Date.UTC(2028, 1, 28, 23)],
  ] as const);
  return { timezone, startMs: at - rng.int(12, 30) * HOUR_MS, slotEveryHours: rng.pick([1, 6, 24]) };
}
