import type { BoundName } from '@smart-vault/simulation';
import type { CommandContext } from '../command-line/context.ts';
import { textTable } from '../terminal/text-table.ts';
import { count } from '../terminal/words.ts';
import type { ForecastReport, PricedLine } from './report.ts';

type Screen = Pick<CommandContext, 'colors' | 'terminal' | 'command'>;

/** Volumes that are left out and named; the others are counted. */
const NAMED_MAX = 10;

/** The forecast for a person. */
export function renderForecast(report: ForecastReport, screen: Screen): string {
  const { colors } = screen;
  const sections = [
    report.feasible
      ? colors.green('FEASIBLE')
      : `${colors.red('NOT FEASIBLE')}: ${problems(report).join('; ')}`,
    section('FLEET', renderFleet(report)),
    ...(report.run === null
      ? []
      : [
          section('TIMES', renderTimes(report, screen)),
          section('BOUNDS OF THE QUOTAS', renderBounds(report, screen)),
        ]),
    ...(report.feasible ? [] : [section('WHAT WOULD HELP', renderRemedies(report))]),
    section('SNAPSHOTS KEPT', renderKept(report, screen)),
    ...(report.run === null ? [] : [section('EC2 CALLS OF A RUN', renderCalls(report, screen))]),
    ...(report.cost === null ? [] : [section('COST PER MONTH', renderCost(report.cost, screen))]),
    section('ASSUMED', report.assumed.map((each) => `- ${each}`).join('\n')),
  ];
  return sections.join('\n\n');
}

const section = (title: string, body: string): string => `${title}\n${body.replaceAll(/^(?=.)/gm, '  ')}`;
const inner = ({ terminal }: Screen): number | undefined =>
  terminal.columns === undefined ? undefined : terminal.columns - 2;
