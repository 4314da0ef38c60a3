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
