import { describe, expect, test } from 'vitest';
import { type MadeByRestores, planRestore, type RestoreStep } from '../../src/restore/index.ts';
import { AWAY, anInstance, HOME, instanceId, SLOT, slotDaysAgo, snapshotId, volumeId } from '../builders.ts';
import { aDatabase, copiesOf, facts, madeVolume, NOW, request, sourcesOf } from './servers.ts';

const kinds = (steps: readonly RestoreStep[]): readonly string[] => steps.map(({ kind }) => kind);
const only = <Kind extends RestoreStep['kind']>(steps: readonly RestoreStep[], kind: Kind) =>
  steps.filter((step): step is Extract<RestoreStep, { kind: Kind }> => step.kind === kind);
const today = sourcesOf(aDatabase());
const copies = copiesOf(today);

describe('an instance in another region', () => {
  const plan = planRestore(facts({ snapshots: copies }), request(), NOW);

  test('is an image, a launch, tags for its volumes, and the image taken away', () => {
    expect(kinds(plan.steps)).toEqual([
      'register-image',
      'launch-instance',
      'tag-volume',
      'tag-volume',
      'deregister-image',
    ]);
    expect(plan).toMatchObject({ mode: 'launch', problems: [], unknowns: [], missing: [], copiedFrom: HOME });
  });

  test('has the device map, types, sizes, IOPS and throughput that it had', () => {
    const [launch] = only(plan.steps, 'launch-instance');

    expect(
      launch?.call.devices.map((device) => [
        device.deviceName,
        device.volumeType,
        device.sizeGiB,
        device.iops ?? '-',
        device.throughput ?? '-',
        device.deleteOnTermination,
      ]),
    ).toEqual([
      ['/dev/xvda', 'gp3', 30, 3000, 125, true],
      ['/dev/xvdb1', 'io2', 500, 16_000, '-', false],
      ['/dev/xvdb2', 'gp3', 100, 6_000, 500, false],
      // EC2 tells the IOPS of these types, and refuses to be told.
      ['/dev/xvdb3', 'gp2', 100, '-', '-', false],
      ['/dev/xvdb4', 'st1', 2_000, '-', '-', false],
      ['/dev/xvdb5', 'gp3', 100, 3000, 125, false],
    ]);
  });

  test('has its type, profile, metadata setting and tags, and no key pair of another region', () => {
    const [launch] = only(plan.steps, 'launch-instance');

    expect(launch?.call).toMatchObject({
      instanceType: 'm7g.large',
      instanceProfile: 'database',
      metadataTokens: 'required',
      subnetId: 'subnet-a',
      securityGroupIds: ['sg-a'],
      tags: { Name: 'db-1', backup: 'true', team: 'core', 'smart-vault:restore': plan.restoreId },
    });
    expect(launch?.call).not.toHaveProperty('keyName');
    expect(plan.notices.join('\n')).toContain('no key pair (it had ops, in another region)');
    expect(plan.notices.join('\n')).toContain('security group sg-a (databases): the only one in vpc-1');
  });

  test('has an image as its root asks for', () => {
    const [register] = only(plan.steps, 'register-image');

    expect(register?.call).toMatchObject({
      architecture: 'arm64',
      bootMode: 'uefi',
      rootDeviceName: '/dev/xvda',
    });
    expect(register?.call.name).toMatch(/^[A-Za-z0-9 ()[\]./'@_-]{3,128}$/);
  });

  test('gives its volumes their own tags back', () => {
    expect(only(plan.steps, 'tag-volume').map(({ deviceName, tags }) => [deviceName, tags])).toEqual([
      ['/dev/xvda', { Name: 'db root' }],
      ['/dev/xvdb2', { Name: 'db wal', team: 'core' }],
    ]);
  });

  test('names what the tags do not carry', () => {
    expect(plan.notices.join('\n')).toMatch(/not restored: user data, IP addresses/);
  });

  test('asks for the subnet and the groups when there are several', () => {
    const subnets = ['a', 'b'].map((zone) => ({
      id: `subnet-${zone}`,
      vpcId: 'vpc-1',
      availabilityZone: `eu-west-1${zone}`,
      cidr: '10.0.0.0/24',
      name: `private ${zone}`,
    }));
    const groups = ['a', 'b'].map((name) => ({ id: `sg-${name}`, name, vpcId: 'vpc-1' }));
    const several = facts({ snapshots: copies, subnets, securityGroups: groups });

    const asked = planRestore(several, request(), NOW);
    const inZone = planRestore(several, request({ availabilityZone: 'eu-west-1b' }), NOW);
    const given = planRestore(several, request({ subnetId: 'subnet-b', securityGroupIds: ['sg-b'] }), NOW);
    const mapped = planRestore(
      several,
      request({
        mapped: { 'subnet-0123456789abcdef0': 'subnet-a', 'sg-0123456789abcdef0': 'sg-b' },
      }),
      NOW,
    );

    expect(asked.unknowns.map(({ option, choices }) => [option, choices.map(({ value }) => value)])).toEqual([
      ['--subnet', ['subnet-a', 'subnet-b']],
      ['--security-group', ['sg-a', 'sg-b']],
    ]);
    expect(inZone.unknowns.map(({ option }) => option)).toEqual(['--security-group']);
    expect([given.unknowns, given.problems]).toEqual([[], []]);
    expect(only(given.steps, 'launch-instance')[0]?.call).toMatchObject({
      subnetId: 'subnet-b',
      securityGroupIds: ['sg-b'],
    });
    expect(only(mapped.steps, 'launch-instance')[0]?.call).toMatchObject({
      subnetId: 'subnet-a',
      securityGroupIds: ['sg-b'],
    });
  });

  test('refuses a subnet and a group that are not there', () => {
    const plan = planRestore(
      facts({ snapshots: copies }),
      request({ subnetId: 'subnet-x', securityGroupIds: ['sg-a', 'sg-x'] }),
      NOW,
    );

    expect(plan.problems.map(({ text }) => text)).toEqual([
      'there is no subnet subnet-x in eu-west-1',
      'sg-x is no security group of this region',
    ]);
  });

  test('asks for type and architecture when the tags do not tell', () => {
    const bare = copiesOf(sourcesOf(aDatabase({ instanceType: '', architecture: '' })));

    const plan = planRestore(facts({ snapshots: bare }), request(), NOW);
    const told = planRestore(
      facts({ snapshots: bare }),
      request({ instanceType: 'm7g.xlarge', architecture: 'arm64' }),
      NOW,
    );

    expect(plan.unknowns.map(({ option }) => option)).toEqual(['--architecture', '--instance-type']);
    expect(told.unknowns).toEqual([]);
  });

  test('is refused for a licence that an image of a snapshot would lose, unless forced', () => {
    const windows = copiesOf(sourcesOf(aDatabase({ usageOperation: 'RunInstances:0002' })));

    expect(planRestore(facts({ snapshots: windows }), request(), NOW).problems[0]?.text).toContain(
      'RunInstances:0002',
    );
    expect(planRestore(facts({ snapshots: windows }), request({ force: true }), NOW).problems).toEqual([]);
  });

  test('cannot be launched without its root', () => {
    const [, ...data] = copies;

    const plan = planRestore(facts({ snapshots: data }), request({ force: true }), NOW);

    expect(plan.problems.map(({ text }) => text)).toEqual([
      'no snapshot of the root volume is in the set, and without one no instance can be launched',
    ]);
  });
});

describe('which set', () => {
  const yesterday = copiesOf(sourcesOf(aDatabase(), { slot: slotDaysAgo(1), first: 200 }));
  const [, ...lacking] = copies;

  test('is the newest, when it is complete', () => {
    expect(planRestore(facts({ snapshots: [...yesterday, ...copies] }), request(), NOW).slot).toBe(SLOT);
  });

  test('is an older one when the newest lacks a volume, which is told', () => {
    const plan = planRestore(facts({ snapshots: [...yesterday, ...lacking] }), request(), NOW);

    expect([plan.slot, plan.problems]).toEqual([slotDaysAgo(1), []]);
    expect(plan.notices.join('\n')).toContain(
      `the newer slot ${SLOT} is passed over for ${slotDaysAgo(1)}: it lacks ${volumeId(1)} (/dev/xvda)`,
    );
  });

  test('is the newest at a time, or exactly the one that is asked for', () => {
    const all = facts({ snapshots: [...yesterday, ...copies] });

    expect(planRestore(all, request({ at: Date.parse(SLOT) - 1 }), NOW).slot).toBe(slotDaysAgo(1));
    expect(planRestore(all, request({ slot: slotDaysAgo(1) }), NOW).slot).toBe(slotDaysAgo(1));
  });

  test('is refused when it is incomplete, with what is missing, and taken when forced', () => {
    const lacksWal = copies.filter((_, index) => index !== 2);

    const refused = planRestore(facts({ snapshots: lacksWal }), request(), NOW);
    const forced = planRestore(facts({ snapshots: lacksWal }), request({ force: true }), NOW);

    expect(refused.problems.map(({ text }) => text)).toEqual([
      `the set of ${SLOT} is incomplete in eu-west-1: no good snapshot of ${volumeId(3)} (/dev/xvdb2)`,
    ]);
    expect(refused.missing.map(({ volumeId: id }) => id)).toEqual([volumeId(3)]);
    expect(forced.problems).toEqual([]);
    expect(only(forced.steps, 'launch-instance')[0]?.call.devices).toHaveLength(5);
    expect(forced.notices.join('\n')).toContain(`without ${volumeId(3)} (/dev/xvdb2)`);
  });

  test('does not count what is pending, failed or archived', () => {
    const unfit = copies.map((copy, index) => {
      if (index === 3) return { ...copy, state: 'pending' as const };
      if (index === 4)
        return { ...copy, state: 'error' as const, stateMessage: 'Source snapshot is not found' };
      return index === 5 ? { ...copy, storageTier: 'archive' as const } : copy;
    });

    const plan = planRestore(facts({ snapshots: unfit }), request(), NOW);

    expect(plan.missing.map(({ volumeId: id }) => id)).toEqual([volumeId(4), volumeId(5), volumeId(6)]);
    expect(plan.notices.join('\n')).toContain('it is error (Source snapshot is not found), not completed');
    expect(plan.notices.join('\n')).toContain('it is archived; restore its tier first');
  });

  test('of volumes that were snapshotted one by one is held against the slot before', () => {
    const before = copiesOf(sourcesOf(aDatabase(), { slot: slotDaysAgo(1), first: 200, together: false }));
    const [, ...now] = copiesOf(sourcesOf(aDatabase(), { together: false }));

    const plan = planRestore(facts({ snapshots: [...before, ...now] }), request({ slot: SLOT }), NOW);

    expect(plan.missing.map(({ volumeId: id }) => id)).toEqual([volumeId(1)]);
  });

  test('is the one that an earlier run began with, though a newer one has come since', () => {
    const begun = planRestore(facts({ snapshots: yesterday }), request(), NOW);
    const image = (step: string) => ({
      id: 'ami-1',
      name: 'n',
      state: 'available',
      tags: { 'smart-vault:restore': begun.restoreId, 'smart-vault:restore-step': step },
    });
    const instance = anInstance(99, [1], { region: AWAY, tags: { 'smart-vault:restore': begun.restoreId } });
    const planned = (made: Partial<MadeByRestores>, with_ = {}) =>
      planRestore(
        facts({
          snapshots: [...yesterday, ...copies],
          made: { images: [], instances: [], volumes: [], ...made },
        }),
        request(with_),
        NOW,
      );

    const onward = planned({ images: [image('image')], instances: [instance] });
    expect([onward.slot, onward.restoreId]).toEqual([slotDaysAgo(1), begun.restoreId]);
    expect(onward.notices.join('\n')).toContain(`give --slot ${SLOT} for the newest`);
    expect(planned({ images: [image('image')] }, { slot: SLOT }).slot).toBe(SLOT);
    // Done, with the image gone or meant to stay: then the newest is meant.
    expect(planned({ instances: [instance] }).slot).toBe(SLOT);
    expect(planned({ images: [image('kept-image')], instances: [instance] }).slot).toBe(SLOT);
    expect(planned({ images: [image('kept-image')] }).slot).toBe(slotDaysAgo(1));
  });

  test('does not exist: says which slots do, or that there is none', () => {
    const none = planRestore(facts(), request(), NOW);
    const other = planRestore(facts({ snapshots: copies }), request({ slot: slotDaysAgo(3) }), NOW);

    expect(none.problems[0]?.text).toContain('there is no good snapshot of');
    expect(other.problems[0]?.fix).toContain(SLOT);
    expect([none.steps, other.steps]).toEqual([[], []]);
  });

  test('says when a point is condemned, and how to hold it', () => {
    const condemned = copies.map((copy) => ({
      ...copy,
      tags: { ...copy.tags, 'smart-vault:condemned-at': '2026-11-22T04:00:00Z' },
    }));

    const plan = planRestore(facts({ snapshots: condemned }), request(), NOW);

    expect(plan.notices.join('\n')).toContain(`--resources ${condemned[0]?.id} --tags Key=backup:hold`);
  });
});

describe('one volume', () => {
  const subject = { kind: 'volume', id: volumeId(3) } as const;
  const home = {
    zones: ['us-east-1a', 'us-east-1b'],
    instances: [{ ...aDatabase().instance, state: 'stopped' as const }],
    snapshots: today.slice(2, 3),
  };

  test('is made as it was, in the zone that it was in, and attached to nothing', () => {
    const plan = planRestore(facts(home), request({ region: HOME, subject }), NOW);

    expect(kinds(plan.steps)).toEqual(['create-volume', 'await-volumes']);
    expect(only(plan.steps, 'create-volume')[0]).toMatchObject({
      availabilityZone: 'us-east-1a',
      device: { snapshotId: snapshotId(102), volumeType: 'gp3', sizeGiB: 100, iops: 6_000, throughput: 500 },
      tags: { Name: 'db wal', team: 'core', 'smart-vault:restore-step': `volume:${volumeId(3)}` },
    });
    expect(plan.kept).toContain(`${volumeId(3)}: not touched`);
  });

  test('takes the place of the old one only when told, and the old one is kept', () => {
    const attach = planRestore(facts(home), request({ region: HOME, subject, attach: 'attach' }), NOW);
    const replace = planRestore(facts(home), request({ region: HOME, subject, attach: 'replace' }), NOW);

    expect(attach.problems[0]).toMatchObject({
      text: `${volumeId(3)} is at /dev/xvdb2 of ${instanceId(1)}`,
    });
    expect(kinds(replace.steps)).toEqual([
      'create-volume',
      'await-volumes',
      'detach-volume',
      'attach-volume',
    ]);
    expect(only(replace.steps, 'detach-volume')[0]).toMatchObject({ volumeId: volumeId(3) });
    expect(replace.problems).toEqual([]);
    expect(replace.kept).toContain(`${volumeId(3)}: detached, not deleted`);
  });

  test('goes on where it was cut off between detaching and attaching', () => {
    const first = planRestore(facts(home), request({ region: HOME, subject, attach: 'replace' }), NOW);
    const [server] = home.instances;
    const detached = {
      ...(server as (typeof home.instances)[number]),
      devices: aDatabase().instance.devices.filter((device) => device.volumeId !== volumeId(3)),
    };
    const mine = madeVolume(
      77,
      {
        'smart-vault:restore': first.restoreId,
        'smart-vault:restore-step': `volume:${volumeId(3)}`,
      },
      { availabilityZone: 'us-east-1a' },
    );

    const again = planRestore(
      facts({ ...home, instances: [detached], made: { images: [], instances: [], volumes: [mine] } }),
      request({ region: HOME, subject, attach: 'replace' }),
      NOW,
    );

    expect(again.steps.map(({ kind, done }) => [kind, done])).toEqual([
      ['create-volume', mine.id],
      ['await-volumes', undefined],
      ['attach-volume', undefined],
    ]);
    expect(only(again.steps, 'attach-volume')[0]).toMatchObject({ deviceName: '/dev/xvdb2' });
  });

  test('is at one place only: what an earlier run attached elsewhere is in the way, with the way round it', () => {
    const { restoreId } = planRestore(facts(home), request({ region: HOME, subject }), NOW);
    const tags = { 'smart-vault:restore': restoreId, 'smart-vault:restore-step': `volume:${volumeId(3)}` };
    const mine = madeVolume(77, tags, { availabilityZone: 'us-east-1a' });
    const { instance } = aDatabase();
    const swapped = {
      ...instance,
      devices: instance.devices.map((device) =>
        device.volumeId === volumeId(3) ? { ...device, volumeId: mine.id } : device,
      ),
    };
    const planned = (with_: Parameters<typeof request>[0]) =>
      planRestore(
        facts({ ...home, instances: [swapped], made: { images: [], instances: [], volumes: [mine] } }),
        request({ region: HOME, subject, ...with_ }),
        NOW,
      );

    const beside = planned({ attach: 'attach', deviceName: '/dev/sdz' });

    expect(beside.problems).toEqual([
      {
        text: `${mine.id}, which an earlier run of this restore made, is at /dev/xvdb2 of ${instanceId(1)}`,
        fix: 'give --label and a name to make another one beside it',
      },
    ]);
    expect(planned({ attach: 'replace' }).problems).toEqual([]);
    expect(planned({ attach: 'attach', deviceName: '/dev/sdz', label: 'look' }).problems).toEqual([]);
  });

  test('that waits to be attached is attached, though a newer slot has come since', () => {
    const older = sourcesOf(aDatabase(), { slot: slotDaysAgo(1), first: 200 }).slice(2, 3);
    const { restoreId } = planRestore(
      facts({ ...home, snapshots: older }),
      request({ region: HOME, subject }),
      NOW,
    );
    const tags = { 'smart-vault:restore': restoreId, 'smart-vault:restore-step': `volume:${volumeId(3)}` };
    const volumes = [madeVolume(77, tags, { availabilityZone: 'us-east-1a' })];
    const both = {
      ...home,
      snapshots: [...older, ...home.snapshots],
      made: { images: [], instances: [], volumes },
    };

    const attach = planRestore(facts(both), request({ region: HOME, subject, attach: 'replace' }), NOW);
    const another = planRestore(facts(both), request({ region: HOME, subject }), NOW);

    expect([attach.slot, attach.steps[0]?.done]).toEqual([slotDaysAgo(1), volumes[0]?.id]);
    expect([another.slot, another.steps[0]?.done]).toEqual([SLOT, undefined]);
  });

  test('that is the root is swapped only when the instance is stopped', () => {
    const root = { kind: 'volume', id: volumeId(1) } as const;
    const running = { ...home, snapshots: today.slice(0, 1), instances: [aDatabase().instance] };

    const plan = planRestore(
      facts(running),
      request({ region: HOME, subject: root, attach: 'replace' }),
      NOW,
    );

    expect(plan.problems[0]?.fix).toBe(
      `stop it first: aws ec2 stop-instances --region us-east-1 --instance-ids ${instanceId(1)}`,
    );
  });

  test('in another region wants a zone, and knows no instance to attach it to', () => {
    const away = facts({ snapshots: copies });

    const plan = planRestore(away, request({ subject }), NOW);
    const attached = planRestore(
      away,
      request({ subject, availabilityZone: 'eu-west-1b', attach: 'attach' }),
      NOW,
    );
    const wrong = planRestore(away, request({ subject, availabilityZone: 'us-east-1a' }), NOW);

    expect(plan.unknowns.map(({ option, choices }) => [option, choices.length])).toEqual([['--az', 3]]);
    expect(attached.problems[0]?.text).toContain(`${instanceId(1)} is not in eu-west-1`);
    expect(wrong.problems[0]?.text).toBe('us-east-1a is no availability zone of eu-west-1');
  });

  test('that an earlier run made in another zone is not thrown away', () => {
    const asked = request({ subject, availabilityZone: 'eu-west-1b' });
    const { restoreId } = planRestore(facts({ snapshots: copies }), asked, NOW);
    const tags = { 'smart-vault:restore': restoreId, 'smart-vault:restore-step': `volume:${volumeId(3)}` };
    const made = { images: [], instances: [], volumes: [madeVolume(77, tags)] };

    const plan = planRestore(facts({ snapshots: copies, made }), asked, NOW);
    const beside = planRestore(facts({ snapshots: copies, made }), { ...asked, label: 'second' }, NOW);

    expect(plan.problems[0]?.fix).toContain('--label');
    expect([beside.problems, beside.steps[0]?.done]).toEqual([[], undefined]);
  });
});

test('an instance that is there gets new volumes, not a second self, unless asked for', () => {
  const home = facts({
    snapshots: today,
    zones: ['us-east-1a'],
    instances: [{ ...aDatabase().instance, state: 'stopped' }],
  });

  const volumes = planRestore(home, request({ region: HOME, attach: 'replace' }), NOW);
  const launch = planRestore(home, request({ region: HOME, launch: true }), NOW);

  expect(volumes.mode).toBe('volumes');
  expect(only(volumes.steps, 'detach-volume')).toHaveLength(6);
  expect(only(volumes.steps, 'attach-volume')).toHaveLength(6);
  expect(launch.mode).toBe('launch');
  expect(launch.notices.join('\n')).toContain('key pair ops, as it was');
});
