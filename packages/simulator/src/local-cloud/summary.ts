import type { LocalCloud } from './cloud.ts';
import { type Failure, failuresOf } from './failures.ts';
import { checkPromises, type Verdict } from './promises.ts';
import { type RunRow, runTable } from './run-table.ts';

/** An alarm that rang. */
interface AlarmSummary {
  readonly name: string;
  readonly region: string;
  readonly times: number;
  readonly firstAt: string;
  readonly nowInAlarm: boolean;
}

/** Everything that a run came to: what is printed, and what `--json` writes. */
export interface Summary {
  readonly from: string;
  readonly to: string;
  readonly vault: string;
  readonly interrupted: boolean;
  readonly faults: readonly string[];
  readonly runs: readonly RunRow[];
  readonly failures: readonly Failure[];
  readonly alarms: readonly AlarmSummary[];
  /** What the administrators were sent about runs, oldest first. */
  readonly messages: readonly { readonly at: string; readonly subject: string; readonly body: string }[];
  readonly highWater: readonly { readonly what: string; readonly most: number; readonly quota: number }[];
  readonly throttledCalls: number;
  readonly events: Readonly<Record<string, number>>;
  readonly functions: Readonly<Record<string, { started: number; failed: number }>>;
  readonly logLines: Readonly<Record<string, { info: number; warn: number; error: number }>>;
  readonly calls: Readonly<Record<string, number>>;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly promises: readonly Verdict[];
  readonly allKept: boolean;
}

/** Looks at the cloud as it stands now. */
export function summarize(
  cloud: LocalCloud,
  run: { interrupted: boolean; faults: readonly string[] },
): Summary {
  const { history, world, settings, clock, startMs } = cloud;
  const promises = checkPromises(cloud);
  const apis = world.stats.apis();
  return {
    from: new Date(startMs).toISOString(),
    to: new Date(clock.now()).toISOString(),
    vault: settings.vault,
    interrupted: run.interrupted,
    faults: run.faults,
    runs: runTable(cloud),
    failures: failuresOf(cloud),
    alarms: alarmsOf(cloud),
    messages: history.messages
      .filter((message) => !message.ofAlarm)
      .map(({ at, subject, body }) => ({ at: new Date(at).toISOString(), subject, body })),
    highWater: world.stats.regions().flatMap((region) => [
      ...(region.pendingMax > 0
        ? [
            {
              what: `pending snapshots in ${region.region}`,
              most: region.pendingMax,
              quota: world.knobs.pendingSnapshotsMax,
            },
          ]
        : []),
      ...(region.copiesInFlightMax > 0
        ? [
            {
              what: `copies in flight to ${region.region}`,
              most: region.copiesInFlightMax,
              quota: world.knobs.copiesInFlightMax,
            },
          ]
        : []),
    ]),
    throttledCalls: apis.reduce((sum, api) => sum + api.throttled, 0),
    events: { ...history.events },
    functions: Object.fromEntries(
      [...history.invocations].map(([name, { started, failed }]) => [name, { started, failed }]),
    ),
    logLines: Object.fromEntries(history.logLines),
    calls: Object.fromEntries([...cloud.services.calls].sort(([a], [b]) => (a < b ? -1 : 1))),
    deadLetters: Object.fromEntries(
      cloud.deadLetterQueues().map((name) => [name, cloud.queues.messages(name).length]),
    ),
    promises,
    allKept: promises.every((promise) => promise.kept),
  };
}

function alarmsOf(cloud: LocalCloud): readonly AlarmSummary[] {
  const rung = new Map<string, { region: string; times: number; first: number; last: string }>();
  for (const { alarm, region, to, atMs } of cloud.history.alarmChanges) {
    const known = rung.get(alarm.name);
    if (to === 'ALARM' && known === undefined)
      rung.set(alarm.name, { region, times: 1, first: atMs, last: to });
    else if (known !== undefined) {
      if (to === 'ALARM') known.times += 1;
      known.last = to;
    }
  }
  return [...rung].map(([name, { region, times, first, last }]) => ({
    name,
    region,
    times,
    firstAt: new Date(first).toISOString(),
    nowInAlarm: last === 'ALARM',
  }));
}
