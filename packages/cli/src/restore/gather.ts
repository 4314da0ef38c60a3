import type { InstanceId, Snapshot } from '@smart-vault/core';
import { isInstanceId, TAG } from '@smart-vault/core';
import type { RestoreFacts, RestoreRequest, RestoreStore } from '@smart-vault/core/restore';

/** All that a plan is made of, from the one region that is restored in. */
export async function gatherFacts(store: RestoreStore, request: RestoreRequest): Promise<RestoreFacts> {
  const { vault, subject } = request;
  const snapshots = await store.listSnapshotsOf(vault, subject);
  const [made, zones, subnets, securityGroups, instances, volumes] = await Promise.all([
    store.listMade(),
    store.listZones(),
    store.listSubnets(),
    store.listSecurityGroups(),
    store.findInstances(instancesOf(snapshots, request)),
    store.findVolumes(subject.kind === 'volume' ? [subject.id] : []),
  ]);
  return { snapshots, instances, volumes, made, zones, subnets, securityGroups };
}

/** The instance itself, those that the snapshots name, and the one that is to get the volumes. */
function instancesOf(
  snapshots: readonly Snapshot[],
  { subject, targetInstance }: RestoreRequest,
): readonly InstanceId[] {
  const named = snapshots.map(({ tags }) => tags[TAG.instance]).filter(isInstanceId);
  return [
    ...new Set([
      ...(subject.kind === 'instance' ? [subject.id] : []),
      ...(targetInstance === undefined ? [] : [targetInstance]),
      ...named,
    ]),
  ];
}
