import type { Alarm } from '@smart-vault/aws/alarm-catalog';
import {
  latestSlotAt,
  nextRunAfter,
  parseSchedule,
  type Region,
  type RunAssessment,
  type RunCounts,
  type RunStatus,
  type Slot,
  slotAt,
  slotMs,
} from '@smart-vault/core';
import { count } from '../terminal/words.ts';
import { isAnswered, type RegionAnswer } from '../vault/ask-regions.ts';
import { type CopyFlow, copyFlow } from './copy-flow.ts';
import type { LettersOfQueue, StatusFacts } from './gather.ts';
import { standings, type VolumeStanding } from './protection.ts';
import { assessSlot, newestScheduledSlot, recentRuns } from './runs.ts';

const RUNS_SHOWN = 3;
const DEFAULT_RPO_HOURS = 26;
const DEFAULT_PERMITS = 20;
const DEFAULT_RETENTION_DAYS = 7;
/** A run that has not begun so long after its slot will not by itself: Scheduler fires within the minute. */
const OVERDUE_MS = 15 * 60_000;

/** How a vault stands; the JSON of `status --json`. Times are milliseconds since 1970. */
export interface StatusReport {
  readonly vault: string;
  readonly at: number;
  readonly source: Region;
  readonly destinations: readonly Region[];
  /** Nothing wants attention. */
  readonly healthy: boolean;
  /** What wants attention, one line each; empty when healthy. */
  readonly attention: readonly string[];
  readonly runs: readonly RunLine[];
  readonly volumes: {
    readonly protected: number;
    readonly running: number;
    /** Left out on purpose, or gone. */
    readonly leftOut: number;
    /** Those that are not protected. */
    readonly late: readonly VolumeStanding[];
    readonly unprotected: readonly VolumeStanding[];
    readonly unknown: readonly VolumeStanding[];
  };
  readonly snapshots: {
    readonly pending: number;
    readonly waiting: number;
    readonly oldestSeconds: number | null;
  };
  readonly copies: readonly CopyFlow[];
  readonly deadLetters: readonly LettersLine[];
  readonly nextSlot: { readonly at: Slot | null; readonly how: string };
  readonly alarms: { readonly ringing: readonly RingingAlarm[]; readonly total: number };
  /** Regions and services that did not answer. */
  readonly unreadable: readonly {
    readonly region: Region;
    readonly what: string;
    readonly problem: string;
  }[];
}

interface RingingAlarm extends Alarm {
  /** What it rings for is over; it ends by itself with the next report or the next numbers. */
  readonly isOver: boolean;
}

export interface RunLine {
  readonly slot: Slot;
  readonly onDemand: boolean;
  readonly status: RunStatus;
  readonly counts: RunCounts;
}

interface LettersLine {
  readonly queue: string;
  readonly region: Region;
  readonly letters: number;
  /** Of those that were read, at most 200 of a queue. */
  readonly classes: Readonly<Record<string, number>>;
}

/** Judges the facts. Pure. */
export function statusReport(facts: StatusFacts, now: number): StatusReport {
  const { vault } = facts;
  const newest = newestScheduledSlot(facts);
  const current = assessSlot(facts, newest ?? slotAt(now), now);
  const rpoHours = vault.settings.rpoHours ?? rpoOfAlarm(facts) ?? DEFAULT_RPO_HOURS;
  const volumes = volumesOf(current, rpoHours);
  const report = {
    vault: vault.name,
    at: now,
    source: vault.region,
    destinations: vault.destinations,
    runs: recentRuns(facts, now, RUNS_SHOWN).map(({ assessment: { slot, status, counts }, onDemand }) => ({
      slot,
      onDemand,
      status,
      counts,
    })),
    volumes,
    snapshots: snapshotsOf(facts),
    copies: copiesOf(facts, now),
    deadLetters: facts.letters.map(lettersLine),
    nextSlot: nextSlotOf(facts, now),
    alarms: alarmsOf(facts, volumes),
    unreadable: unreadableOf(facts),
  };
  const attention = attentionOf(report, overdueOf(facts, newest, now));
  return { ...report, healthy: attention.length === 0, attention };
}

function volumesOf(current: RunAssessment, rpoHours: number): StatusReport['volumes'] {
  const all = standings(current, rpoHours);
  const those = (standing: VolumeStanding['standing']) => all.filter((each) => each.standing === standing);
  return {
    protected: those('protected').length,
    running: those('running').length,
    leftOut: current.volumes.length - all.length,
    late: those('late'),
    unprotected: those('unprotected'),
    unknown: those('unknown'),
  };
}

function snapshotsOf({ sourceSnapshots, vault, oldestSeconds }: StatusFacts): StatusReport['snapshots'] {
  const queue = vault.queues.find(({ role }) => role === 'volumes');
  const { visible, inFlight, delayed } = queue?.depth ?? { visible: 0, inFlight: 0, delayed: 0 };
  return {
    pending: sourceSnapshots.filter(({ state }) => state === 'pending').length,
    waiting: visible + inFlight + delayed,
    oldestSeconds: oldestSeconds.get(queue?.name ?? '') ?? null,
  };
}

