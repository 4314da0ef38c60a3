import { rmSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalCloud, type LocalCloud, parseFleet, synthesize } from '@smart-vault/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandSetup, runCommand, useLocalCredentials } from './a-command.ts';

// One vault of two servers lives through these tests in their order: each goes on where the one before it ended.
const DB = 'i-0123456789abcdef0';
const WEB = 'i-0123456789abcdef1';
const UNTAGGED = 'i-0123456789abcdef2';
const volume = (n: number): string => `vol-0123456789abcde${n.toString().padStart(2, '0')}`;

const instance = (id: string, name: string, volumes: readonly string[], backup: boolean) => ({
  InstanceId: id,
  InstanceType: 'm7g.large',
  State: { Code: 16, Name: 'running' },
  Placement: { AvailabilityZone: 'us-east-1a' },
  RootDeviceName: '/dev/xvda',
  Tags: [{ Key: 'Name', Value: name }, ...(backup ? [{ Key: 'backup', Value: 'true' }] : [])],
  BlockDeviceMappings: volumes.map((VolumeId, index) => ({
    DeviceName: index === 0 ? '/dev/xvda' : `/dev/sd${String.fromCharCode(101 + index)}`,
    Ebs: { VolumeId, Status: 'attached' },
  })),
});
const INSTANCES = {
  Instances: [
    instance(DB, 'db', [1, 2, 3].map(volume), true),
    instance(WEB, 'web', [volume(4)], true),
    instance(UNTAGGED, 'scratch', [volume(5)], false),
  ],
};
/** The fault `copy-denied` strikes the volume with the lowest id. */
const DENIED = volume(1);

let assembly: string;
let cloud: LocalCloud;
beforeAll(async () => {
  useLocalCredentials();
  assembly = await synthesize({});
  cloud = await createLocalCloud({
    assembly,
    fleet: parseFleet({ instances: JSON.stringify(INSTANCES), region: 'us-east-1' }),
    faults: ['copy-denied'],
    foreignSnapshots: false,
  });
  await hours(12);
}, 60_000);
afterAll(async () => {
  await cloud?.close();
  rmSync(assembly, { recursive: true, force: true });
});

const hours = (n: number): Promise<void> => cloud.run({ until: cloud.clock.now() + n * 3_600_000 });

/** Waiting lets that much time pass in the cloud. */
const vault = (line: string, setup: CommandSetup = {}) =>
  runCommand([...line.split(' '), '--endpoint-url', cloud.endpoint], {
    env: { AWS_REGION: 'us-east-1' },
    now: () => cloud.clock.now(),
    sleep: (ms) => cloud.run({ until: cloud.clock.now() + ms }),
    ...setup,
  });
const json = async (line: string) => JSON.parse((await vault(`${line} --json`)).out);

test('status: the run is PARTIAL, and the volume, the letter and the alarm are named', async () => {
  const { status, out } = await vault('status');

  expect(status).toBe(1);
  expect(out).toMatch(/^ATTENTION: the last run is PARTIAL, 1 volume unprotected, 1 dead letter/);
  expect(out).toMatch(/2026-11-02 03:00 \(\d+h ago\)\s+PARTIAL\s+3\/4\s+4\/4\s+3\/4/);
  expect(out).toMatch(new RegExp(`unprotected\\s+${DENIED}\\s+${DB} \\(db\\)\\s+never copied to eu-west-1`));
  expect(out).toMatch(/smart-vault-copies-eu-west-1-dlq\s+1\s+1 configuration/);
  expect(out).toContain('smart-vault-DeadLettersCopies-eu-west-1');
  expect(out).toContain('Next: 2026-11-03 03:00 (in 15h) UTC, by cron(0 3 * * ? *) UTC');
});

test('status --json holds the same as data', async () => {
  const report = await json('status');

  expect(report).toMatchObject({
    vault: 'smart-vault',
    source: 'us-east-1',
    destinations: ['eu-west-1'],
    healthy: false,
    runs: [{ slot: '2026-11-02T03:00:00Z', status: 'PARTIAL', onDemand: false }],
    volumes: { protected: 3, late: [], unprotected: [{ volumeId: DENIED, instanceId: DB }] },
    copies: [{ region: 'eu-west-1', inFlight: 0, waiting: 0 }],
    nextSlot: { at: '2026-11-03T03:00:00Z' },
    unreadable: [],
  });
  expect(report.alarms.ringing).toMatchObject([
    { name: 'smart-vault-DeadLettersCopies-eu-west-1', state: 'ALARM' },
  ]);
});

