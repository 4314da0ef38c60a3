import {
  DescribeImagesCommand,
  DescribeLockedSnapshotsCommand,
  DescribeSnapshotsCommand,
  type EC2Client,
  type Filter,
} from '@aws-sdk/client-ec2';
import {
  isSnapshotId,
  type Region,
  type Snapshot,
  type SnapshotId,
  type SnapshotStore,
  TAG,
  type VaultSnapshotFilter,
} from '@smart-vault/core';
import { callAws } from './ebs-errors.ts';
import { exactly, FILTER_VALUES_MAX, tagged } from './ec2-filters.ts';
import { listed, toSnapshot } from './ec2-mapping.ts';
import { findById, uniqueById } from './find-by-id.ts';
import { chunksOf, collectPages } from './paginate.ts';

type SnapshotReads = Pick<
  SnapshotStore,
  | 'listVaultSnapshots'
  | 'findSnapshots'
  | 'listPendingSnapshots'
  | 'findSnapshotsInImages'
  | 'listLockedSnapshotIds'
>;

const PER_PAGE = 1_000;
/** EC2's filter `status` knows only these; a restored snapshot of the Recycle Bin has another state. */
const STATES_WITH_FILTER: readonly string[] = ['pending', 'completed', 'error'];
/** An expired lock holds nothing. */
const LOCK_STATES = ['compliance-cooloff', 'compliance', 'governance'];

/**
 * The reading half of a snapshot store.
 *
 * Every DescribeSnapshots has `OwnerIds: self`, without which it lists public snapshots too, and a page size, without
 * which it draws on a smaller token bucket. Ids go into filters, never beside a page size: EC2 refuses the two together.
 */
export function snapshotReads(client: EC2Client, region: Region): SnapshotReads {
  const list = (filters: Filter[]): Promise<Snapshot[]> =>
    collectPages('DescribeSnapshots', async (NextToken) => {
      const input = { OwnerIds: ['self'], Filters: filters, MaxResults: PER_PAGE, NextToken };
      const answer = await callAws('DescribeSnapshots', () =>
        client.send(new DescribeSnapshotsCommand(input)),
      );
      const found = listed('DescribeSnapshots', answer.Snapshots);
      return { items: found.map((snapshot) => toSnapshot(snapshot, region)), nextToken: answer.NextToken };
    });

  return {
    listVaultSnapshots: async (vault, filter = {}) => {
      const found: Snapshot[] = [];
      for (const filters of filterSets(vault, filter)) found.push(...(await list(filters)));
      const { states } = filter;
      return uniqueById(found).filter(({ state }) => states === undefined || states.includes(state));
    },
    findSnapshots: (ids) => findById(ids, (some) => list([exactly('snapshot-id', some)])),
    listPendingSnapshots: async () => uniqueById(await list([exactly('status', ['pending'])])),
    findSnapshotsInImages: (ids) => findSnapshotsInImages(client, ids),
    listLockedSnapshotIds: () => listLockedSnapshotIds(client),
  };
}

/** One set of filters per call: lists of ids are cut to what a filter takes. An empty list matches nothing. */
function filterSets(vault: string, filter: VaultSnapshotFilter): Filter[][] {
  const { policy, slot, states, volumeIds, originalSnapshotIds, copiedVolumeIds } = filter;
  if (states?.length === 0) return [];
  const common = [tagged(TAG.vault, [vault])];
  if (policy !== undefined) common.push(tagged(TAG.policy, [policy]));
  if (slot !== undefined) common.push(tagged(TAG.slot, [slot]));
  if (states?.every((state) => STATES_WITH_FILTER.includes(state))) common.push(exactly('status', states));

  return chunksOrAll(volumeIds).flatMap((volumes) =>
    chunksOrAll(originalSnapshotIds).flatMap((originals) =>
      chunksOrAll(copiedVolumeIds).map((copied) => [
        ...common,
        ...(volumes === undefined ? [] : [exactly('volume-id', volumes)]),
        ...(originals === undefined ? [] : [tagged(TAG.originalSnapshotId, originals)]),
        ...(copied === undefined ? [] : [tagged(TAG.volume, copied)]),
      ]),
    ),
  );
}

/** `[undefined]`, one round without that filter, when no list is given; no round at all for an empty one. */
function chunksOrAll(values: readonly string[] | undefined): (string[] | undefined)[] {
  return values === undefined ? [undefined] : chunksOf([...new Set(values)], FILTER_VALUES_MAX);
}

async function findSnapshotsInImages(
  client: EC2Client,
  ids: readonly SnapshotId[],
): Promise<ReadonlySet<SnapshotId>> {
  const used = new Set<string>();
  for (const some of chunksOf([...new Set(ids)], FILTER_VALUES_MAX)) {
    const mappings = await collectPages('DescribeImages', async (NextToken) => {
      const input = {
        Owners: ['self'],
        IncludeDeprecated: true,
        IncludeDisabled: true,
        Filters: [exactly('block-device-mapping.snapshot-id', some)],
        MaxResults: PER_PAGE,
        NextToken,
      };
      const answer = await callAws('DescribeImages', () => client.send(new DescribeImagesCommand(input)));
      const items = listed('DescribeImages', answer.Images).flatMap(
        ({ BlockDeviceMappings = [] }) => BlockDeviceMappings,
      );
      return { items, nextToken: answer.NextToken };
    });
    for (const { Ebs } of mappings) if (Ebs?.SnapshotId !== undefined) used.add(Ebs.SnapshotId);
  }
  return new Set(ids.filter((id) => used.has(id)));
}

/**
 * An answer without a list is taken for none here: it is not known whether EC2 sends an empty one, and EC2 itself
 * does not delete what is locked.
 */
async function listLockedSnapshotIds(client: EC2Client): Promise<ReadonlySet<SnapshotId>> {
  const ids = await collectPages('DescribeLockedSnapshots', async (NextToken) => {
    const input = { Filters: [exactly('lock-state', LOCK_STATES)], MaxResults: PER_PAGE, NextToken };
    const answer = await callAws('DescribeLockedSnapshots', () =>
      client.send(new DescribeLockedSnapshotsCommand(input)),
    );
    const found = answer.Snapshots ?? [];
    return { items: found.map(({ SnapshotId }) => SnapshotId), nextToken: answer.NextToken };
  });
  return new Set(ids.filter(isSnapshotId));
}
