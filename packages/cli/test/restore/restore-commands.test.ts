import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CommandSetup, runCommand, useLocalCredentials } from '../a-command.ts';
import { AWAY, aWorld, HOME, SERVER, SLOT, serveWorld, VOLUMES, type World } from './a-server.ts';

let world: World;
let served: Awaited<ReturnType<typeof serveWorld>>;
beforeAll(useLocalCredentials);
beforeEach(async () => {
  world = await aWorld({ state: 'stopped' });
  served = await serveWorld(world);
});
afterEach(() => served.stop());

const restore = (args: readonly string[], setup: CommandSetup = {}) =>
  runCommand(['restore', ...args, '--vault', 'v', '--endpoint-url', served.endpoint], {
    now: world.clock.now,
    sleep: world.clock.sleep,
    ...setup,
  });
const made = (region = AWAY) => world.store(region).listMade();
const nothing = { images: [], instances: [], volumes: [] };

/** The first subnet and the security group of its VPC. */
async function place(): Promise<readonly string[]> {
  const [subnet] = await world.store(AWAY).listSubnets();
  const group = (await world.store(AWAY).listSecurityGroups()).find(({ vpcId }) => vpcId === subnet?.vpcId);
  return ['--subnet', subnet?.id ?? '', '--security-group', group?.id ?? ''];
}
const away = ['--instance', SERVER, '--region', AWAY];

describe('plan', () => {
  test('shows what, from what, how, what is kept and what has to be told, and changes nothing', async () => {
    const { status, out } = await restore(['plan', ...away]);

    expect(out).toContain(`Launch ${SERVER} anew in ${AWAY}, as of ${SLOT}, from the copies of ${HOME}`);
    expect(out).toMatch(/DEVICE +WAS +FROM +TYPE +GIB +IOPS +MIB\/S/);
    for (const volume of VOLUMES) expect(out).toContain(volume);
    expect(out).toMatch(/1\. register an image of 6 snapshots/);
    expect(out).toMatch(/--subnet: .*\n +subnet-\w+ /);
    expect(out).toContain('every snapshot: nothing here deletes one');
    expect(status).toBe(1);
    expect(await made()).toEqual(nothing);
  });

  test('is ready when all is told, and asks no other region', async () => {
    const { status, out } = await restore(['plan', ...away, ...(await place()), '--json']);

    expect(JSON.parse(out)).toMatchObject({ problems: [], unknowns: [], slot: SLOT });
    expect(status).toBe(0);
    expect([...served.asked]).toEqual([AWAY]);
  });

  test.each([
    [['--instance', SERVER, '--volume', VOLUMES[0] ?? ''], 'either --volume vol-… or --instance i-…'],
    [['--volume', VOLUMES[0] ?? '', '--attach', '--replace'], '--attach and --replace do not go together'],
    [['--volume', VOLUMES[0] ?? '', '--slot', SLOT, '--at', '2026-11-22'], '--slot and --at'],
    [['--instance', SERVER, '--device', '/dev/sdf'], '--device and --instance'],
    [['--instance', 'web-1'], 'Expected an instance id such as'],
    [['--volume', VOLUMES[0] ?? '', '--at', 'yesterday'], 'Expected a time in UTC'],
    [['--volume', VOLUMES[0] ?? '', '--label', 'a b'], 'Expected 1 to 32 letters'],
  ])('refuses %j', async (options, complaint) => {
    const { status, out, err } = await restore(['plan', ...options, '--region', AWAY]);

    expect(err).toContain(complaint);
    expect(out).toBe('');
    expect(status).toBe(2);
  });

  test('of what no snapshot knows says where to look', async () => {
    const { status, out } = await restore(['plan', '--volume', 'vol-0123456789abcdef0', '--region', AWAY]);

    expect(out).toContain('there is no good snapshot of vol-0123456789abcdef0 by the vault "v" in eu-west-1');
    expect(status).toBe(1);
  });
});