const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** `95 s`, `31.9 min`, `7.5 h`, `2.1 d`. */
function durationText(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  if (seconds < 7_200) return `${(seconds / 60).toFixed(1)} min`;
  return seconds < 172_800 ? `${(seconds / 3_600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}

/** Why it is not feasible, one part each. */
function problems({ run, kept, windowSeconds }: ForecastReport): readonly string[] {
  const late = (run?.destinations ?? []).filter(({ inTime }) => !inTime);
  const window = durationText(windowSeconds);
  return [
    ...(run !== null && run.snapshotsSeconds > windowSeconds
      ? [`snapshots take ${durationText(run.snapshotsSeconds)}, and the next slot comes after ${window}`]
      : []),
    ...late.map(
      ({ region, seconds }) =>
        `copies to ${region} take ${durationText(seconds)}, and the next slot comes after ${window}`,
    ),
    ...(run !== null && !run.complete ? ['some of it does not end at all within the simulated time'] : []),
    ...kept
      .filter(({ isWithinQuota }) => !isWithinQuota)
      .map(
        ({ region, snapshots, quota }) =>
          `${whole(snapshots)} snapshots in ${region} are more than its quota of ${whole(quota)}`,
      ),
  ];
}

function renderFleet({ fleet, settings }: ForecastReport): string {
  const { leftOut, empty } = fleet;
  const out = leftOut
    .slice(0, NAMED_MAX)
    .map(({ id, instanceId, why }) => `left out: ${id} of ${instanceId}: ${why}`);
  const nothing = empty.slice(0, NAMED_MAX).map(({ instanceId, why }) => `nothing of ${instanceId}: ${why}`);
  const hidden = leftOut.length + empty.length - out.length - nothing.length;
  return [
    `${count(fleet.volumes, 'volume')} (${whole(fleet.sizeGiB)} GiB) of ${count(fleet.instances, 'instance')} tagged backup=true, ` +
      `in ${count(fleet.units, 'unit')}; from ${fleet.from}`,
    `${settings.sourceRegion} to ${settings.destinations.join(', ')}, ${settings.schedule} ${settings.timezone}, kept for ${count(settings.retentionDays, 'day')}; from ${settings.from}`,
    ...(fleet.untagged > 0 ? [`${count(fleet.untagged, 'instance')} without the tag`] : []),
    `${count(leftOut.length, 'volume')} left out`,
    ...out,
    ...nothing,
    ...(hidden > 0 ? [`and ${hidden} more: see --json`] : []),
  ].join('\n');
}

function renderTimes({ run, firstRun, windowSeconds }: ForecastReport, screen: Screen): string {
  if (run === null || firstRun === null) return '';
  const { colors } = screen;
  const rows = [
    ['all snapshots good', durationText(run.snapshotsSeconds), durationText(firstRun.snapshotsSeconds)],
    ...run.destinations.map(({ region, seconds, inTime }, place) => [
      `all copies good in ${region}`,
      inTime ? durationText(seconds) : colors.red(durationText(seconds)),
      durationText(firstRun.destinations[place]?.seconds ?? 0),
    ]),
    ['next slot', durationText(windowSeconds), durationText(windowSeconds)],
  ];
  const isFirstLate =
    firstRun.destinations.some(({ inTime }) => !inTime) && run.destinations.every(({ inTime }) => inTime);
  const note = isFirstLate
    ? '\nThe first run goes on while the next ones begin, once: it moves all data.'
    : '';
  return `${textTable(['AFTER THE SLOT', 'A RUN', 'THE FIRST RUN'], rows, inner(screen))}${note}`;
}

const BOUND_WORDS: Readonly<Record<BoundName, string>> = {
  createApi: 'create API',
  pendingCap: 'pending cap',
  copyApi: 'copy API',
  copySlots: 'copy slots',
};

function renderBounds({ run }: ForecastReport, screen: Screen): string {
  const rows = (run?.destinations ?? []).map(({ region, bound, seconds }) => [
    region,
    durationText(bound.createApi),
    durationText(bound.pendingCap),
    durationText(bound.copyApi),
    durationText(bound.copySlots),
    BOUND_WORDS[bound.binding],
    bound.all > 0 ? (seconds / bound.all).toFixed(2) : '-',
  ]);
  return textTable(
    ['TO', 'CREATE API', 'PENDING CAP', 'COPY API', 'COPY SLOTS', 'BINDS', 'RUN / BOUND'],
    rows,
    inner(screen),
  );
}

function renderRemedies({ remedies, kept, settings, fleet }: ForecastReport): string {
  const lines: string[] = [];
  if (remedies !== null) {
    const { copiesInFlight, copiesInFlightToKeepUp, volumes, intervalHours } = remedies;
    lines.push(
      copiesInFlight === null
        ? `No quota of copies lets a run end before the next slot. From ${copiesInFlightToKeepUp} at a time on (now ${settings.copiesInFlightMax}), as many copies end as are added.`
        : `A quota of ${copiesInFlight} copies at a time to each destination (now ${settings.copiesInFlightMax}): ask AWS Support, then set copiesInFlightMax.`,
      `Or fewer copies: no more than ${volumes} of the ${fleet.volumes} volumes.`,
      `Or a longer interval: slots at least ${intervalHours} h apart.`,
    );
  }
  if (kept.some(({ isWithinQuota }) => !isWithinQuota))
    lines.push('A higher quota of snapshots per region (L-309BACF6), a shorter retention, or fewer slots.');
  return lines.join('\n');
}

function renderKept({ kept, snapshotsPerVolume }: ForecastReport, screen: Screen): string {
  return textTable(
    ['REGION', 'PER VOLUME', 'ALL', 'QUOTA'],
    kept.map(({ region, snapshots, quota, isWithinQuota }) => [
      region,
      whole(snapshotsPerVolume[region] ?? 0),
      isWithinQuota ? whole(snapshots) : screen.colors.red(whole(snapshots)),
      whole(quota),
    ]),
    inner(screen),
  );
}

function renderCalls({ run }: ForecastReport, screen: Screen): string {
  return textTable(
    ['REGION', 'OPERATION', 'CALLS', 'THROTTLED'],
    (run?.calls ?? []).map(({ region, operation, calls, throttled }) => [
      region,
      operation,
      whole(calls),
      whole(throttled),
    ]),
    inner(screen),
  );
}

function renderCost({ dollars, lines, once }: NonNullable<ForecastReport['cost']>, screen: Screen): string {
  const table = textTable(
    ['', 'QUANTITY', 'UNIT PRICE', 'DOLLARS', 'BASIS'],
    [...lines.map(costRow), ['all', '', '', dollars.toFixed(2), '']],
    inner(screen),
  );
  const mark = lines.some(({ verified }) => !verified) ? '\n* not verified: give your own with --prices' : '';
  return `${table}\nOnce, for the ${once.what}: $${once.dollars.toFixed(2)} (${whole(once.quantity)} GiB)${mark}`;
}

const costRow = ({ what, quantity, unitDollars, unit, verified, dollars, basis }: PricedLine): string[] => [
  what,
  quantity < 10 ? String(Number(quantity.toPrecision(3))) : whole(quantity),
  `${priceText(unitDollars, unit)}${verified ? '' : ' *'}`,
  dollars.toFixed(2),
  basis,
];

/** Requests cost so little that they are told by the million. */
const priceText = (dollars: number, unit: string): string =>
  dollars > 0 && dollars < 0.0001
    ? `$${Number((dollars * 1e6).toPrecision(6))} per million: ${unit}`
    : `$${dollars} per ${unit}`;
