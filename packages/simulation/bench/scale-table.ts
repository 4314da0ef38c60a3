import { printTable } from '@smart-vault/infra/bench';
import { type Bound, boundOf } from '../src/scale/bound.ts';
import type { ScaleResult } from '../src/scale/result.ts';

/** A row of the table: what it shows, the goal in words, a value per design, and whether a value meets the goal. */
interface Row {
  readonly title: string;
  readonly goal?: string;
  show(result: ScaleResult, bound: Bound): string;
  meets?(result: ScaleResult, bound: Bound): boolean;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });
const perVolume = (value: number, { fleet }: ScaleResult): string => (value / fleet.volumes).toFixed(3);
const lost = ({ fleet, protectedVolumes }: ScaleResult): number => fleet.volumes - protectedVolumes;
/** Work that was lost takes no time: a ratio would be a lie. */
const ratio = (result: ScaleResult, value: number, bound: number): string =>
  lost(result) > 0 ? `${whole(lost(result))} lost` : (value / bound).toFixed(3);

/** A duration for people. */
function hoursText(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  if (seconds < 7_200) return `${(seconds / 60).toFixed(1)} min`;
  return seconds < 172_800 ? `${(seconds / 3_600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}

const mutatingRatio = ({ mutatingCalls }: ScaleResult, bound: Bound): number =>
  mutatingCalls / bound.mutatingCalls;
const throttledShare = ({ throttledCalls, ec2Calls }: ScaleResult): number =>
  throttledCalls / Math.max(1, ec2Calls);

const ROWS: readonly Row[] = [
  {
    title: 'volumes protected in the end',
    goal: 'all',
    show: ({ protectedVolumes }) => whole(protectedVolumes),
    meets: (result) => lost(result) === 0,
  },
  { title: 'makespan', show: ({ makespanSeconds }) => hoursText(makespanSeconds) },
  {
    title: 'makespan / bound',
    goal: '<= 1.05',
    show: (result, bound) => ratio(result, result.makespanSeconds, bound.all),
    meets: (result, bound) => lost(result) === 0 && result.makespanSeconds <= 1.05 * bound.all,
  },
  {
    title: 'creating / its bound',
    show: (result, bound) => ratio(result, result.creatingSeconds, bound.creating),
  },
  { title: 'EC2 calls per volume', show: (result) => perVolume(result.ec2Calls, result) },
  { title: 'mutating calls per volume', show: (result) => perVolume(result.mutatingCalls, result) },
  {
    title: 'mutating calls / bound',
    goal: '<= 1.01',
    show: (result, bound) => mutatingRatio(result, bound).toFixed(3),
    meets: (result, bound) => mutatingRatio(result, bound) <= 1.01,
  },
  {
    title: 'throttled calls',
    goal: '<= 1 %',
    show: (result) => percent(throttledShare(result)),
    meets: (result) => throttledShare(result) <= 0.01,
  },
  {
    title: 'pending permits used',
    goal: '>= 97 %',
    show: ({ pendingUse }) => percent(pendingUse),
    meets: ({ pendingUse }) => pendingUse >= 0.97,
  },
  {
    title: 'copy permits used',
    goal: '>= 97 %',
    show: ({ copySlotUse }) => percent(copySlotUse),
    meets: ({ copySlotUse }) => copySlotUse >= 0.97,
  },
  {
    title: 'most pending, most copies',
    show: ({ pendingMost, copiesMost }) => `${pendingMost}, ${copiesMost}`,
  },
  { title: 'paid idle', show: ({ sleptMs, billedMs }) => percent(sleptMs / Math.max(1, billedMs)) },
  { title: 'SQS receives per volume', show: (result) => perVolume(result.receives, result) },
  {
    title: 'dollars per 1,000 volumes',
    show: ({ dollars, fleet }) => ((1_000 * dollars) / fleet.volumes).toFixed(4),
  },
  {
    title: 'dead letters',
    goal: '0',
    show: ({ deadLetters }) => whole(deadLetters),
    meets: ({ deadLetters }) => deadLetters === 0,
  },
];

/** The goals are for fleets of this size and above: in a small one the last copies alone are more than 5 %. */
const GOALS_FROM = 10_000;

/** The bound of a fleet, by how long EC2 took in the vault's own run. */
export const boundFor = ({ fleet, snapshotSeconds, copySeconds }: ScaleResult): Bound =>
  boundOf(fleet, snapshotSeconds, copySeconds);

/** Prints what the designs did with one fleet. The first one is ours, and the goals are for it. */
export function printResults(results: readonly ScaleResult[]): void {
  const [ours] = results;
  if (ours === undefined) return;
  const bound = boundFor(ours);
  const { fleet, snapshotSeconds, copySeconds } = ours;
  process.stdout.write(
    `\n${whole(fleet.volumes)} volumes, ${fleet.volumesPerInstance} per instance, ${fleet.copiesInFlightMax} copies at once. Mean snapshot ${snapshotSeconds.toFixed(1)} s, copy ` +
      `${copySeconds.toFixed(1)} s. Bound ${hoursText(bound.all)}: create API ${hoursText(bound.createApi)}, pending cap ` +
      `${hoursText(bound.pendingCap)}, copy API ${hoursText(bound.copyApi)}, copy slots ${hoursText(bound.copySlots)}.\n`,
  );
  printTable(
    ['', 'goal', ...results.map(({ design }) => design), 'in goal'],
    ROWS.map(({ title, goal = '', show, meets }) => [
      title,
      goal,
      ...results.map((result) => show(result, bound)),
      meets === undefined || fleet.volumes < GOALS_FROM ? '' : meets(ours, bound) ? 'yes' : 'NO',
    ]),
  );
  for (const { design, notes } of results)
    for (const note of notes) process.stdout.write(`${design}: ${note}\n`);
}
