import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runCommand } from './a-command.ts';

// Hundreds of volumes are simulated, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const hex = (n: number): string => n.toString(16).padStart(17, '0');
const DEVICES = ['/dev/xvda', '/dev/sdf', '/dev/sdg'];

/** Servers of three volumes each, as `describe-instances` prints them. */
const servers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    InstanceId: `i-${hex(index + 1)}`,
    State: { Name: 'running' },
    RootDeviceName: '/dev/xvda',
    Tags: [{ Key: 'backup', Value: 'true' }],
    BlockDeviceMappings: DEVICES.map((DeviceName, place) => ({
      DeviceName,
      Ebs: { VolumeId: `vol-${hex(index * 3 + place + 1)}` },
    })),
  }));

let folder: string;
const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smart-vault-forecast-'));
  file('fleet.json', { Reservations: [{ Instances: servers(100) }] });
  file('few.json', { Instances: servers(4) });
  // The first forecast of a process makes the templates, which takes seconds.
  await forecast('--fleet few.json');
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Neither a region nor credentials are in the environment: nothing may be asked. */
const forecast = (line: string, args: readonly string[] = []) =>
  runCommand([
    'forecast',
    ...line
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => (word.endsWith('.json') ? join(folder, word) : word)),
    ...args,
  ]);

test('300 volumes: exact counts, and times between the bound and little more', async () => {
  const { status, out, progress } = await forecast(
    '--fleet fleet.json --snapshot-seconds 60 --copy-seconds 120 --json',
  );
  const report = JSON.parse(out);

  expect(status).toBe(0);
  expect(report).toMatchObject({
    feasible: true,
    fleet: { region: 'us-east-1', instances: 100, units: 100, volumes: 300, sizeGiB: 2_400, leftOut: [] },
    windowSeconds: 86_400,
    run: {
      snapshots: 300,
      complete: true,
      deadLetters: 0,
      destinations: [{ region: 'eu-west-1', copies: 300 }],
    },
    remedies: null,
    // Slots of 03:00, seven days, condemned at 06:00, deleted a day later.
    snapshotsPerVolume: { 'us-east-1': 9, 'eu-west-1': 9 },
    kept: [
      { region: 'us-east-1', snapshots: 2_700, isWithinQuota: true },
      { region: 'eu-west-1', snapshots: 2_700, isWithinQuota: true },
    ],
    slotsPerMonth: 30,
  });
  const calls = new Map(
    report.run.calls.map((each: { region: string; operation: string; calls: number }) => [
      `${each.region} ${each.operation}`,
      each.calls,
    ]),
  );
  expect(calls.get('us-east-1 CreateSnapshots')).toBe(100);
  expect(calls.get('eu-west-1 CopySnapshot')).toBe(300);
  const [{ bound, seconds }] = report.run.destinations;
  // 300 copies of 120 s, 20 at a time; 300 snapshots of 60 s, 100 at a time.
  expect(bound).toMatchObject({
    copySlots: 1_800,
    pendingCap: 180,
    copyApi: 50,
    createApi: 0,
    binding: 'copySlots',
  });
  expect(seconds).toBeGreaterThanOrEqual(bound.all);
  expect(seconds).toBeLessThanOrEqual(1.15 * bound.all);
  expect(report.run.snapshotsSeconds).toBeGreaterThanOrEqual(bound.snapshots);
  expect(report.run.snapshotsSeconds).toBeLessThanOrEqual(1.6 * bound.snapshots);
  expect(progress).toContainEqual(expect.stringMatching(/^a run: \d+ of 600 snapshots and copies are good$/));
  const line = (what: string) => report.cost.lines.find((each: { what: string }) => each.what === what);
  // Half of 2,400 GiB, and 3 % of that for eight more points; 3 % a day to one destination.
  expect(line('snapshots in us-east-1')).toMatchObject({
    quantity: 1_200 + 8 * 36,
    unitDollars: 0.05,
    verified: true,
  });
  expect(line('copies to other regions').quantity).toBeCloseTo(30 * 36);
  expect(line('copies to other regions').verified).toBe(false);
  expect(line('events of destinations').quantity).toBe(30 * 300);
  expect(report.cost.dollars).toBeCloseTo(
    report.cost.lines.reduce((sum: number, { dollars }: { dollars: number }) => sum + dollars, 0),
  );
});

test('copies that do not end before the next slot: exit status 1, and a quota with which they do', async () => {
  const { status, out } = await forecast('--fleet fleet.json --snapshot-seconds 60 --copy-seconds 1500', [
    '--schedule',
    'cron(0 * * * ? *)',
  ]);

  expect(status).toBe(1);
  expect(out).toMatch(
    /^NOT FEASIBLE: copies to eu-west-1 take 6\.\d h, and the next slot comes after 60\.0 min\n/,
  );
  // Two waves of 150 fit in the hour.
  expect(out).toContain('A quota of 150 copies at a time to each destination (now 20): ask AWS Support');
  expect(out).toContain('Or a longer interval: slots at least 7 h apart.');
  expect(out).toMatch(/Or fewer copies: no more than 4\d of the 300 volumes\./);
  expect(out).toMatch(/eu-west-1 .* copy slots +1\.0\d\n/);
});

