import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

const GAP = 2;
/** Texts are cut to no less than this, or a third of a narrow terminal. */
const NARROWEST = 26;
/** Before the second and further lines of a row. */
const INDENT = 2;

const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ].map((name) => [name, '']),
);

type Row = readonly string[];

/**
 * A plain table without lines: it can be piped, searched and pasted into a ticket.
 *
 * @param columns the width that it must fit in: long texts are cut with …, and when that is not enough a row takes
 * several lines, so that an id stays whole (a line of nothing but - is left out); left out, nothing is cut
 */
export function textTable(head: Row, rows: readonly Row[], columns?: number): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll(/\s*[\r\n]\s*/g, ' ')));
  const widths = head.map((_, column) =>
    all.reduce((max, row) => Math.max(max, widthOf(row[column] ?? '')), 1),
  );
  if (columns === undefined || sumOf(widths) <= columns) return linesOf(all).join('\n');
  const isText = head.map((_, column) => rows.some((row) => /\S \S/.test(row[column] ?? '')));
  const narrowed = narrow(widths, isText, columns);
  if (narrowed !== undefined) return linesOf(all, narrowed).join('\n');
  const parts = broken(widths, columns).map((part, place) => {
    const cells = all.map((row) => part.map(({ column }) => row[column] ?? ''));
    const indent = ' '.repeat(place === 0 ? 0 : INDENT);
    return linesOf(
      cells,
      part.map(({ width }) => width),
    ).map((line) => (/^[-\s]*$/.test(line) ? '' : indent + line));
  });
  return all
    .flatMap((_, row) => parts.map((lines) => lines[row] ?? ''))
    .filter((line) => line !== '')
    .join('\n');
}

/** A line for each row. */
function linesOf(rows: readonly Row[], colWidths?: number[]): readonly string[] {
  const table = new Table({
    chars: { ...NO_LINES, middle: ' '.repeat(GAP) },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...(colWidths !== undefined && { colWidths }),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length;
const sumOf = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);

/** Widths at which a row fits into a line when texts are cut, the widest first; `undefined` when it does not. */
function narrow(all: readonly number[], isText: readonly boolean[], columns: number): number[] | undefined {
  const widths = [...all];
  const narrowest = Math.min(NARROWEST, Math.floor(columns / 3));
  for (let excess = sumOf(widths) - columns; excess > 0; excess -= 1) {
    const allowed = widths.filter((width, column) => isText[column] === true && width > narrowest);
    if (allowed.length === 0) return undefined;
    const widest = Math.max(...allowed);
    widths[widths.findIndex((width, column) => width === widest && isText[column] === true)] = widest - 1;
  }
  return widths;
}

interface Column {
  readonly column: number;
  readonly width: number;
}

/** The columns by lines, as many as fit into each; one that is too wide by itself is cut. */
function broken(widths: readonly number[], columns: number): readonly (readonly Column[])[] {
  const lines: Column[][] = [[]];
  for (const [column, natural] of widths.entries()) {
    const before = lines.at(-1) ?? [];
    const room = columns - (lines.length > 1 ? INDENT : 0);
    if (sumOf([...before.map(({ width }) => width), natural]) <= room || before.length === 0)
      before.push({ column, width: Math.min(natural, room) });
    else lines.push([{ column, width: Math.min(natural, columns - INDENT) }]);
  }
  return lines;
}
