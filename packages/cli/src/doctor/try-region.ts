import { createSnapshotTrials } from '@smart-vault/aws/snapshot-trials';
import { pointOf, type Region, type Snapshot, slotAt, TAG } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import type { Vault } from '../vault/find-vault.ts';
import { refusalOf } from './ask.ts';
import { known, type RegionFacts, type Trial } from './facts.ts';

/** Adds EC2's answers to dry runs of what this command changes, on the newest point of the region. Nothing is changed. */
export async function tryRegion(
  context: CommandContext,
  vault: Vault,
  all: readonly RegionFacts[],
  facts: RegionFacts,
): Promise<RegionFacts> {
  const { region } = facts;
  const trials = createSnapshotTrials(context.connection(region));
  const newest = newestPoint(known(facts.snapshots, []), vault.name);
  const source = all.find((each) => each.isSource);
  const encrypted = facts.isSource
    ? undefined
    : newestPoint(
        known(source?.snapshots ?? { value: [] }, []).filter((each) => each.encrypted),
        vault.name,
      );
  const tag = { [TAG.condemnedAt]: slotAt(context.clock.now()) };
  const made = await Promise.all([
    ...(newest === undefined
      ? []
      : [
          attempt('ec2:CreateTags', () => trials.addTags(newest.id, tag)),
          attempt('ec2:DeleteTags', () => trials.removeTags(newest.id, [TAG.condemnedAt])),
          attempt('ec2:DeleteSnapshot', () => trials.deleteSnapshot(newest.id)),
        ]),
    ...(encrypted === undefined
      ? []
      : [attempt('ec2:CopySnapshot', () => trials.copySnapshot(copyOf(vault, encrypted, region)))]),
  ]);
  return { ...facts, trials: made };
}

function copyOf({ region: sourceRegion, settings }: Vault, { id }: Snapshot, to: Region) {
  const kmsKeyId = settings.kmsKeyIds?.[to];
  return {
    sourceRegion,
    sourceSnapshotId: id,
    encrypted: true,
    ...(kmsKeyId !== undefined && { kmsKeyId }),
  };
}

function newestPoint(snapshots: readonly Snapshot[], vault: string): Snapshot | undefined {
  return snapshots
    .filter((each) => each.state === 'completed' && pointOf(each, vault).kind === 'owned')
    .reduce<Snapshot | undefined>(
      (newest, each) => (newest === undefined || each.startedAt > newest.startedAt ? each : newest),
      undefined,
    );
}

async function attempt(action: string, call: () => Promise<void>): Promise<Trial> {
  try {
    await call();
    return { action };
  } catch (error) {
    return { action, refusal: refusalOf(action, error) };
  }
}
