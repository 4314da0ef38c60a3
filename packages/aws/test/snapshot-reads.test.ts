import type { Region, Slot, SnapshotId, VolumeId } from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { createSnapshotStore } from '../src/snapshot-store.ts';
import { items, nextToken, snapshotSet, snapshotXml } from './support/ec2-xml.ts';
import { ec2, ok, scriptedAws } from './support/scripted-aws.ts';

const SNAPSHOT = 'snap-0a285e09f710b5417' as SnapshotId;
const OTHER = 'snap-0f60ea082183ba234' as SnapshotId;
const nothing = ec2('DescribeSnapshots', '<snapshotSet/>');
const snapshotIds = (count: number): SnapshotId[] =>
  Array.from({ length: count }, (_, index) => `snap-${String(index).padStart(17, '0')}` as SnapshotId);
const valuesOf = (form: Readonly<Record<string, string>> | undefined, filter: number): string[] =>
  Object.entries(form ?? {})
    .filter(([name]) => name.startsWith(`Filter.${filter}.Value.`))
    .map(([, value]) => value);

describe('listVaultSnapshots', () => {
  test('asks for our own snapshots with the vault tag, by the page', async () => {
    const aws = scriptedAws(nothing);

    await createSnapshotStore(aws.connection('eu-west-1')).listVaultSnapshots('smart-vault');

    expect(aws.requests).toEqual([
      {
        method: 'POST',
        host: 'ec2.eu-west-1.amazonaws.com',
        path: '/',
        form: {
          Action: 'DescribeSnapshots',
          'Owner.1': 'self',
          'Filter.1.Name': 'tag:smart-vault:vault',
          'Filter.1.Value.1': 'smart-vault',
          MaxResults: '1000',
        },
      },
    ]);
  });

  test('ANDs every field of the filter', async () => {
    const aws = scriptedAws(nothing);

    await createSnapshotStore(aws.connection()).listVaultSnapshots('v', {
      policy: 'default',
      slot: '2026-11-22T03:00:00Z' as Slot,
      states: ['pending', 'completed'],
      volumeIds: ['vol-033bb51d90d7fbc9f' as VolumeId],
      originalSnapshotIds: [SNAPSHOT, OTHER],
    });

    expect(aws.requests[0]?.form).toEqual({
      Action: 'DescribeSnapshots',
      'Owner.1': 'self',
      'Filter.1.Name': 'tag:smart-vault:vault',
      'Filter.1.Value.1': 'v',
      'Filter.2.Name': 'tag:smart-vault:policy',
      'Filter.2.Value.1': 'default',
      'Filter.3.Name': 'tag:smart-vault:slot',
      'Filter.3.Value.1': '2026-11-22T03:00:00Z',
      'Filter.4.Name': 'status',
      'Filter.4.Value.1': 'pending',
      'Filter.4.Value.2': 'completed',
      'Filter.5.Name': 'volume-id',
      'Filter.5.Value.1': 'vol-033bb51d90d7fbc9f',
      'Filter.6.Name': 'tag:OriginalSnapshotId',
      'Filter.6.Value.1': SNAPSHOT,
      'Filter.6.Value.2': OTHER,
      MaxResults: '1000',
    });
  });

  test('reads all pages, empty ones in between too, with the same filter', async () => {
    const aws = scriptedAws(
      ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: SNAPSHOT })) + nextToken('t1')),
      ec2('DescribeSnapshots', `<snapshotSet/>${nextToken('t2')}`),
      ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: OTHER }))),
    );

    const found = await createSnapshotStore(aws.connection()).listVaultSnapshots('v');

    expect(found.map(({ id }) => id)).toEqual([SNAPSHOT, OTHER]);
    expect(aws.requests.map(({ form }) => form?.['NextToken'])).toEqual([undefined, 't1', 't2']);
    expect(aws.requests[2]?.form).toEqual({ ...aws.requests[0]?.form, NextToken: 't2' });
  });

  test('counts a snapshot that moved between pages once, as it was seen last', async () => {
    const aws = scriptedAws(
      ec2(
        'DescribeSnapshots',
        snapshotSet(snapshotXml({ id: SNAPSHOT, state: 'pending' })) + nextToken('t1'),
      ),
      ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: SNAPSHOT, state: 'completed' }))),
    );

    const found = await createSnapshotStore(aws.connection()).listVaultSnapshots('v');

    expect(found.map(({ id, state }) => [id, state])).toEqual([[SNAPSHOT, 'completed']]);
  });

  test('fails as a whole when a page fails', async () => {
    const aws = scriptedAws(
      ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: SNAPSHOT })) + nextToken('t1')),
      {
        status: 403,
        body: '<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>',
      },
    );

    await expect(createSnapshotStore(aws.connection()).listVaultSnapshots('v')).rejects.toMatchObject({
      code: 'DENIED',
    });
  });

  test.each([
    ['a page of HTML', '<html><body>Welcome</body></html>'],
    ['an empty body', ''],
    ['no XML', 'OK'],
    ['the answer to another question', '<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>'],
  ])('does not take %s for an empty list', async (_, body) => {
    const aws = scriptedAws(ok(body));

    const found = createSnapshotStore(aws.connection()).listVaultSnapshots('v');

    await expect(found).rejects.toThrow(/^DescribeSnapshots: /);
  });

  test.each([
    ['no volumes', { volumeIds: [] }],
    ['no originals', { originalSnapshotIds: [] }],
    ['no states', { states: [] }],
  ])('asks nothing when the filter allows %s', async (_, filter) => {
    const aws = scriptedAws();

    await expect(createSnapshotStore(aws.connection()).listVaultSnapshots('v', filter)).resolves.toEqual([]);

    expect(aws.requests).toEqual([]);
  });

  test('asks for at most 200 originals at a time, each once', async () => {
    const aws = scriptedAws(nothing, nothing, nothing);
    const ids = snapshotIds(401);

    await createSnapshotStore(aws.connection()).listVaultSnapshots('v', {
      originalSnapshotIds: [...ids, ...ids],
    });

    expect(aws.requests.map(({ form }) => valuesOf(form, 2).length)).toEqual([200, 200, 1]);
    expect(aws.requests.flatMap(({ form }) => valuesOf(form, 2))).toEqual(ids);
  });

  test('sifts the states that EC2 has no filter for', async () => {
    const aws = scriptedAws(
      ec2(
        'DescribeSnapshots',
        snapshotSet(
          snapshotXml({ id: SNAPSHOT, state: 'recovering' }),
          snapshotXml({ id: OTHER, state: 'pending' }),
        ),
      ),
    );

    const found = await createSnapshotStore(aws.connection()).listVaultSnapshots('v', {
      states: ['recovering'],
    });

    expect(found.map(({ id }) => id)).toEqual([SNAPSHOT]);
    expect(aws.requests[0]?.form).not.toHaveProperty('Filter.2.Name');
  });

  test.each(['*', 'smart-vaul?', 'a\\b'])(
    'refuses the vault name %s, which would match others too',
    async (vault) => {
      const aws = scriptedAws();

      await expect(createSnapshotStore(aws.connection()).listVaultSnapshots(vault)).rejects.toMatchObject({
        code: 'INVALID',
      });

      expect(aws.requests).toEqual([]);
    },
  );
});

