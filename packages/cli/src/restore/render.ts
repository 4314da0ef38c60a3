import { oneLine } from '@smart-vault/core';
import type { PlannedVolume, RestorePlan, RestoreStep } from '@smart-vault/core/restore';
import type { CommandContext } from '../command-line/context.ts';
import { textTable } from '../terminal/text-table.ts';

/** True when the plan can be carried out as it is. */
export const isReady = ({ problems, unknowns }: RestorePlan): boolean =>
  problems.length === 0 && unknowns.length === 0;

/** The plan for a person: what, from what, how, what differs, what is kept, and what stands in the way. */
export function renderPlan(plan: RestorePlan, { colors, terminal }: CommandContext): string {
  const { volumes, steps, notices, kept, unknowns, problems } = plan;
  const head = (text: string): string => colors.bold(text);
  const parts = [
    headline(plan),
    volumes.length === 0 ? '' : volumeTable(volumes, terminal.columns),
    section(head('Steps'), steps.map(stepText)),
    section(head('To know'), notices.map(bullet)),
    section(head('Kept'), kept.map(bullet)),
    section(colors.yellow('To be told'), unknowns.map(unknownText)),
    section(
      colors.red('In the way'),
      problems.map(({ text, fix }) => `  - ${oneLine(text)}\n    ${fix}`),
    ),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function headline({ subject, region, slot, policy, vault, copiedFrom, mode, volumes }: RestorePlan): string {
  if (slot === undefined) return `Nothing to restore ${subject.id} from in ${region}.`;
  const what =
    mode === 'launch'
      ? `Launch ${subject.id} anew in ${region}`
      : `Make ${volumes.length === 1 ? 'a new volume' : `${volumes.length} new volumes`} for ${subject.id} in ${region}`;
  const from = copiedFrom === undefined ? 'from the snapshots' : `from the copies of ${copiedFrom}`;
  return `${what}, as of ${slot}, ${from} (vault ${vault}, policy ${policy}).`;
}

function volumeTable(volumes: readonly PlannedVolume[], columns: number | undefined): string {
  const rows = volumes.map(({ volumeId, device }) => [
    device.deviceName || '?',
    volumeId,
    device.snapshotId,
    device.volumeType,
    String(device.sizeGiB),
    String(device.iops ?? '-'),
    String(device.throughput ?? '-'),
  ]);
  const table = textTable(['DEVICE', 'WAS', 'FROM', 'TYPE', 'GIB', 'IOPS', 'MIB/S'], rows, columns);
  const root = volumes.find((each) => each.root)?.device.deviceName;
  return root === undefined ? table : `${table}\nRoot: ${root}`;
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${title}\n${lines.join('\n')}`;

const bullet = (text: string): string => `  - ${oneLine(text, 2_000)}`;

function stepText(step: RestoreStep, index: number): string {
  const done = step.done === undefined ? '' : `\n     done by an earlier run: ${step.done}`;
  return `  ${index + 1}. ${oneLine(step.text, 2_000)}\n     ${step.reason}${done}`;
}

function unknownText({ option, why, choices }: RestorePlan['unknowns'][number]): string {
  const lines = choices.map(
    ({ value, about }) => `      ${value}${about === '' ? '' : `  ${oneLine(about)}`}`,
  );
  return [`  - ${option}: ${oneLine(why)}`, ...lines].join('\n');
}