test('status fits the width of the terminal', async () => {
  const { out } = await vault('status --no-color', { columns: 80 });

  const tables = out.split('\n').filter((line) => line.startsWith('  ') && !line.startsWith('  Next'));
  expect(
    Math.max(...tables.filter((line) => !/^ {2}unprotected: /.test(line)).map((line) => line.length)),
  ).toBeLessThanOrEqual(80);
});

test('on a terminal a reason is told once and in full, and no id is cut', async () => {
  const { out } = await vault('status --no-color', { columns: 80 });

  expect(out).toMatch(
    /^ {2}unprotected: never copied to eu-west-1; copy to eu-west-1 failed: DENIED after 5 attempts/m,
  );
  expect(out).toContain(`\n    ${DENIED}  ${DB} (db)\n`);
  const points = await vault(`points --instance ${DB} --region us-east-1`, { columns: 80 });
  expect(points.out.match(/snap-[0-9a-f]{17}\b/g)).toHaveLength(3);
  expect(points.out).not.toContain('…');
});

test('NO_COLOR and --no-color leave out the colours that a terminal gets', async () => {
  const csi = '\u001b[';
  expect((await vault('status', { columns: 80 })).out).toContain(csi);
  expect((await vault('status --no-color', { columns: 80 })).out).not.toContain(csi);
  const env = { AWS_REGION: 'us-east-1', NO_COLOR: '1' };
  expect((await vault('status', { columns: 80, env })).out).not.toContain(csi);
});

test('points: every point with its set, in both regions', async () => {
  const { points, unreadable } = await json('points');

  expect(unreadable).toEqual([]);
  expect(points).toHaveLength(7);
  const copies = points.filter(({ region }: { region: string }) => region === 'eu-west-1');
  expect(copies.map(({ volumeId }: { volumeId: string }) => volumeId).sort()).toEqual([2, 3, 4].map(volume));
  expect(copies.find(({ volumeId }: { volumeId: string }) => volumeId === volume(2))).toMatchObject({
    slot: '2026-11-02T03:00:00Z',
    instanceId: DB,
    deviceName: '/dev/sdf',
    state: 'completed',
    set: { good: 2, of: 3 },
    hold: null,
    condemned: null,
    copiedFrom: 'us-east-1',
  });
});

test('points of one region, instance or volume, and none before the first', async () => {
  expect((await json(`points --region eu-west-1`)).points).toHaveLength(3);
  expect((await json(`points --instance ${WEB}`)).points).toHaveLength(2);
  expect((await json(`points --volume ${DENIED}`)).points).toHaveLength(1);
  expect((await json('points --at 2026-11-02T02:59')).points).toEqual([]);
  const { out } = await vault('points --at 2026-11-02 --region us-east-1');
  expect(out).toMatch(
    /2026-11-02 03:00\s+\d+h\s+i-\w+\s+vol-\w+\s+\/dev\/xvda\s+us-east-1\s+\d+\s+good\s+3\/3/,
  );
  expect(out).toContain('4 points of 4 volumes, 1 slot.');
});

test('hold keeps a snapshot of the vault, with its reason, until release', async () => {
  const [{ snapshotId }] = (await json(`points --volume ${volume(4)} --region eu-west-1`)).points;

  const held = await vault(`hold ${snapshotId} --until 2027-01-31 --reason case-4711`);
  expect(held).toMatchObject({ status: 0 });
  expect(held.out).toMatch(new RegExp(`^${snapshotId} in eu-west-1 is held until 2027-01-31 23:59 `));
  const [row] = (await json(`points --volume ${volume(4)} --region eu-west-1`)).points;
  expect(row.hold).toEqual({ until: Date.parse('2027-01-31T23:59:59Z'), reason: 'case-4711' });

  expect((await vault(`release ${snapshotId}`)).out).toContain('no longer held');
  expect((await json(`points --volume ${volume(4)} --region eu-west-1`)).points[0].hold).toBeNull();
  expect((await vault(`release ${snapshotId}`)).out).toContain('was not held');
});

test('hold refuses what is not there, changes nothing then, and takes no time that has passed', async () => {
  const [{ snapshotId }] = (await json(`points --volume ${volume(4)}`)).points;

  const refused = await vault(`hold ${snapshotId} snap-0123456789abcdef0 --until forever`);
  expect(refused.status).toBe(1);
  expect(refused.err).toContain('snap-0123456789abcdef0 was not found in us-east-1 or eu-west-1');
  expect((await json(`points --volume ${volume(4)}`)).points[0].hold).toBeNull();
  const past = await vault(`hold ${snapshotId} --until 2020-01-01`);
  expect(past).toMatchObject({ status: 2 });
  expect(past.err).toContain('a hold must end in the future');
});

