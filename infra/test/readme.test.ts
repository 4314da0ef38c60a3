import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FIELD_NAMES, FIELDS } from '../lib/config-fields.ts';

test('the README describes every setting as the code has it, and no other', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const section = readme.slice(readme.indexOf('## Configuration'), readme.indexOf('## Stacks'));
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    // The formatter pads the columns.
    .map((line) => line.replaceAll(/ +/g, ' '));

  expect(rows.map((row) => row.split('`')[1])).toEqual(FIELD_NAMES);
  for (const name of FIELD_NAMES) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\` `)) ?? '';
    const field: { readonly meaning: string; readonly default?: unknown } = FIELDS[name];
    expect(row).toContain(field.meaning);
    if (['string', 'number'].includes(typeof field.default))
      expect(row).toContain(`| \`${field.default}\` |`);
  }
});
