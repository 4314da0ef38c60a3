import pc from 'picocolors';
import { minute } from './progress.ts';
import type { Summary } from './summary.ts';

/** The end of a run, in words. */
export function renderReport(summary: Summary, options: { color: boolean; serving: boolean }): string {
  const colors = pc.createColors(options.color);
  const title = (text: string): string => `\n${colors.bold(text)}`;
  const lines = [
    title(
      `Vault ${summary.vault}, ${minute(Date.parse(summary.from))} to ${minute(Date.parse(summary.to))} UTC (simulated)`,
    ),
    ...(summary.interrupted ? [colors.yellow('Ended before its time: this is what was done so far.')] : []),
    ...(summary.faults.length > 0 ? [`Faults: ${summary.faults.join(', ')}`] : []),
    '',
    ...table(summary),
    ...section(title('What failed, and why'), failures(summary)),
    ...section(title('Alarms that rang'), alarms(summary)),
    ...section(
      title('Messages to the administrators'),
      summary.messages.map(({ at, subject }) => `  ${minute(Date.parse(at))}  ${subject}`),
    ),
    ...section(title('The last of them, as it was mailed'), lastMessage(summary)),
    ...section(title('Against the quotas'), [
      ...summary.highWater.map(({ what, most, quota }) => `  ${what}: at most ${most} of ${quota}`),
      `  EC2 answered ${summary.throttledCalls} calls with RequestLimitExceeded; ${eventsText(summary)}`,
    ]),
    title('Promises'),
    ...summary.promises.flatMap(({ promise, kept, details }) => {
      const mark = kept ? colors.green('ok    ') : colors.red('FAILED');
      const counted = kept && details.length > 0 ? ` (${details.join('; ')})` : '';
      return [
        `  ${mark}  ${promise}${counted}`,
        ...(kept ? [] : details.map((detail) => `            ${detail}`)),
      ];
    }),
    '',
    verdictLine(summary, colors),
    ...(options.serving ? [] : furtherLook(summary)),
  ];
  return `${lines.join('\n')}\n`;
}

const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [heading, ...lines];

function table(summary: Summary): readonly string[] {
  if (summary.runs.length === 0) return ['No run was due in this time.'];
  const head = ['run (UTC)', 'volumes', 'snapshots', 'copies', 'pruned', 'told'];
  const rows = summary.runs.map((row) =>
    [minute(Date.parse(row.slot)), row.volumes, row.snapshots, row.copies, row.pruned, row.status].map(
      String,
    ),
  );
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => (column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`.trimEnd();
  return [line(head), ...rows.map(line)];
}

function failures(summary: Summary): readonly string[] {
  return summary.failures.flatMap(({ where, count, why, examples }) => [
    `  ${count} x ${where}`,
    `      ${why}`,
    ...(examples.length > 0 ? [`      for instance ${examples.join(', ')}`] : []),
  ]);
}

const MAIL_LINES_MAX = 24;

function lastMessage({ messages }: Summary): readonly string[] {
  const lines = messages.at(-1)?.body.split('\n') ?? [];
  const shown = lines.slice(0, MAIL_LINES_MAX).map((line) => `  | ${line}`.trimEnd());
  return lines.length > MAIL_LINES_MAX ? [...shown, '  | … (all of it with --json)'] : shown;
}

function alarms(summary: Summary): readonly string[] {
  return summary.alarms.map(({ name, region, times, firstAt, nowInAlarm }) => {
    const often = times === 1 ? 'once' : `${times} times`;
    return `  ${name} (${region}) ${often}, first at ${minute(Date.parse(firstAt))}; ${nowInAlarm ? 'still ringing' : 'over'}`;
  });
}

function eventsText({ events }: Summary): string {
  const lost = events['dropped'] ?? 0;
  return `${events['delivered'] ?? 0} events were delivered${lost > 0 ? `, ${lost} were lost on their way` : ''}`;
}

function verdictLine(summary: Summary, colors: ReturnType<typeof pc.createColors>): string {
  const broken = summary.promises.filter((promise) => !promise.kept);
  const nothingRun = summary.runs.every(({ volumes }) => volumes === 0);
  if (broken.length === 0 && nothingRun) return 'Nothing was backed up, so nothing was put to the test.';
  if (broken.length === 0 && summary.interrupted) return 'Interrupted: no promise was broken so far.';
  if (broken.length === 0) return colors.green('Every promise held.');
  const reason = summary.faults.length > 0 ? ` Faults were active: ${summary.faults.join(', ')}.` : '';
  return colors.red(`${broken.length} of ${summary.promises.length} promises did not hold.${reason}`);
}

function furtherLook(summary: Summary): readonly string[] {
  const same = summary.faults.map((fault) => ` --fault ${fault}`).join('');
  const start = `npx -y pnpm@10.34.9 start${same}`;
  return [
    '',
    'To look further:',
    `  ${start} --serve             stay up; use the AWS CLI and \`vault\` on it`,
    `  ${start} --verbose           every log line of the functions`,
    `  ${start} --json result.json  all numbers, and every mail`,
  ];
}
