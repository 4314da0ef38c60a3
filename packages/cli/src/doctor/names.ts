import type { Region } from '@smart-vault/core';
import type { Vault } from '../vault/find-vault.ts';

/** Names that the stacks give, as `infra/lib/names.ts` makes them; a test holds these to the templates. */

type Place = Pick<Vault, 'name' | 'region' | 'destinations'>;

const FUNCTIONS = ['scheduler', 'snapshotter', 'copier', 'reconciler', 'pruner', 'reporter'] as const;

/** Rules of the source region that see snapshots end. */
export const snapshotRules = ({ name, destinations }: Place): readonly string[] => [
  `${name}-snapshots`,
  ...destinations.map((region) => `${name}-snapshots-${region}`),
];

/** The rule of the source region that sees what a destination forwards. */
export const copyRule = (vault: string, destination: Region): string => `${vault}-copies-${destination}`;

/** The rule of a destination that forwards the end of copies. */
export const forwardRule = (vault: string): string => `${vault}-forward`;

/** Every rule of the vault in a region. */
export const ruleNamesIn = (vault: Place, region: Region): readonly string[] =>
  region === vault.region
    ? [...snapshotRules(vault), ...vault.destinations.map((each) => copyRule(vault.name, each))]
    : [forwardRule(vault.name)];

/** Every alarm of the vault in a region. */
export function alarmNamesIn(vault: Place, region: Region): readonly string[] {
  const { name, destinations } = vault;
  if (region !== vault.region) return [`${name}-DeadLettersForwarding-${region}`];
  const plain = [
    ...['NoSnapshotsCreated', 'RpoBreached-source', 'RpoBreached-destinations', 'RecordsFailed'],
    ...['PruneRefused', 'DeadLettersVolumes', 'DeadLettersReports', 'DeadLettersJobs', 'DeadLettersEvents'],
    ...FUNCTIONS.map((each) => `FunctionErrors-${each}`),
    ...destinations.flatMap((each) => [`OldestCopyWaiting-${each}`, `DeadLettersCopies-${each}`]),
  ];
  return plain.map((each) => `${name}-${each}`);
}

/** Queues of the source region that carry work, and where their failures go. */
export const workQueues = ({ name, destinations }: Place): readonly { queue: string; dlq: string }[] => [
  { queue: `${name}-volumes.fifo`, dlq: `${name}-volumes-dlq.fifo` },
  { queue: `${name}-reports`, dlq: `${name}-reports-dlq` },
  ...destinations.map((region) => ({
    queue: `${name}-copies-${region}`,
    dlq: `${name}-copies-${region}-dlq`,
  })),
];

/** Queues of the source region that have no dead letters of their own. */
export const plainQueues = ({ name }: Place): readonly string[] => [
  `${name}-snapshotter-wakeups.fifo`,
  `${name}-copier-wakeups.fifo`,
  `${name}-jobs-dlq`,
  `${name}-events-dlq`,
];

/** The queue that a destination has. */
export const forwardingQueue = (vault: string, destination: Region): string =>
  `${vault}-events-dlq-${destination}`;