describe('apply', () => {
  test('asks for what it has to be told, then whether to go on, and says what it made and what is next', async () => {
    const { status, out, questions } = await restore(['apply', ...away], {
      columns: 200,
      answer: true,
      choose: (_question, [first]) => first?.value ?? '',
    });

    expect(questions.map((question) => question.split(':')[0])).toContain('--subnet');
    expect(questions.at(-1)).toBe('Carry this out?');
    expect(out).toMatch(new RegExp(`Restored ${SERVER} as of ${SLOT}: i-\\w+ with 6 volumes in ${AWAY}`));
    expect(out).toContain('What to do next');
    expect(status).toBe(0);
    const { images, instances, volumes } = await made();
    expect([images.length, instances.length, volumes.length]).toEqual([0, 1, 6]);
    expect([...served.asked]).toEqual([AWAY]);
  });

  test('does nothing when the person says no, and when something is missing that nobody can be asked for', async () => {
    const no = await restore(['apply', ...away, ...(await place())], { columns: 200, answer: false });
    const unknown = await restore(['apply', ...away, '--yes']);

    expect([no.status, no.err]).toEqual([1, 'Nothing was done.']);
    expect([unknown.status, unknown.err]).toEqual([
      1,
      'Nothing was done: see what is in the way, or has to be told.',
    ]);
    expect(await made()).toEqual(nothing);
  });

  test('is one JSON document, with progress elsewhere', async () => {
    const { out, err } = await restore(['apply', ...away, ...(await place()), '--yes', '--json']);

    const { outcomes, next } = JSON.parse(out);
    expect(outcomes.map(({ step, outcome }: { step: string; outcome: string }) => [step, outcome])).toEqual([
      ['image', 'made'],
      ['instance', 'made'],
      ...VOLUMES.map((id) => [`tags:${id}`, 'made']),
      ['deregister', 'made'],
    ]);
    expect(next).not.toEqual([]);
    expect(err).toMatch(/^\[1\/9\] register an image/m);
  });

  test('ends at Ctrl-C, says how to go on, and goes on', async () => {
    const controller = new AbortController();
    const options = ['apply', ...away, ...(await place()), '--yes'];

    const cut = await restore(options, {
      signal: controller.signal,
      sleep: async () => controller.abort(),
    });
    const whole = await restore(options);

    expect(cut.status).toBe(130);
    expect(cut.err).toContain('restore apply again: it finds what was made, and goes on');
    expect(whole.status).toBe(0);
    expect(whole.err).toContain('found from an earlier run: i-');
    const { instances, volumes } = await made();
    expect([instances.length, volumes.length]).toEqual([1, 6]);
  });

  test('swaps the disks of a stopped instance, and keeps the old ones', async () => {
    const { status, out } = await restore([
      'apply',
      '--instance',
      SERVER,
      '--region',
      HOME,
      '--replace',
      '--yes',
    ]);

    expect(status).toBe(0);
    expect(out).toContain('delete what was replaced');
    const [server] = await world.store(HOME).findInstances([SERVER]);
    const now = server?.devices.map(({ volumeId }) => volumeId) ?? [];
    expect(now).toHaveLength(6);
    expect(now.filter((id) => VOLUMES.includes(id))).toEqual([]);
    expect(server?.devices.find(({ deviceName }) => deviceName === '/dev/xvda')?.deleteOnTermination).toBe(
      true,
    );
    const old = await world.store(HOME).findVolumes(VOLUMES);
    expect(old.map(({ state }) => state)).toEqual(VOLUMES.map(() => 'available'));
  });

  test('has a second one beside the first under another label', async () => {
    const options = ['apply', '--volume', VOLUMES[1] ?? '', '--region', HOME, '--yes'];

    await restore(options);
    await restore(options);
    await restore([...options, '--label', 'drill']);

    expect((await made(HOME)).volumes).toHaveLength(2);
  });

  test('a right that is missing is told in words, by the dry run too', async () => {
    world.world.faults.deny('CreateVolume');
    const options = ['apply', '--volume', VOLUMES[1] ?? '', '--region', HOME];

    const dry = await restore([...options, '--dry-run']);
    const real = await restore([...options, '--yes']);

    expect(dry.out).toMatch(/refused: create a volume[\s\S]*UnauthorizedOperation/);
    expect(dry.status).toBe(1);
    expect(real.err).toContain('The credentials in use lack this permission');
    expect(real.err).not.toMatch(/\n {4}at /);
    expect(real.status).toBe(2);
  });

  test('a region that is down is told in words', async () => {
    world.world.faults.outage(AWAY);

    const { status, err, out } = await restore(['apply', ...away, '--yes']);

    expect(err).toContain('The endpoint did not answer');
    expect([status, out]).toEqual([2, '']);
  });
});