test('hold refuses a failed snapshot, which release takes: it has no data to keep, and may block its volume', async () => {
  const id = 'snap-0123456789abcde99';
  const tags = { 'smart-vault:vault': 'smart-vault', 'backup:hold': 'forever' };
  cloud.world.operator.addSnapshot('us-east-1', { id, volumeId: volume(4), state: 'error', tags });

  const refused = await vault(`hold ${id} --until 2027-01-31`);

  expect(refused.status).toBe(1);
  expect(refused.err).toContain(`${id} has failed and holds no data`);
  expect(refused.err).toContain('Nothing was changed.');
  expect(cloud.world.region('us-east-1').snapshots.get(id)?.tags.get('backup:hold')).toBe('forever');
  expect((await vault(`release ${id}`)).status).toBe(0);
  expect(cloud.world.region('us-east-1').snapshots.get(id)?.tags.has('backup:hold')).toBe(false);
  cloud.world.operator.deleteSnapshot('us-east-1', id);
});

test('dlq show tells all about the letter of a snapshot, and about nothing else', async () => {
  const [{ snapshotId }] = (await json(`points --volume ${DENIED}`)).points;

  const { status, out } = await vault(`dlq show ${snapshotId}`);

  expect(status).toBe(0);
  expect(out).toMatch(/Class: +configuration/);
  expect(out).toMatch(/Attempts: +5/);
  expect(out).toContain('UnauthorizedOperation');
  expect(out).toContain(`"snapshotId": "${snapshotId}"`);
  const none = await vault('dlq show snap-0123456789abcdef0');
  expect(none.status).toBe(2);
  expect(none.err).toContain('no dead letter snap-0123456789abcdef0');
});

test('dlq redrive and discard of another class or id move nothing, and tell what there is', async () => {
  const there = 'There are others: 1 configuration; --class names them.';
  expect(await vault('dlq redrive --class permanent')).toMatchObject({
    status: 0,
    out: `No such dead letter: nothing to redrive. ${there}`,
  });
  expect(await vault('dlq discard --class permanent --yes')).toMatchObject({
    status: 0,
    out: `No such dead letter: nothing to discard. ${there}`,
  });
  expect(await vault(`dlq discard --id ${volume(9)} --yes`)).toMatchObject({ status: 1 });
  expect(await vault(`dlq redrive --id ${volume(9)}`)).toMatchObject({ status: 1 });
});

test('dlq redrive while the cause is still there: what waits is told, and the letter dies again', async () => {
  const { out, err } = await vault('dlq redrive --class configuration');

  expect(out).toContain('1 letter moved back to smart-vault-copies-eu-west-1');
  expect(err).toMatch(/^1 message still wait/);
  await hours(2);
  expect((await json('status')).deadLetters.find(({ letters }: { letters: number }) => letters > 0)).toEqual({
    queue: 'smart-vault-copies-eu-west-1-dlq',
    region: 'us-east-1',
    letters: 1,
    classes: { configuration: 1 },
  });
});

test('once the cause is gone, redrive brings the copy, once, and status is healthy', async () => {
  cloud.liftFaults();

  const { status, out, err } = await vault('dlq redrive --class retryable');
  await hours(1);

  expect(status).toBe(0);
  expect(out).toBe(
    'smart-vault-copies-eu-west-1-dlq: 1 letter moved back to smart-vault-copies-eu-west-1, by SQS',
  );
  expect(err).toBe('All of it has been taken up.');
  expect((await json('points --region eu-west-1')).points).toHaveLength(4);
  expect(await vault('dlq redrive --class retryable')).toMatchObject({
    status: 0,
    out: 'No such dead letter: nothing to redrive.',
  });
  expect((await json('points --region eu-west-1')).points).toHaveLength(4);
  const after = await vault('status');
  expect(after.out).toMatch(/^HEALTHY/);
  expect(after.status).toBe(0);
});

test('run --wait makes points of one instance and follows them to their copies', async () => {
  const { status, out, progress } = await vault(`run --instance ${WEB} --wait`);

  expect(out).toMatch(/is OK: 1 of 1 volumes protected, 1 of 1 copies good\./);
  expect(status).toBe(0);
  expect(progress).toContain('0 of 1 snapshots good, 0 of 1 copies good, 5s');
  const { points } = await json(`points --instance ${WEB}`);
  expect(points).toHaveLength(4);
  const { runs, healthy } = await json('status');
  expect(runs[0]).toMatchObject({ onDemand: true, status: 'OK', counts: { selected: 1, protected: 1 } });
  expect(healthy).toBe(true);
});

