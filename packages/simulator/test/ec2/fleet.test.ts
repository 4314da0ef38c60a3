import { expect, test } from 'vitest';
import { parseFleet } from '../../src/index.ts';
import { disk, HOME, id, machine } from './world.ts';

const parse = (instances: unknown, volumes?: unknown) =>
  parseFleet({
    instances: JSON.stringify(instances),
    ...(volumes === undefined ? {} : { volumes: JSON.stringify(volumes) }),
    region: HOME,
  });

/** The message of what reading this throws. */
function problem(instances: string, volumes?: string): string {
  try {
    parseFleet({ instances, ...(volumes === undefined ? {} : { volumes }), region: HOME });
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}

const idsOf = (fleet: ReturnType<typeof parse>) => fleet.instances.map((instance) => instance.id);

test.each([
  [
    'reservations',
    {
      Reservations: [{ ReservationId: 'r-1', OwnerId: '123456789012', Instances: [machine(1), machine(2)] }],
    },
  ],
  ['an object with instances', { Instances: [machine(1), machine(2)] }],
  ['a list of instances', [machine(1), machine(2)]],
  ['a list of reservations', [{ Instances: [machine(1)] }, { Instances: [machine(2)] }]],
  ['lists in a list', [[machine(1)], [machine(2)]]],
])('reads %s', (_, document) => {
  expect(idsOf(parse(document))).toEqual([id('i', 1), id('i', 2)]);
});

test('reservation and owner are kept, and made up when missing', () => {
  const [kept] = parse({
    Reservations: [{ ReservationId: 'r-1', OwnerId: '123456789012', Instances: [machine(1)] }],
  }).instances;
  expect(kept).toMatchObject({ reservationId: 'r-1', ownerId: '123456789012' });
  expect(parse([machine(1)]).instances[0]).toMatchObject({
    reservationId: 'r-00000000000000001',
    ownerId: '000000000000',
  });
});

test('no instances at all is a fleet, too', () => {
  expect(parse({ Reservations: [] })).toEqual({ region: HOME, instances: [], volumes: [] });
});

test('a short instance gets what EC2 always tells', () => {
  const [instance] = parse([{ InstanceId: 'i-12345678' }]).instances;
  expect(instance).toMatchObject({
    state: 'running',
    devices: [],
    raw: { InstanceType: 't3.micro', Architecture: 'x86_64', Placement: { AvailabilityZone: 'us-east-1a' } },
  });
});

test('volumes that no file names are derived from the block device map, in the zone of the instance', () => {
  const placed = machine(1, { volumes: [1, 2], more: { Placement: { AvailabilityZone: 'us-east-1c' } } });
  const { volumes } = parse([placed], { Volumes: [disk(1, { Size: 100, VolumeType: 'st1' })] });
  expect(volumes).toMatchObject([
    {
      id: id('vol', 1),
      sizeGiB: 100,
      volumeType: 'st1',
      state: 'in-use',
      attachments: [{ instanceId: id('i', 1) }],
    },
    {
      id: id('vol', 2),
      sizeGiB: 8,
      volumeType: 'gp3',
      state: 'in-use',
      encrypted: false,
      availabilityZone: 'us-east-1c',
      attachments: [{ instanceId: id('i', 1), device: '/dev/xvdb' }],
    },
  ]);
});

test('attachments and tags of the volumes file are kept', () => {
  const volume = disk(5, {
    State: 'in-use',
    Encrypted: true,
    KmsKeyId: 'key',
    AvailabilityZone: 'us-east-1f',
    Tags: [{ Key: 'backup', Value: 'false' }],
    Attachments: [
      { InstanceId: id('i', 1), Device: '/dev/sdf', State: 'attached', DeleteOnTermination: false },
    ],
  });
  const [read] = parse([], [volume]).volumes;
  expect(read).toMatchObject({
    state: 'in-use',
    encrypted: true,
    kmsKeyId: 'key',
    availabilityZone: 'us-east-1f',
  });
  expect([...(read?.tags ?? [])]).toEqual([['backup', 'false']]);
  expect(read?.attachments).toMatchObject([{ instanceId: id('i', 1), device: '/dev/sdf' }]);
});

test('instance store and unknown keys do no harm', () => {
  const odd = machine(1, {
    more: {
      BlockDeviceMappings: [{ DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' }],
      __proto__x: 1,
      Zebra: { a: [null] },
    },
  });
  expect(parse([odd]).instances[0]?.devices).toEqual([]);
  expect(parse([odd]).instances[0]?.raw['Zebra']).toEqual({ a: [null] });
});

test.each([
  [
    '{"Instances": [{"InstanceId": 7}]}',
    'instances.Instances[0].InstanceId: expected a text, found a number',
  ],
  ['{"Instances": [{}]}', 'instances.Instances[0].InstanceId: is required'],
  [
    '{"Instances": [{"InstanceId": "i-web"}]}',
    'instances.Instances[0].InstanceId: expected "i-" and 8 to 17 hexadecimal digits, found "i-web"',
  ],
  ['{"Instances": {}}', 'instances.Instances: expected a list, found an object'],
  [
    '{"Reservations": [{"Instances": [null]}]}',
    'instances.Reservations[0].Instances[0]: expected an object, found null',
  ],
  ['{"Volumes": []}', 'instances: expected "Reservations", "Instances" or an instance with "InstanceId"'],
  ['7', 'instances: expected an object, found a number'],
  [
    JSON.stringify([machine(1), machine(1)]),
    `instances[1]: the instance ${id('i', 1)} is already at instances[0]`,
  ],
  [
    JSON.stringify([machine(1, { state: 'asleep' })]),
    'instances[0].State: expected one of pending, running, stopping, stopped, shutting-down, terminated, found "asleep"',
  ],
  [
    '[{"InstanceId": "i-12345678", "Tags": [{"Key": "a"}, {"Key": "a"}]}]',
    'instances[0].Tags[1]: the key "a" is there twice',
  ],
  [
    '[{"InstanceId": "i-12345678", "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {}}]}]',
    'instances[0].BlockDeviceMappings[0].Ebs.VolumeId: is required',
  ],
])('says what is wrong with %s', (text, message) => {
  expect(problem(text)).toBe(message);
});

test.each([
  ['{}', 'volumes: expected "Volumes" or a list, found neither'],
  [
    '[{"VolumeId": "vol-12345678", "Size": "8"}]',
    'volumes[0].Size: expected a whole number of at least 1, found a text',
  ],
  [
    '[{"VolumeId": "vol-12345678", "Size": 0}]',
    'volumes[0].Size: expected a whole number of at least 1, found 0',
  ],
  [
    '[{"VolumeId": "vol-12345678", "Encrypted": "yes"}]',
    'volumes[0].Encrypted: expected true or false, found a text',
  ],
])('says what is wrong with volumes %s', (text, message) => {
  expect(problem('[]', text)).toBe(message);
});

test.each([
  ['', 'line 1, column 1: not JSON: it ends too early'],
  ['{"Instances": [', 'line 1, column 16: not JSON: it ends too early'],
  ['{\n  "Instances": [\n    oops\n  ]\n}', 'line 3, column 5: not JSON: unexpected "o"'],
  ['{\n  "a": 1,\n}', 'line 3, column 1: not JSON: unexpected "}"'],
  ['{"a" 1}', 'line 1, column 6: not JSON: unexpected "1"'],
  ['[1 2]', 'line 1, column 4: not JSON: unexpected "2"'],
  ['[1]]', 'line 1, column 4: not JSON: unexpected "]"'],
  ["{'a': 1}", `line 1, column 2: not JSON: unexpected "'"`],
  ['{"a": "unfinished', 'line 1, column 7: not JSON: a text that is not closed, or not expected'],
])('names the line of a syntax error: %j', (text, message) => {
  expect(problem(text)).toBe(`instances: ${message}`);
});

test('deep nesting is no reason to fall over', () => {
  expect(problem(`${'['.repeat(100_000)}x`)).toContain('not JSON: unexpected "x"');
});
