import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../src/main.ts');
const ROOT = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'sim-'));
afterAll(() => rmSync(folder, { recursive: true }));

function sim(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('the command', () => {
  it('replays the world of a file', () => {
    const file = join(folder, 'world.json');
    writeFileSync(file, JSON.stringify({ pack: 'calm', seed: 1 }));

    const { status, stdout } = sim('--replay', file);

    expect(stdout).toContain('world calm/1');
    expect(stdout).toContain('every promise was kept');
    expect(status).toBe(0);
  });

  it.each([
    ['an unknown pack', ['--pack', 'nosuch'], "'nosuch' is invalid. Known packs: standard"],
    ['a negative number', ['--seeds', '-3'], "'-3' is invalid. Expected a whole number"],
    ['an unknown option', ['--seads', '3'], 'Did you mean --seeds?'],
    [
      'a file that is not there',
      ['--replay', join(folder, 'nosuch.json')],
      'nosuch.json cannot be read: ENOENT',
    ],
  ])(
    'answers %s with what is allowed, and status 2',
    (_what, args, text) => {
      const { status, stderr } = sim(...args);

      expect(stderr).toContain(text);
      expect(status).toBe(2);
    },
    60_000,
  );

  it.each([
    ['--corpus', '--pack', 'calm'],
    ['--variants', '--from', '7'],
    ['--nightly', '--seeds', '5'],
    ['--seed', '7', '--seeds', '5'],
  ])('says what %s does not go with (%s %s)', (...args) => {
    const { status, stdout, stderr } = sim(...args);

    expect(stderr).toMatch(/option '--\w+( <\w+>)?' cannot be used with option '--\w+/);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it('refuses a file that is no world', () => {
    const file = join(folder, 'other.json');
    writeFileSync(file, '{"seed":"x"}');

    expect(sim('--replay', file)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is no world'),
    });
  });
});
