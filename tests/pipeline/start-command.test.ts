import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandResult, start } from '../support/commands.ts';

const folder = mkdtempSync(join(tmpdir(), 'smart-vault-start-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('the sample fleet, as the README starts it', () => {
  const json = join(folder, 'summary.json');
  let result: CommandResult;
  beforeAll(async () => {
    result = await start('--json', json).ended;
  });

  test('ends with exit status 0 and every promise held', () => {
    expect(result.err).toBe('');
    expect(result.out).toContain('Every promise held.');
    expect(result.status).toBe(0);
  });

  test('backs up, copies, prunes and reports each of the four days', () => {
    const { runs, messages } = JSON.parse(readFileSync(json, 'utf8'));

    expect(runs).toHaveLength(4);
    for (const run of runs) {
      expect(run.volumes).toBeGreaterThan(70);
      expect(run.snapshots).toBe(run.volumes);
      expect(run.copies).toBe(run.volumes);
    }
    expect(runs[0].pruned).toBeGreaterThan(0);
    expect(messages.map(({ subject }: { subject: string }) => subject.slice(0, 14))).toEqual(
      Array.from({ length: 4 }, () => 'Smart Vault OK'),
    );
  });

  test('stays within the quotas and leaves nothing dead', () => {
    const { highWater, deadLetters } = JSON.parse(readFileSync(json, 'utf8'));

    for (const { most, quota } of highWater) expect(most).toBeLessThanOrEqual(quota);
    expect(Object.values(deadLetters).every((letters) => letters === 0)).toBe(true);
  });

  test('prints plain lines when the output is no terminal', () => {
    expect(result.out).not.toContain('\u001b');
    expect(result.out).toMatch(
      /2026-11-02 03:00 {2}run 2026-11-02 03:00 starts: \d+ volumes of \d+ instances/,
    );
  });
});

describe('bad input ends with exit status 2, before anything is started', () => {
  test.each([
    ['an unknown option', ['--fleets', 'x'], "unknown option '--fleets'"],
    ['a number that is none', ['--days', 'many'], 'Allowed: a whole number from 1 to 366.'],
    ['an unknown fault', ['--fault', 'fire'], 'Allowed: copy-denied, throttle, lost-events, crash.'],
    ['volumes without instances', ['--volumes', 'x.json'], '--volumes needs --fleet'],
    ['a file that is not there', ['--fleet', 'nowhere.json'], 'nowhere.json'],
  ])('%s', async (_what, args, complaint) => {
    const { status, err, out } = await start(...args).ended;

    expect(err).toContain(complaint);
    expect(err).not.toMatch(/\n {4}at /);
    expect(out).toBe('');
    expect(status).toBe(2);
  });

  test('JSON that breaks off names the line', async () => {
    const fleet = file('broken.json', '{\n  "Reservations": [\n    { "Instances": [ }\n');

    const { status, err } = await start('--fleet', fleet).ended;

    expect(err).toMatch(/broken\.json.*line 3/);
    expect(status).toBe(2);
  });

  test('a wrong shape names the path', async () => {
    const fleet = file('shape.json', JSON.stringify({ Reservations: [{ Instances: [{ InstanceId: 7 }] }] }));

    const { status, err } = await start('--fleet', fleet).ended;

    expect(err).toMatch(/shape\.json.*Reservations\[0\]\.Instances\[0\]\.InstanceId/);
    expect(status).toBe(2);
  });
});

test('keys that we do not know are no obstacle in a fleet', async () => {
  const instance = {
    InstanceId: 'i-0123456789abcdef0',
    InstanceType: 'm7g.large',
    State: { Code: 16, Name: 'running', FromTheFuture: true },
    Placement: { AvailabilityZone: 'us-east-1a', Quantum: { Spin: 1 } },
    RootDeviceName: '/dev/xvda',
    Tags: [{ Key: 'backup', Value: 'true' }],
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: { VolumeId: 'vol-0123456789abcdef0', DeleteOnTermination: true, New: [] },
      },
    ],
    SomethingNew: { Deep: [1, 2, 3] },
  };
  const fleet = file(
    'new-keys.json',
    JSON.stringify({ Reservations: [{ Instances: [instance], NewKey: 1 }] }),
  );

  const { status, out } = await start('--fleet', fleet, '--days', '1').ended;

  expect(out).toContain('every selected volume has exactly one good snapshot for every run (1 of 1)');
  expect(status).toBe(0);
});

test('Ctrl-C ends it cleanly, with what was done so far', async () => {
  const command = start('--days', '30');
  await command.printed(/all \d+ snapshots are good/);

  command.child.kill('SIGINT');
  const { status, out, err } = await command.ended;

  expect(status).toBe(130);
  expect(out).toMatch(/interrupted|so far/i);
  expect(err).toBe('');
});
