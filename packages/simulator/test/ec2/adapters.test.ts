import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { createInstanceCatalog, createMetricSink, createSnapshotStore } from '@smart-vault/aws';
import type { InstanceId, Region, SnapshotId, VolumeId } from '@smart-vault/core';
import { beforeEach, expect, test } from 'vitest';
import { CloudWatch, type Ec2Command, runCloudWatchCommand, runEc2Command } from '../../src/index.ts';
import { AWAY, disk, HOME, HOUR, id, MINUTE, machine, START, type TestWorld, testWorld } from './world.ts';

let it: TestWorld;
beforeEach(() => {
  it = testWorld({
    instances: [machine(1, { volumes: [1, 2], tags: { backup: 'true' } })],
    volumes: [disk(1), disk(2)],
  });
});

function optionsOf(region: string) {
  const stub = { send: async (command: Ec2Command) => runEc2Command(it.world, region, command) };
  const client = stub as unknown as EC2Client;
  return { region: region as Region, clients: { reads: client, writes: client } };
}

test('the catalog reads instances and volumes without HTTP', async () => {
  const catalog = createInstanceCatalog(optionsOf(HOME));
  const [instance] = await catalog.listInstancesTagged('backup', 'true');
  expect(instance).toMatchObject({ id: id('i', 1), state: 'running', instanceType: 't3.large' });
  expect(instance?.devices.map(({ volumeId }) => volumeId)).toEqual([id('vol', 1), id('vol', 2)]);
  expect(await catalog.findInstances([id('i', 1), id('i', 9)] as InstanceId[])).toHaveLength(1);
  expect(await catalog.findVolumes([id('vol', 2)] as VolumeId[])).toMatchObject([{ sizeGiB: 10 }]);
});

test('the store makes, copies, tags, lists and deletes snapshots without HTTP', async () => {
  const [home, away] = [createSnapshotStore(optionsOf(HOME)), createSnapshotStore(optionsOf(AWAY))];
  const tags = { 'smart-vault:vault': 'main' };
  const made = await home.createSnapshot({ volumeId: id('vol', 1) as VolumeId, description: 'x', tags });
  expect(await home.listPendingSnapshots()).toEqual([made]);
  const set = await home.createSnapshotSet({
    instanceId: id('i', 1) as InstanceId,
    excludeBootVolume: true,
    excludeDataVolumeIds: [],
    description: 'y',
    tags,
    copyTagsFromVolumes: true,
  });
  expect(set).toHaveLength(1);
  it.pass(HOUR);
  const copy = await away.copySnapshot({
    sourceRegion: HOME as Region,
    sourceSnapshotId: made.id,
    description: 'z',
    tags,
    encrypted: false,
  });
  it.pass(HOUR);
  await away.addTags([copy], { a: '1', b: '2' });
  await away.removeTags([copy], ['a']);
  expect(await away.findSnapshots([copy])).toMatchObject([{ state: 'completed', tags: { ...tags, b: '2' } }]);
  it.world.operator.lockSnapshot(AWAY, copy, 1);
  it.world.operator.registerImage(AWAY, {
    id: id('ami', 1),
    devices: [{ deviceName: '/dev/xvda', snapshotId: copy }],
  });
  expect(await away.listLockedSnapshotIds()).toEqual(new Set([copy]));
  expect(await away.findSnapshotsInImages([copy])).toEqual(new Set([copy]));
  await expect(away.deleteSnapshot(copy)).rejects.toMatchObject({ code: 'IN_USE' });
  await home.deleteSnapshot(made.id);
  await expect(home.deleteSnapshot(made.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await home.findSnapshots([made.id])).toEqual([]);
});

test('errors have the meaning that they have over HTTP', async () => {
  const store = createSnapshotStore(optionsOf(HOME));
  it.world.faults.outage(HOME);
  await expect(store.findSnapshots([id('snap', 1) as SnapshotId])).rejects.toMatchObject({
    code: 'TRANSIENT',
  });
  it.world.faults.liftAll();
  it.world.faults.deny('*');
  await expect(store.listPendingSnapshots()).rejects.toMatchObject({ code: 'DENIED' });
});

test('the sink puts metrics without HTTP', async () => {
  const cloudwatch = new CloudWatch({ clock: it.clock, region: HOME, accountId: '000000000000' });
  const client = { send: async (command: Ec2Command) => runCloudWatchCommand(cloudwatch, command) };
  const sink = createMetricSink({ region: HOME as Region, client: client as unknown as CloudWatchClient });
  await sink.put([{ name: 'SnapshotsCreated', value: 3, unit: 'Count' }], START);
  const metric = { namespace: 'SmartVault', name: 'SnapshotsCreated', dimensions: { Service: 'Backup' } };
  expect(cloudwatch.metrics.datapoints(metric, START, START + MINUTE, MINUTE)).toMatchObject([
    { values: { sum: 3 } },
  ]);
});