function copiesOf(
  { vault, destinations, sourceSnapshots, letters }: StatusFacts,
  now: number,
): readonly CopyFlow[] {
  return destinations.filter(isAnswered).map(({ region, value }) => {
    const dlq = letters.find(({ queue }) => queue.role === 'copies-dlq' && queue.destination === region);
    return copyFlow({
      vault: vault.name,
      region,
      sources: sourceSnapshots,
      copies: value,
      dead: new Set(dlq?.read.flatMap(({ subjects }) => subjects)),
      permits: vault.settings.copiesInFlightMax ?? DEFAULT_PERMITS,
      retentionDays: vault.settings.retentionDays ?? DEFAULT_RETENTION_DAYS,
      now,
    });
  });
}

function lettersLine({ queue, letters, read }: LettersOfQueue): LettersLine {
  const classes: Record<string, number> = {};
  for (const { failureClass } of read) classes[failureClass] = (classes[failureClass] ?? 0) + 1;
  return { queue: queue.name, region: queue.region, letters, classes };
}

function alarmsOf(
  { alarms, letters }: StatusFacts,
  volumes: StatusReport['volumes'],
): StatusReport['alarms'] {
  const all = alarms.filter(isAnswered).flatMap(({ value }) => value);
  const noLetters = letters.every((each) => each.letters === 0);
  const noneStale = volumes.unprotected.length + volumes.unknown.length === 0;
  const isOver = ({ name }: Alarm): boolean =>
    (noLetters && /-DeadLetters(Volumes|Copies|Reports|Jobs|Events)(-|$)/.test(name)) ||
    (noneStale && /-RpoBreached-/.test(name));
  const ringing = all.filter(({ state }) => state === 'ALARM');
  return { ringing: ringing.map((alarm) => ({ ...alarm, isOver: isOver(alarm) })), total: all.length };
}

/** The alarm about late points has the policy's hours as its threshold, in seconds. */
function rpoOfAlarm({ alarms, vault }: StatusFacts): number | undefined {
  const all = alarms.filter(isAnswered).flatMap(({ value }) => value);
  const threshold = all.find(({ name }) => name === `${vault.name}-RpoBreached-source`)?.threshold;
  return threshold === undefined ? undefined : threshold / 3_600;
}

const unreadableOf = ({ destinations, alarms }: StatusFacts): StatusReport['unreadable'] => [
  ...unanswered(destinations, 'snapshots'),
  ...unanswered(alarms, 'alarms'),
];

const unanswered = (answers: readonly RegionAnswer<unknown>[], what: string): StatusReport['unreadable'] =>
  answers.flatMap((answer) =>
    isAnswered(answer) ? [] : [{ region: answer.region, what, problem: answer.problem }],
  );

function nextSlotOf({ vault }: StatusFacts, now: number): StatusReport['nextSlot'] {
  const { schedule, timezone } = vault.settings;
  if (schedule === undefined || timezone === undefined) {
    return {
      at: null,
      how: 'not known: the stack does not tell its schedule; deploy it again to have it told',
    };
  }
  const next = nextRunAfter(parseSchedule(schedule, timezone), now);
  return { at: next === undefined ? null : slotAt(next), how: `${schedule} ${timezone}` };
}

/** The slot that should have begun and of which there is nothing. */
function overdueOf(
  { vault, selection }: StatusFacts,
  newest: Slot | undefined,
  now: number,
): Slot | undefined {
  const { schedule, timezone } = vault.settings;
  if (schedule === undefined || timezone === undefined || newest === undefined) return undefined;
  if (selection.units.length === 0) return undefined;
  const due = latestSlotAt(parseSchedule(schedule, timezone), now - OVERDUE_MS);
  return due !== undefined && due > newest ? due : undefined;
}

function attentionOf(
  report: Omit<StatusReport, 'healthy' | 'attention'>,
  overdue: Slot | undefined,
): readonly string[] {
  const { volumes, deadLetters, alarms, unreadable, runs } = report;
  const letters = deadLetters.reduce((sum, each) => sum + each.letters, 0);
  const ringing = alarms.ringing.filter(({ isOver }) => !isOver).length;
  const last = runs.find(({ onDemand }) => !onDemand);
  const nothing =
    volumes.protected + volumes.running + volumes.late.length + volumes.unprotected.length === 0;
  return [
    ...(nothing && volumes.unknown.length === 0
      ? ['no volume is selected: no instance has the tag backup=true']
      : []),
    ...(last === undefined ? ['no run yet'] : []),
    ...(last?.status === 'PARTIAL' || last?.status === 'FAILED' ? [`the last run is ${last.status}`] : []),
    ...(overdue === undefined ? [] : [`the run of ${minute(overdue)} has made nothing`]),
    ...(volumes.unprotected.length > 0 ? [`${count(volumes.unprotected.length, 'volume')} unprotected`] : []),
    ...(volumes.late.length > 0 ? [`${count(volumes.late.length, 'volume')} late`] : []),
    ...(letters > 0 ? [count(letters, 'dead letter')] : []),
    ...(ringing > 0 ? [`${count(ringing, 'alarm')} ringing`] : []),
    ...[...new Set(unreadable.map(({ region }) => region))].map((region) => `${region} could not be read`),
  ];
}

const minute = (slot: Slot): string => new Date(slotMs(slot)).toISOString().slice(0, 16).replace('T', ' ');