test('copies of an hour and hourly slots: no quota helps, and it says from which on the backlog does not grow', async () => {
  const hourly = ['--schedule', 'cron(0 * * * ? *)'];
  const { status, out } = await forecast('--fleet few.json --snapshot-seconds 60 --copy-seconds 3600', [
    ...hourly,
    '--copies-in-flight',
    '4',
  ]);

  expect(status).toBe(1);
  expect(out).toContain(
    'No quota of copies lets a run end before the next slot. From 12 at a time on (now 4)',
  );
});

test('the same question has the same answer, and the first run takes longer than the others', async () => {
  const line = '--fleet few.json --volumes volumes.json --destination eu-west-1,ap-southeast-2 --json';
  const volumes = servers(4).flatMap(({ BlockDeviceMappings }) =>
    BlockDeviceMappings.map(({ Ebs: { VolumeId } }, place) => ({
      VolumeId,
      Size: 100,
      ...(place === 2 ? { Tags: [{ Key: 'backup', Value: 'false' }] } : {}),
    })),
  );
  file('volumes.json', { Volumes: volumes });
  const [first, second] = [await forecast(line), await forecast(line)];
  const { fleet, run, firstRun, assumed } = JSON.parse(first.out);

  expect(second).toEqual(first);
  expect(fleet).toMatchObject({ volumes: 8, sizeGiB: 800 });
  expect(fleet.leftOut).toHaveLength(4);
  expect(fleet.leftOut[0]).toMatchObject({ id: `vol-${hex(3)}`, why: 'its tag says backup=false' });
  expect(run.destinations.map(({ region }: { region: string }) => region)).toEqual([
    'eu-west-1',
    'ap-southeast-2',
  ]);
  expect(firstRun.destinations[0].seconds).toBeGreaterThan(2 * run.destinations[0].seconds);
  expect(assumed.join('\n')).toMatch(/a copy takes 8 s and 5 s per changed GiB, .* not verified/);
});

test('a first run that does not end before the next slot is told, and alone makes nothing infeasible', async () => {
  file('large.json', {
    Volumes: servers(4).map((each) => ({
      VolumeId: each.BlockDeviceMappings[0]?.Ebs.VolumeId,
      Size: 16_000,
    })),
  });
  const { status, out } = await forecast('--fleet few.json --volumes large.json --changed-per-day 0.1%', [
    '--schedule',
    'cron(0 0/12 * * ? *)',
  ]);

  expect(status).toBe(0);
  expect(out).toMatch(/^FEASIBLE\n/);
  expect(out).toContain('The first run goes on while the next ones begin, once');
  expect(out).toMatch(/all copies good in eu-west-1 +[\d.]+ (?:s|min) +\d\d\.\d h\n/);
});

test('own prices replace those of the list', async () => {
  file('prices.json', { transferGiB: 0.5 });
  const { out } = await forecast(
    '--fleet few.json --snapshot-seconds 60 --copy-seconds 60 --prices prices.json --json',
  );
  const { cost } = JSON.parse(out);

  // 96 GiB, half of it written, 3 % a day.
  expect(cost.lines.find(({ what }: { what: string }) => what === 'copies to other regions')).toMatchObject({
    unitDollars: 0.5,
    verified: true,
    dollars: expect.closeTo(30 * 0.03 * 48 * 0.5),
  });
});

test.each([
  ['--fleet none.json', /cannot read .*none\.json: .*; make one with: aws ec2 describe-instances > /],
  ['--fleet broken.json', /the fleet in .*broken\.json cannot be read: .*line 1/],
  ['--fleet untagged.json', /nothing is selected in .*untagged\.json.*: tag instances .* with backup=true/],
  ['--volumes few.json', /--volumes needs --fleet/],
  ['--fleet few.json --settings few.json', /few\.json has no "context".*; expected a file such as cdk\.json/],
  ['--fleet few.json --prices broken.json', /cannot read the prices in .*broken\.json/],
  [
    '--fleet few.json --prices unknown.json',
    /unknown\.json: "gold" is no price; allowed: snapshotGiBMonth, /,
  ],
  ['--fleet few.json --prices negative.json', /negative\.json: logGiB is -1; expected dollars, 0 or more/],
  ['--fleet few.json --changed-per-day 300%', /Expected a share such as 3% or 0\.03/],
  ['--fleet few.json --copy-seconds soon', /Expected a whole number from 1 to 604800/],
  ['--fleet few.json --destination us-east-1', /destinationRegions holds the source region us-east-1/],
  ['--fleet few.json --schedule hourly', /schedule .*"hourly"/],
])('%s: says what is wrong, exit status 2', async (line, message) => {
  file('broken.json', '{"Instances": [');
  file('untagged.json', { Instances: servers(1).map((each) => ({ ...each, Tags: [] })) });
  file('unknown.json', { gold: 1 });
  file('negative.json', { logGiB: -1 });
  const { status, out, err } = await forecast(line);

  expect(status).toBe(2);
  expect(out).toBe('');
  expect(err).toMatch(message);
  expect(err).not.toContain('    at ');
});
