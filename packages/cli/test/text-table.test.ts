import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import picocolors from 'picocolors';
import { expect, test } from 'vitest';
import { textTable } from '../src/terminal/text-table.ts';

const rows = [
  ['vol-1', 'a cause that is much longer than the others and would not fit', '3'],
  ['vol-22', 'short', '12'],
];

test('without a width nothing is cut', () => {
  expect(textTable(['VOLUME', 'CAUSE', 'N'], rows)).toBe(
    [
      'VOLUME  CAUSE                                                          N',
      'vol-1   a cause that is much longer than the others and would not fit  3',
      'vol-22  short                                                          12',
    ].join('\n'),
  );
});

test('the longest column is cut to the width, with an ellipsis', () => {
  expect(textTable(['VOLUME', 'CAUSE', 'N'], rows, 40)).toBe(
    [
      'VOLUME  CAUSE                         N',
      'vol-1   a cause that is much longer…  3',
      'vol-22  short                         12',
    ].join('\n'),
  );
});

test('texts are cut, and ids are not', () => {
  const table = textTable(['SNAPSHOT', 'WHY'], [['snap-0123456789abcdef0', 'a short cause']], 36);

  expect(table.split('\n')[1]).toBe('snap-0123456789abcdef0  a short cau…');
});

test('where ids leave no room, a row takes several lines, and so does the head', () => {
  const table = textTable(
    ['SNAPSHOT', 'GIB', 'VOLUME', 'WHY'],
    [
      ['snap-0123456789abcdef0', '8', 'vol-0123456789abcdef0', 'a cause that is longer than a line of this'],
      ['snap-0123456789abcdef1', '16', 'vol-0123456789abcdef1', ''],
    ],
    40,
  );

  expect(table).toBe(
    [
      'SNAPSHOT                GIB',
      '  VOLUME',
      '  WHY',
      'snap-0123456789abcdef0  8',
      '  vol-0123456789abcdef0',
      '  a cause that is longer than a line of…',
      'snap-0123456789abcdef1  16',
      '  vol-0123456789abcdef1',
    ].join('\n'),
  );
});

test('coloured texts are as wide as they look', () => {
  const { red } = picocolors.createColors(true);
  const table = textTable(['VOLUME', 'CAUSE'], [['vol-1', red('a cause that is too long for this')]], 24);

  expect(stripVTControlCharacters(table).split('\n')[1]).toBe('vol-1   a cause that is…');
});

test('a name with a line end in it does not break its row', () => {
  expect(textTable(['NAME', 'N'], [['db\n evil', '1']])).toBe('NAME     N\ndb evil  1');
});

test('whatever it holds, it fits into any width', () => {
  const cell = fc.string({ maxLength: 60, unit: fc.constantFrom('a', 'b', ' ') });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
      fc.integer({ min: 5, max: 120 }),
      (cells, columns) => {
        const lines = textTable(['A', 'B', 'C'], cells, columns).split('\n');
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
      },
    ),
    { seed: 20_261_125 },
  );
});