describe('a snapshot', () => {
  test('has what EC2 tells of a completed one', async () => {
    const extra =
      '<volumeSize>2</volumeSize><encrypted>true</encrypted><description>Backup-i-1-2026-09-25</description>' +
      '<completionTime>2026-09-25T16:44:19.385Z</completionTime><storageTier>archive</storageTier>';
    const tags = { Name: 'web', 'smart-vault:vault': 'v' };
    const aws = scriptedAws(
      ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: SNAPSHOT, extra, tags }))),
    );

    const found = await createSnapshotStore(aws.connection()).findSnapshots([SNAPSHOT]);

    expect(found).toEqual([
      {
        id: SNAPSHOT,
        region: 'us-east-1' as Region,
        state: 'completed',
        volumeId: 'vol-033bb51d90d7fbc9f',
        sizeGiB: 2,
        startedAt: Date.parse('2026-09-25T16:43:33.137Z'),
        completedAt: Date.parse('2026-09-25T16:44:19.385Z'),
        description: 'Backup-i-1-2026-09-25',
        encrypted: true,
        storageTier: 'archive',
        tags,
      },
    ]);
  });

  test('has nothing that EC2 leaves out, as in a failed copy', async () => {
    const extra = '<statusMessage>Given key ID is not accessible</statusMessage>';
    const aws = scriptedAws(
      ec2(
        'DescribeSnapshots',
        snapshotSet(snapshotXml({ id: SNAPSHOT, volumeId: 'vol-ffffffff', state: 'error', extra })),
      ),
    );

    const [found] = await createSnapshotStore(aws.connection()).findSnapshots([SNAPSHOT]);

    expect(found).toEqual({
      id: SNAPSHOT,
      region: 'us-east-1',
      state: 'error',
      stateMessage: 'Given key ID is not accessible',
      volumeId: 'vol-ffffffff',
      sizeGiB: 0,
      startedAt: Date.parse('2026-09-25T16:43:33.137Z'),
      description: '',
      encrypted: false,
      storageTier: 'standard',
      tags: {},
    });
  });

  test('may have a tag named __proto__ like any other', async () => {
    const tags = Object.fromEntries([['__proto__', 'x']]);
    const aws = scriptedAws(ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: SNAPSHOT, tags }))));

    const [found] = await createSnapshotStore(aws.connection()).findSnapshots([SNAPSHOT]);

    expect(Object.entries(found?.tags ?? {})).toEqual([['__proto__', 'x']]);
  });

  test.each([
    ['state', snapshotXml({ id: SNAPSHOT, state: 'melting' }), 'snapshot state "melting"'],
    ['id', snapshotXml({ id: 'snap-zzz' }), 'snapshot id "snap-zzz"'],
    [
      'missing start',
      `<snapshotId>${SNAPSHOT}</snapshotId><status>completed</status>`,
      'start time left out',
    ],
  ])('with an unknown %s spoils the list', async (_, xml, text) => {
    const aws = scriptedAws(ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: OTHER }), xml)));

    const found = createSnapshotStore(aws.connection()).findSnapshots([SNAPSHOT]);

    await expect(found).rejects.toMatchObject({ code: 'CONTRACT', message: expect.stringContaining(text) });
  });
});

