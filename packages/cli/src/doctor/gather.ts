import { createInstanceCatalog } from '@smart-vault/aws';
import { createAlarmCatalog } from '@smart-vault/aws/alarm-catalog';
import { createQueueAdmin } from '@smart-vault/aws/queue-admin';
import type { VolumeId } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import { gatherLetters } from '../status/gather.ts';
import type { Vault } from '../vault/find-vault.ts';
import { vaultOfQueue } from '../vault/queue-names.ts';
import { regionsOf } from '../vault/regions.ts';
import { asked } from './ask.ts';
import { type DoctorFacts, type Fleet, FUNCTION_WINDOWS_MS } from './facts.ts';
import { gatherRegion } from './gather-region.ts';
import { tryRegion } from './try-region.ts';

/** Asks every region everything at the same time. Nothing is changed; what is not answered is a fact too. */
export async function gatherFacts(context: CommandContext, vault: Vault): Promise<DoctorFacts> {
  const now = context.clock.now();
  const createdAt = Math.min(now, ...vault.queues.map((queue) => queue.createdAt));
  const [otherVaults, fleet, invocations, letters, regions] = await Promise.all([
    asked('sqs:ListQueues', () => listOtherVaults(context, vault)),
    asked('ec2:DescribeInstances', () => gatherFleet(context, vault)),
    asked('cloudwatch:GetMetricStatistics', () => countInvocations(context, vault, now)),
    asked('sqs:ReceiveMessage', () => gatherLetters(context, vault)),
    Promise.all(regionsOf(vault).map((region) => gatherRegion(context, vault, region, now))),
  ]);
  return {
    vault: vault.name,
    source: vault.region,
    settings: vault.settings,
    now,
    clockBehindMs: context.clockBehindMs(),
    isOtherEndpoint: context.isOtherEndpoint,
    createdAt,
    otherVaults,
    fleet,
    invocations,
    letters,
    regions: await Promise.all(regions.map((region) => tryRegion(context, vault, regions, region))),
  };
}

async function listOtherVaults({ connection }: CommandContext, vault: Vault): Promise<readonly string[]> {
  const urls = await createQueueAdmin(connection(vault.region)).listQueueUrls('');
  const names = urls.flatMap((url) => vaultOfQueue(url.slice(url.lastIndexOf('/') + 1)) ?? []);
  return [...new Set(names)].filter((name) => name !== vault.name).sort();
}

async function gatherFleet({ connection }: CommandContext, vault: Vault): Promise<Fleet> {
  const catalog = createInstanceCatalog(connection(vault.region));
  const instances = await catalog.listInstances();
  const attached = new Set<VolumeId>(
    instances
      .filter(({ tags }) => tags['backup'] === 'true')
      .flatMap(({ devices }) => devices.map(({ volumeId }) => volumeId)),
  );
  return { instances, volumes: await catalog.findVolumes([...attached]) };
}

async function countInvocations(
  { connection }: CommandContext,
  vault: Vault,
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const catalog = createAlarmCatalog(connection(vault.region));
  const counts = Object.entries(FUNCTION_WINDOWS_MS).map(async ([name, windowMs]) => {
    const metric = { kind: 'function-invocations', functionName: `${vault.name}-${name}` } as const;
    return [name, await catalog.sumOf(metric, now - windowMs, now)] as const;
  });
  return new Map(await Promise.all(counts));
}
