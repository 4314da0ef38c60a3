import type { StackModel } from '@smart-vault/simulator';
import { type PriceName, type Prices, totalUsage } from './prices.ts';
import type { RunMeasure } from './simulate-run.ts';
import type { SteadyPoints } from './steady-points.ts';

/** One line of the bill. */
export interface CostLine {
  readonly what: string;
  readonly price: PriceName;
  readonly quantity: number;
  readonly dollars: number;
  /** How the quantity came to be. */
  readonly basis: string;
}

/** What a month costs once as many snapshots go as come, and what is paid once at the beginning. */
export interface MonthlyCost {
  readonly lines: readonly CostLine[];
  readonly dollars: number;
  /** The first copies move everything that was ever written. */
  readonly once: CostLine;
}

export interface CostInput {
  readonly sourceRegion: string;
  readonly destinations: readonly string[];
  readonly prices: Prices;
  readonly steady: SteadyPoints;
  /** GiB of all selected volumes that were ever written. */
  readonly writtenGiB: number;
  /** Share of it that changes a day, from 0 to 1. */
  readonly changedPerDay: number;
  readonly run: RunMeasure;
  readonly stacks: readonly StackModel[];
}

const DAYS = 30;
/** Lambda asks each queue with five connections, each for 20 seconds: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const POLLS_PER_QUEUE = (5 * DAYS * 86_400) / 20;

/** The bill of a month of 30 days. */
export function monthlyCost(input: CostInput): MonthlyCost {
  const lines = [...dataLines(input), ...usageLines(input), ...fixedLines(input)];
  const once = line(
    input.prices,
    'first copies',
    'transferGiB',
    input.writtenGiB * input.destinations.length,
    {
      basis: 'all that was ever written, to each destination, once',
    },
  );
  return { lines, dollars: lines.reduce((sum, { dollars }) => sum + dollars, 0), once };
}

function line(
  prices: Prices,
  what: string,
  price: PriceName,
  quantity: number,
  { basis }: Pick<CostLine, 'basis'>,
): CostLine {
  return { what, price, quantity, dollars: quantity * prices[price].dollars, basis };
}

/** GiB that change between two slots on average. */
const changedGiB = ({ steady, writtenGiB, changedPerDay }: CostInput): number =>
  writtenGiB * Math.min(1, (changedPerDay * DAYS) / Math.max(steady.slotsPerMonth, 1e-9));

function dataLines(input: CostInput): readonly CostLine[] {
  const { sourceRegion, destinations, steady, writtenGiB, prices } = input;
  const changed = changedGiB(input);
  const storage = [sourceRegion, ...destinations].map((region) => {
    const points = steady.perVolume[region] ?? 0;
    return line(
      prices,
      `snapshots in ${region}`,
      'snapshotGiBMonth',
      writtenGiB + Math.max(0, points - 1) * changed,
      {
        basis: `a full snapshot of what was ever written, and the changes of ${Math.max(0, points - 1)} more per volume`,
      },
    );
  });
  const transfer = line(
    prices,
    'copies to other regions',
    'transferGiB',
    changed * steady.slotsPerMonth * destinations.length,
    { basis: 'the changes of every run, to each destination' },
  );
  return [...storage, transfer];
}

const GIB = 1024 ** 3;

/** What the simulated run used, so many times, and the ticks and schedules of the other hours. */
function usageLines({ run, steady, prices }: CostInput): readonly CostLine[] {
  const { idleDay, usage: ofRun, usageHours } = run;
  const runs = steady.slotsPerMonth;
  const idleDays = DAYS - (runs * usageHours) / 24;
  // Runs that follow each other closely leave no idle hours: then what they have of them is taken off.
  const usage = totalUsage([[ofRun, runs], ...(idleDay === undefined ? [] : [[idleDay, idleDays] as const])]);
  const basis = 'counted in the simulated run, and in a simulated day without one';
  return [
    line(prices, 'Lambda, time', 'lambdaGbSecond', usage.lambdaMbMs / 1024 / 1000, { basis }),
    line(prices, 'Lambda, requests', 'lambdaRequest', usage.invocations, { basis }),
    line(prices, 'SQS', 'sqsRequest', usage.sqsRequests, { basis }),
    line(prices, 'events of destinations', 'crossRegionEvent', usage.crossRegionEvents, { basis }),
    line(prices, 'schedules', 'scheduleInvocation', usage.scheduleInvocations, { basis }),
    line(prices, 'mails', 'snsPublish', usage.snsPublishes, { basis }),
    line(prices, 'CloudWatch, metric requests', 'metricRequest', usage.metricRequests, { basis }),
    line(prices, 'CloudWatch, logs', 'logGiB', usage.logBytes / GIB, {
      basis: `${basis}; sizes of lines estimated`,
    }),
  ];
}

function fixedLines({ stacks, prices }: CostInput): readonly CostLine[] {
  const queues = stacks.flatMap(({ eventSourceMappings }) => eventSourceMappings).length;
  const alarms = stacks.flatMap((stack) => stack.alarms);
  const metrics = new Set(
    alarms
      .filter(({ metric }) => metric.namespace === 'SmartVault')
      .map(({ metric }) => JSON.stringify([metric.name, metric.dimensions])),
  );
  const dashboards = stacks.flatMap((stack) => stack.dashboards).length;
  return [
    line(prices, 'SQS, polls of idle queues', 'sqsRequest', queues * POLLS_PER_QUEUE, {
      basis: `${queues} queues that Lambda polls, 5 connections each, 20 s a poll`,
    }),
    line(prices, 'CloudWatch, alarms', 'alarmMonth', alarms.length, { basis: 'of the templates' }),
    line(prices, 'CloudWatch, metrics', 'metricMonth', metrics.size, {
      basis: 'custom metrics that alarms of the templates watch; the functions write some more',
    }),
    line(prices, 'CloudWatch, dashboard', 'dashboardMonth', dashboards, { basis: 'of the templates' }),
  ];
}