describe('findSnapshots', () => {
  test('finds by filter, so that one missing id does not fail the rest, and never by id beside a page size', async () => {
    const aws = scriptedAws(ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: OTHER }))));

    const found = await createSnapshotStore(aws.connection()).findSnapshots([SNAPSHOT, OTHER, OTHER]);

    expect(found.map(({ id }) => id)).toEqual([OTHER]);
    expect(aws.requests[0]?.form).toEqual({
      Action: 'DescribeSnapshots',
      'Owner.1': 'self',
      'Filter.1.Name': 'snapshot-id',
      'Filter.1.Value.1': SNAPSHOT,
      'Filter.1.Value.2': OTHER,
      MaxResults: '1000',
    });
  });

  test('asks nothing for no ids', async () => {
    const aws = scriptedAws();

    await expect(createSnapshotStore(aws.connection()).findSnapshots([])).resolves.toEqual([]);

    expect(aws.requests).toEqual([]);
  });
});

test('listPendingSnapshots asks for every pending snapshot of the account', async () => {
  const aws = scriptedAws(
    ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: OTHER, state: 'pending' }))),
  );

  const found = await createSnapshotStore(aws.connection()).listPendingSnapshots();

  expect(found.map(({ id }) => id)).toEqual([OTHER]);
  expect(aws.requests[0]?.form).toEqual({
    Action: 'DescribeSnapshots',
    'Owner.1': 'self',
    'Filter.1.Name': 'status',
    'Filter.1.Value.1': 'pending',
    MaxResults: '1000',
  });
});

describe('findSnapshotsInImages', () => {
  const image = (...ids: string[]) =>
    `<imageId>ami-0123456789abcdef0</imageId><blockDeviceMapping>${items(
      '<deviceName>/dev/sdb</deviceName><virtualName>ephemeral0</virtualName>',
      ...ids.map((id) => `<deviceName>/dev/xvda</deviceName><ebs><snapshotId>${id}</snapshotId></ebs>`),
    )}</blockDeviceMapping>`;

  test('looks into disabled and deprecated images too, and tells only of what was asked', async () => {
    const aws = scriptedAws(
      ec2(
        'DescribeImages',
        `<imagesSet>${items(image(SNAPSHOT, 'snap-0ffffffffffffffff'))}</imagesSet>${nextToken('t1')}`,
      ),
      ec2('DescribeImages', '<imagesSet/>'),
    );

    const used = await createSnapshotStore(aws.connection()).findSnapshotsInImages([OTHER, SNAPSHOT]);

    expect([...used]).toEqual([SNAPSHOT]);
    expect(aws.requests[1]?.form).toEqual({
      Action: 'DescribeImages',
      'Owner.1': 'self',
      IncludeDeprecated: 'true',
      IncludeDisabled: 'true',
      'Filter.1.Name': 'block-device-mapping.snapshot-id',
      'Filter.1.Value.1': OTHER,
      'Filter.1.Value.2': SNAPSHOT,
      MaxResults: '1000',
      NextToken: 't1',
    });
  });

  test('asks in pieces of 200, and nothing for no ids', async () => {
    const none = ec2('DescribeImages', '<imagesSet/>');
    const aws = scriptedAws(none, none);
    const store = createSnapshotStore(aws.connection());

    await expect(store.findSnapshotsInImages([])).resolves.toEqual(new Set());
    await store.findSnapshotsInImages(snapshotIds(201));

    expect(aws.requests.map(({ form }) => valuesOf(form, 1).length)).toEqual([200, 1]);
  });
});

test('listLockedSnapshotIds leaves out expired locks', async () => {
  const aws = scriptedAws(
    ec2(
      'DescribeLockedSnapshots',
      `<snapshotSet>${items(`<snapshotId>${SNAPSHOT}</snapshotId><lockState>governance</lockState>`)}</snapshotSet>`,
    ),
  );

  const locked = await createSnapshotStore(aws.connection()).listLockedSnapshotIds();

  expect([...locked]).toEqual([SNAPSHOT]);
  expect(aws.requests[0]?.form).toEqual({
    Action: 'DescribeLockedSnapshots',
    'Filter.1.Name': 'lock-state',
    'Filter.1.Value.1': 'compliance-cooloff',
    'Filter.1.Value.2': 'compliance',
    'Filter.1.Value.3': 'governance',
    MaxResults: '1000',
  });
});
