import { FAULT_CATALOGUE, type FaultKind, ROWS_ELSEWHERE } from './fault-catalogue.ts';
import type { BatchReport } from './job.ts';

/** The table of faults with the number of worlds that each struck in, and those that never did. */
export function coverageText(reports: readonly BatchReport[]): {
  readonly text: string;
  readonly silent: readonly FaultKind[];
} {
  const counts = new Map<FaultKind, number>();
  for (const { struck } of reports)
    for (const [kind, count] of Object.entries(struck) as [FaultKind, number][])
      counts.set(kind, (counts.get(kind) ?? 0) + count);
  const kinds = (Object.keys(FAULT_CATALOGUE) as FaultKind[]).sort(
    (a, b) => rowNumber(a) - rowNumber(b) || (a < b ? -1 : 1),
  );
  const silent = kinds.filter((kind) => !counts.has(kind));
  const lines = kinds.map((kind) => {
    const { row, text } = FAULT_CATALOGUE[kind];
    return `${row.padEnd(4)} ${kind.padEnd(22)} ${String(counts.get(kind) ?? 0).padStart(6)}  ${text}`;
  });
  const elsewhere = Object.entries(ROWS_ELSEWHERE).map(
    ([row, why]) => `${row.padEnd(4)} ${'-'.padEnd(22)} ${'-'.padStart(6)}  ${why}`,
  );
  return {
    text: ['Faults, and the worlds that each struck in:', ...lines, ...elsewhere, ''].join('\n'),
    silent,
  };
}

const rowNumber = (kind: FaultKind): number => Number(FAULT_CATALOGUE[kind].row.slice(1));
