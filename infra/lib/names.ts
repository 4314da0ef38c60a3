/**
 * Names that more than one stack, or more than one team, must agree on. Both stacks compute them, so that
 * no stack has to read another's outputs. Each takes the vault's name, so that one account can hold several.
 */

/** The six functions, in the order of the flow. */
export const FUNCTION_NAMES = [
  'scheduler',
  'snapshotter',
  'copier',
  'reconciler',
  'pruner',
  'reporter',
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** The policy that the environment of the functions describes. */
export const POLICY_NAME = 'default';

/** Instances with this tag and value are backed up; a volume with `backup=false` is left out. */
export const SELECTION_TAG = 'backup';

/** Tag keys that IAM conditions rest on; the same as `TAG` in the core. */
export const VAULT_TAG = 'smart-vault:vault';
export const CONDEMNED_TAG = 'smart-vault:condemned-at';
export const HOLD_TAG = 'backup:hold';

/** Namespace and dimension of every metric of the vault. */
export const METRIC_NAMESPACE = 'SmartVault';
export const METRIC_DIMENSIONS = { Service: 'Backup' } as const;

export const functionName = (vault: string, name: FunctionName): string => `${vault}-${name}`;
export const logGroupName = (vault: string, name: FunctionName): string =>
  `/aws/lambda/${functionName(vault, name)}`;

export const topicName = (vault: string): string => `${vault}-notifications`;
export const dashboardName = (vault: string): string => vault;
export const sourceStackName = (vault: string): string => vault;
export const destinationStackName = (vault: string, destination: string): string => `${vault}-${destination}`;

export const scheduleGroupName = (vault: string): string => vault;
/** Names of the schedules; a pump has a tick for each of its regions. */
export const scheduleNames = (vault: string) => ({
  backup: `${vault}-backup-${POLICY_NAME}`,
  reconcile: `${vault}-reconcile`,
  prune: `${vault}-prune`,
  tick: (pump: FunctionName, region: string): string => `${vault}-tick-${pump}-${region}`,
});

/** Names of the EventBridge rules; `forward` is the destination's. */
export const ruleNames = (vault: string) => ({
  snapshotEnded: `${vault}-snapshots`,
  snapshotReady: (destination: string): string => `${vault}-snapshots-${destination}`,
  copyEnded: (destination: string): string => `${vault}-copies-${destination}`,
  forward: `${vault}-forward`,
});

/** Queue names of a vault. */
export const queueNames = (vault: string) => ({
  volumes: `${vault}-volumes.fifo`,
  volumesDlq: `${vault}-volumes-dlq.fifo`,
  snapshotterWakeups: `${vault}-snapshotter-wakeups.fifo`,
  copierWakeups: `${vault}-copier-wakeups.fifo`,
  copies: (destination: string): string => `${vault}-copies-${destination}`,
  copiesDlq: (destination: string): string => `${vault}-copies-${destination}-dlq`,
  reports: `${vault}-reports`,
  reportsDlq: `${vault}-reports-dlq`,
  jobsDlq: `${vault}-jobs-dlq`,
  eventsDlq: `${vault}-events-dlq`,
  /** In the destination's region. */
  forwardingDlq: (destination: string): string => `${vault}-events-dlq-${destination}`,
});

/** Name of an alarm: its id, which is also its runbook page, behind the vault and before what it watches. */
export const alarmName = (vault: string, id: string, subject?: string): string =>
  [vault, id, subject].filter((part) => part !== undefined).join('-');

export const runbookPage = (alarmId: string): string => `docs/runbook/${alarmId}.md`;

/** A kind of name, the most characters that AWS allows in it, and the longest ones that a vault has of it. */
export interface BoundedNames {
  readonly kind: string;
  readonly max: number;
  readonly names: readonly string[];
}

/** Every name that grows with the vault's name and a region's, with its limit. Roles are named by CloudFormation. */
export function boundedNames(
  vault: string,
  regions: { readonly source: string; readonly destinations: readonly string[] },
): readonly BoundedNames[] {
  const { source, destinations } = regions;
  const queues = queueNames(vault);
  const rules = ruleNames(vault);
  const schedules = scheduleNames(vault);
  const { copies, copiesDlq, forwardingDlq, ...plainQueues } = queues;
  const each = (...nameOf: readonly ((region: string) => string)[]): readonly string[] =>
    destinations.flatMap((region) => nameOf.map((name) => name(region)));
  return [
    {
      kind: 'SQS queue',
      max: 80,
      names: [...Object.values(plainQueues), ...each(copies, copiesDlq, forwardingDlq)],
    },
    { kind: 'Lambda function', max: 64, names: FUNCTION_NAMES.map((name) => functionName(vault, name)) },
    {
      kind: 'EventBridge schedule',
      max: 64,
      names: [
        scheduleGroupName(vault),
        schedules.backup,
        schedules.reconcile,
        schedules.prune,
        schedules.tick('snapshotter', source),
        ...each((region) => schedules.tick('copier', region)),
      ],
    },
    {
      kind: 'EventBridge rule',
      max: 64,
      names: [rules.snapshotEnded, rules.forward, ...each(rules.snapshotReady, rules.copyEnded)],
    },
    {
      kind: 'CloudFormation stack',
      max: 128,
      names: [sourceStackName(vault), ...each((region) => destinationStackName(vault, region))],
    },
  ];
}
