import type { Alarm } from '@smart-vault/aws/alarm-catalog';
import type { Subscription } from '@smart-vault/aws/topic-catalog';
import type {
  ErrorCode,
  Instance,
  Region,
  Snapshot,
  SnapshotId,
  VaultSettings,
  Volume,
} from '@smart-vault/core';
import type { LettersOfQueue } from '../status/gather.ts';
import type { VaultQueue } from '../vault/find-vault.ts';

/** What one question brought: an answer, or why there is none. */
export type Asked<T> = { readonly value: T } | Unanswered;

/** A question that was not answered. */
export interface Unanswered {
  /** The permission that it takes, such as `ec2:DescribeSnapshots`. */
  readonly action: string;
  readonly code: ErrorCode;
  /** AWS's own code, such as `UnauthorizedOperation`. */
  readonly awsCode: string;
  readonly problem: string;
}

/** Everything that the checks look at, as it was found. Times are milliseconds since 1970. */
export interface DoctorFacts {
  readonly vault: string;
  readonly source: Region;
  readonly settings: Partial<VaultSettings>;
  readonly now: number;
  /** How far the clock of this machine is behind the service's; negative when it is ahead. */
  readonly clockBehindMs: number;
  /** Asked was an endpoint that is not AWS: it may have a time of its own. */
  readonly isOtherEndpoint: boolean;
  /** Since when the vault is there: when its first queue was made. */
  readonly createdAt: number;
  /** Names of other vaults in the source region. */
  readonly otherVaults: Asked<readonly string[]>;
  /** Every instance of the source region, and the volumes of those that are selected. */
  readonly fleet: Asked<Fleet>;
  /** How often each function was invoked within `FUNCTION_WINDOWS_MS`, by its name without the vault's. */
  readonly invocations: Asked<ReadonlyMap<string, number>>;
  /** Dead letters in the source region. */
  readonly letters: Asked<readonly LettersOfQueue[]>;
  /** The source first. */
  readonly regions: readonly RegionFacts[];
}

export interface Fleet {
  readonly instances: readonly Instance[];
  readonly volumes: readonly Volume[];
}

/** What one region told. */
export interface RegionFacts {
  readonly region: Region;
  readonly isSource: boolean;
  readonly queues: Asked<readonly VaultQueue[]>;
  readonly snapshots: Asked<readonly Snapshot[]>;
  /** Every pending snapshot of the account, whoever made it. */
  readonly pending: Asked<readonly Snapshot[]>;
  readonly inImages: Asked<ReadonlySet<SnapshotId>>;
  readonly locked: Asked<ReadonlySet<SnapshotId>>;
  readonly alarms: Asked<readonly Alarm[]>;
  readonly topics: readonly TopicFacts[];
  /** How often each rule has invoked a target within `RULE_WINDOW_MS`, by its full name. */
  readonly rules: Asked<ReadonlyMap<string, number>>;
  /** Dry runs of what changes something. */
  readonly trials: readonly Trial[];
}

export interface TopicFacts {
  readonly arn: string;
  readonly subscriptions: Asked<readonly Subscription[]>;
}

/** EC2's answer to a dry run. */
export interface Trial {
  /** Such as `ec2:DeleteSnapshot`. */
  readonly action: string;
  /** Absent when EC2 would do it. */
  readonly refusal?: Unanswered;
}

/** Where the vault is, for `names.ts`. */
export const placeOf = ({ vault, source, regions }: DoctorFacts) => ({
  name: vault,
  region: source,
  destinations: regions.filter(({ isSource }) => !isSource).map(({ region }) => region),
});

/** The source region's own facts. */
export function sourceOf({ regions }: DoctorFacts): RegionFacts {
  const source = regions.find(({ isSource }) => isSource);
  if (source === undefined) throw new Error('invariant broken: the source region was not asked');
  return source;
}

/** How far back functions are looked for: some times what their schedule says. */
export const FUNCTION_WINDOWS_MS: Readonly<Record<string, number>> = {
  snapshotter: 30 * 60_000,
  copier: 30 * 60_000,
  reconciler: 130 * 60_000,
  pruner: 49 * 3_600_000,
};

/** How far back rules are looked for; the last minutes are left out, as metrics come late. */
export const RULE_WINDOW_MS = 25 * 3_600_000;
export const METRICS_LATE_MS = 15 * 60_000;

export const isKnown = <T>(asked: Asked<T>): asked is { readonly value: T } => 'value' in asked;

/** The answer, or what stands for it. */
export const known = <T>(asked: Asked<T>, otherwise: T): T => (isKnown(asked) ? asked.value : otherwise);

/** Every question of a region that was not answered. */
export const unansweredIn = (facts: RegionFacts): readonly Unanswered[] =>
  [
    facts.queues,
    facts.snapshots,
    facts.pending,
    facts.inImages,
    facts.locked,
    facts.alarms,
    facts.rules,
    ...facts.topics.map(({ subscriptions }) => subscriptions),
  ].flatMap((asked) => ('problem' in asked ? [asked] : []));

/** Those of the source region that belong to no region's own facts. */
export const unansweredOfVault = (facts: DoctorFacts): readonly Unanswered[] =>
  [facts.otherVaults, facts.fleet, facts.invocations, facts.letters].flatMap((asked) =>
    'problem' in asked ? [asked] : [],
  );
