import { type Alarm, createAlarmCatalog } from '@smart-vault/aws/alarm-catalog';
import { createQueueAdmin } from '@smart-vault/aws/queue-admin';
import { createTopicCatalog } from '@smart-vault/aws/topic-catalog';
import type { Region } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import { type Vault, type VaultQueue, vaultQueues } from '../vault/find-vault.ts';
import { snapshotsOf } from '../vault/regions.ts';
import { asked } from './ask.ts';
import {
  type Asked,
  known,
  METRICS_LATE_MS,
  type RegionFacts,
  RULE_WINDOW_MS,
  type TopicFacts,
} from './facts.ts';
import { ruleNamesIn } from './names.ts';

/** Asks one region. */
export async function gatherRegion(
  context: CommandContext,
  vault: Vault,
  region: Region,
  now: number,
): Promise<RegionFacts> {
  const store = snapshotsOf(context, region);
  const isSource = region === vault.region;
  const [queues, snapshots, pending, locked, alarms, rules] = await Promise.all([
    asked('sqs:ListQueues', () => queuesIn(context, vault, region)),
    asked('ec2:DescribeSnapshots', () => store.listVaultSnapshots(vault.name)),
    asked('ec2:DescribeSnapshots', () => store.listPendingSnapshots()),
    asked('ec2:DescribeLockedSnapshots', () => store.listLockedSnapshotIds()),
    asked('cloudwatch:DescribeAlarms', () => alarmsIn(context, vault, region)),
    asked('cloudwatch:GetMetricStatistics', () => ruleInvocations(context, vault, region, now)),
  ]);
  const ids = known(snapshots, []).map(({ id }) => id);
  const [inImages, topics] = await Promise.all([
    asked('ec2:DescribeImages', () => store.findSnapshotsInImages(ids)),
    topicsIn(context, vault, region, alarms),
  ]);
  return {
    region,
    isSource,
    queues,
    snapshots,
    pending,
    inImages,
    locked,
    alarms,
    topics,
    rules,
    trials: [],
  };
}

const queuesIn = async (
  { connection }: CommandContext,
  vault: Vault,
  region: Region,
): Promise<readonly VaultQueue[]> =>
  region === vault.region
    ? vault.queues
    : vaultQueues(createQueueAdmin(connection(region)), vault.name, region);

async function alarmsIn(context: CommandContext, vault: Vault, region: Region): Promise<readonly Alarm[]> {
  const prefix = `${vault.name}-`;
  const alarms = await createAlarmCatalog(context.connection(region)).listAlarms(prefix);
  // Another vault's name may begin with this one's: behind the vault's name, an alarm's goes on with a capital letter.
  return alarms.filter(({ name }) => /^[A-Z]/.test(name.slice(prefix.length)));
}

async function ruleInvocations(
  context: CommandContext,
  vault: Vault,
  region: Region,
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const catalog = createAlarmCatalog(context.connection(region));
  const to = now - METRICS_LATE_MS;
  const counts = ruleNamesIn(vault, region).map(async (ruleName) => {
    const metric = { kind: 'rule-invocations', ruleName } as const;
    return [ruleName, await catalog.sumOf(metric, to - RULE_WINDOW_MS, now)] as const;
  });
  return new Map(await Promise.all(counts));
}

/** The vault's own topic, and whatever else its alarms tell. */
async function topicsIn(
  context: CommandContext,
  vault: Vault,
  region: Region,
  alarms: Asked<readonly Alarm[]>,
): Promise<readonly TopicFacts[]> {
  const told = known(alarms, []).flatMap(({ actions }) =>
    actions.filter((arn) => arn.split(':')[2] === 'sns'),
  );
  const catalog = createTopicCatalog(context.connection(region));
  return Promise.all(
    [...new Set([ownTopic(vault, region), ...told])].map(async (arn) => ({
      arn,
      subscriptions: await asked('sns:ListSubscriptionsByTopic', () => catalog.listSubscriptions(arn)),
    })),
  );
}

/** By the name that the stacks give it, in the account and partition of the vault's queues. */
function ownTopic(vault: Vault, region: Region): string {
  const [, partition = 'aws', , , account = ''] = vault.queues[0]?.arn.split(':') ?? [];
  return `arn:${partition}:sns:${region}:${account}:${vault.name}-notifications`;
}
