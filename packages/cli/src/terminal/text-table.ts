import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

const GAP = 2;
/** Columns are not made narrower than this. */
const NARROWEST = 8;

const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ].map((name) => [name, '']),
);

/**
 * A plain table without lines: it can be piped, searched and pasted into a ticket.
 *
 * @param columns the width that it must fit in, by cutting the longest texts with …; left out, nothing is cut
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns?: number,
): string {
  const colWidths = columns === undefined ? undefined : fittingWidths([head, ...rows], columns);
  const table = new Table({
    head: [...head],
    chars: { ...NO_LINES, middle: ' '.repeat(GAP) },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...(colWidths !== undefined && { colWidths }),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length;

/** Widths at which the table fits: texts are cut first, then words such as ids. `undefined` when it fits as it is. */
function fittingWidths(rows: readonly (readonly string[])[], columns: number): number[] | undefined {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((max, row) => Math.max(max, widthOf(row[column] ?? '')), 1),
  );
  const excess = widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1) - columns;
  if (excess <= 0) return undefined;
  const isText = widths.map((_, column) => rows.slice(1).some((row) => /\S \S/.test(row[column] ?? '')));
  const left = narrow(widths, excess, (column) => isText[column] === true);
  narrow(widths, left, () => true);
  return widths;
}

/** Takes width from the widest of these columns, one by one. @returns what could not be taken */
function narrow(widths: number[], excess: number, may: (column: number) => boolean): number {
  for (let left = excess; ; left -= 1) {
    const allowed = widths.filter((width, column) => may(column) && width > NARROWEST);
    if (left <= 0 || allowed.length === 0) return left;
    const widest = Math.max(...allowed);
    const column = widths.findIndex((width, index) => width === widest && may(index));
    widths[column] = widest - 1;
  }
}
