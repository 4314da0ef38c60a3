import type { PruneOutcome } from '@smart-vault/pruner';
import type { CommandContext } from '../command-line/context.ts';
import { textTable } from '../terminal/text-table.ts';
import { count, minuteText } from '../terminal/words.ts';
import type { PlanDocument, PlannedDecision } from './plan-document.ts';

type Screen = Pick<CommandContext, 'colors' | 'terminal' | 'command'>;

/** What happens first: what is for good. */
const ACTIONS = ['delete', 'condemn', 'pardon'] as const;
const HEADINGS = {
  delete: 'DELETE, for good',
  condemn: 'CONDEMN: deleted by a later run, after the grace period',
  pardon: 'PARDON: no longer condemned',
} as const;

/** The plan in words. @param all every kept snapshot too, not only how many are kept by which rule */
export function renderPlan(plan: PlanDocument, screen: Screen, all = false): string {
  const kept = plan.decisions.filter(({ kind }) => kind === 'keep');
  return [
    heading(plan),
    ...plan.refusals.map(
      ({ region, reason }) =>
        `${screen.colors.red('REFUSED')} in ${region}, nothing is done there: ${reason}`,
    ),
    ...actionSections(plan, screen),
    ...(kept.length === 0 ? [] : [all ? section('KEEP', kept, screen) : keptByRule(kept, screen)]),
    `Plan ${plan.hash.slice(0, 12)}.`,
  ].join('\n\n');
}

/** The actions of a plan, each with its rule and reason. */
export const actionSections = (plan: PlanDocument, screen: Screen): readonly string[] =>
  ACTIONS.flatMap((kind) => {
    const those = plan.decisions.filter((each) => each.kind === kind);
    return those.length === 0 ? [] : [section(HEADINGS[kind], those, screen)];
  });

function heading({ vault, at, policy, decisions, regions }: PlanDocument): string {
  const number = (kind: PlannedDecision['kind']): number =>
    decisions.filter((each) => each.kind === kind).length;
  return (
    `Vault ${vault} at ${minuteText(Date.parse(at))} UTC: ${count(decisions.length, 'snapshot')} in ` +
    `${regions.map(({ region }) => region).join(', ')}; ${summary(number)}.\n` +
    `Policy ${policy.name}: ${count(policy.retentionDays, 'day')}, ${policy.keepMin} points at least, ` +
    `${policy.graceHours} h of grace.`
  );
}

const summary = (number: (kind: PlannedDecision['kind']) => number): string =>
  `${number('delete')} to delete, ${number('condemn')} to condemn, ${number('pardon')} to pardon, ` +
  `${number('keep')} kept`;

const gib = (those: readonly { readonly sizeGiB: number }[]): number =>
  those.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0);

function section(title: string, those: readonly PlannedDecision[], { terminal }: Screen): string {
  const rows = those.map(({ slot, volumeId, region, snapshotId, sizeGiB, rule, reason }) => [
    slot === undefined ? '-' : minuteText(Date.parse(slot)),
    volumeId ?? '-',
    region,
    snapshotId,
    String(sizeGiB),
    rule,
    reason,
  ]);
  const table = textTable(
    ['SLOT (UTC)', 'VOLUME', 'REGION', 'SNAPSHOT', 'GIB', 'RULE', 'WHY'],
    rows,
    terminal.columns,
  );
  return `${title}: ${count(those.length, 'snapshot')}, ${gib(those)} GiB\n${table}`;
}

function keptByRule(kept: readonly PlannedDecision[], { terminal }: Screen): string {
  const groups = Map.groupBy(kept, ({ rule, region }) => `${rule} ${region}`);
  const rows = [...groups.values()].map((those) => [
    those[0]?.rule ?? '',
    those[0]?.region ?? '',
    String(those.length),
    String(gib(those)),
    those[0]?.reason ?? '',
  ]);
  const table = textTable(['RULE', 'REGION', 'SNAPSHOTS', 'GIB', 'SUCH AS'], rows, terminal.columns);
  return `KEEP: ${count(kept.length, 'snapshot')}, ${gib(kept)} GiB (each of them with --all)\n${table}`;
}

/** What became of the actions. */
export function renderOutcomes(outcomes: readonly PruneOutcome[], { terminal }: Screen): string {
  const groups = Map.groupBy(outcomes, ({ kind }) => kind);
  const sums = [...groups].map(([kind, those]) => `${those.length} ${kind}`);
  const told = outcomes.filter(({ kind }) => !DONE.has(kind));
  if (told.length === 0) return `${sums.join(', ')}.`;
  const rows = told.map(({ kind, region, snapshotId, reason }) => [kind, region, snapshotId, reason]);
  return `${sums.join(', ')}.\n\n${textTable(['OUTCOME', 'REGION', 'SNAPSHOT', 'WHY'], rows, terminal.columns)}`;
}

const DONE: ReadonlySet<PruneOutcome['kind']> = new Set(['deleted', 'condemned', 'pardoned', 'gone']);

/** Everything was done. */
export const isAllDone = (outcomes: readonly PruneOutcome[]): boolean =>
  outcomes.every(({ kind }) => DONE.has(kind));