test('run is reported like any other, and refuses what is not selected', async () => {
  await hours(1);
  expect(cloud.history.messages.at(-1)?.subject).toMatch(/^Smart Vault OK: 1 of 1 volumes/);

  const refused = await vault(`run --instance ${UNTAGGED}`);
  expect(refused.status).toBe(1);
  expect(refused.err).toBe(
    `No run was started: ${UNTAGGED}: no such instance with the tag backup=true; tag it, or leave it out.`,
  );
  expect((await vault('run --policy weekly')).err).toContain('it has "default"');
});

test('dlq discard says what is lost, asks, and deletes exactly the letters that were named', async () => {
  cloud.world.faults.deny('CopySnapshot', () => true, 'all');
  await vault(`run --instance ${WEB}`);
  await hours(2);

  const declined = await vault('dlq discard --class configuration', { answer: false });
  expect(declined).toMatchObject({ status: 1, questions: ['Discard 1 letter for good?'] });
  expect(declined.err).toContain('Lost with them: why these copies to eu-west-1 failed');
  const unasked = await vault('dlq discard --class configuration');
  expect(unasked.status).toBe(2);
  expect(unasked.err).toContain('add --yes');
  expect((await vault('dlq discard')).err).toContain('say which letters');
  expect((await vault('dlq discard --class permanent --yes')).out).toContain('nothing to discard');

  const done = await vault('dlq discard --class configuration --yes');
  expect(done).toMatchObject({
    status: 0,
    out: 'smart-vault-copies-eu-west-1-dlq: 1 letter discarded',
  });
  expect((await json('dlq list')).every(({ letters }: { letters: number }) => letters === 0)).toBe(true);
  cloud.liftFaults();
});

test('seen from a destination: its own points, and the whole status while the source answers', async () => {
  const { status, out } = await vault('status --region eu-west-1');

  expect(out).toContain('Vault smart-vault, us-east-1 to eu-west-1');
  expect([0, 1]).toContain(status);
});

test('with the source region down, a destination alone tells what can be restored', async () => {
  const proxy = createServer((request, response) => {
    const isSource = /Credential=[^/]+\/\d+\/us-east-1\//.test(request.headers.authorization ?? '');
    if (isSource) return request.socket.destroy();
    const { method, headers, url } = request;
    const onward = forward(`${cloud.endpoint}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    return request.pipe(onward);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const run = (line: string) =>
    runCommand([...line.split(' '), '--endpoint-url', endpoint], { env: { AWS_REGION: 'us-east-1' } });

  const down = await run('status');
  expect(down.status).toBe(2);
  expect(down.err).toContain('status --region <destination>');
  const elsewhere = await run('status --region eu-west-1');
  expect(elsewhere.status).toBe(1);
  expect(elsewhere.out).toMatch(/^ATTENTION: the source region us-east-1 could not be asked: TRANSIENT: /);
  expect(elsewhere.out).toContain('2 instances can be restored here.');
  const points = await run('points --region eu-west-1 --json');
  expect(points.status).toBe(0);
  expect(JSON.parse(points.out).points.length).toBeGreaterThanOrEqual(5);
  proxy.closeAllConnections();
  proxy.close();
}, 30_000);

test('a vault that is not there is answered with those that are', async () => {
  const { status, err } = await vault('status --vault other');

  expect(status).toBe(2);
  expect(err).toContain('no queue of a vault named "other" in us-east-1; vaults there: smart-vault');
});

test('forecast: of the fleet and the settings that it finds, at the pace of the last snapshots', async () => {
  const report = await json('forecast');

  expect(report).toMatchObject({
    feasible: true,
    fleet: { from: 'EC2 in us-east-1', instances: 2, units: 2, volumes: 4 },
    settings: { from: 'the deployed vault "smart-vault"', destinations: ['eu-west-1'], retentionDays: 7 },
    run: { snapshots: 4, complete: true, destinations: [{ region: 'eu-west-1', copies: 4, inTime: true }] },
  });
  expect(report.assumed[0]).toMatch(/^a snapshot takes \d+ s, as the last \d+ of this vault did on average$/);
  expect(report.assumed[1]).toMatch(/^a copy takes \d+ s, as the last \d+ of this vault did on average$/);
}, 60_000);
