/** Keys of every tag that this system reads or writes. Case-sensitive, as in EC2. */
export const TAG = {
  vault: 'smart-vault:vault',
  policy: 'smart-vault:policy',
  slot: 'smart-vault:slot',
  instance: 'smart-vault:instance',
  volume: 'smart-vault:volume',
  volumes: 'smart-vault:volumes',
  keys: 'smart-vault:keys',
  instanceSpec: 'smart-vault:instance-spec',
  network: 'smart-vault:network',
  instanceTags: 'smart-vault:instance-tags',
  startedAt: 'smart-vault:started-at',
  condemnedAt: 'smart-vault:condemned-at',
  hold: 'backup:hold',
  holdReason: 'backup:hold-reason',
  /** On what a restore made: which restore, so that a second run of it finds its own. */
  restore: 'smart-vault:restore',
  /** On what a restore made: which step of it. */
  restoreStep: 'smart-vault:restore-step',
  instanceId: 'InstanceId',
  date: 'Date',
  copiedFrom: 'CopiedFrom',
  originalSnapshotId: 'OriginalSnapshotId',
} as const;

/** EC2's limits for the tags of one resource, and how we share them out. */
export const TAG_LIMITS = {
  /** Tags that EC2 allows on one resource. */
  perResource: 50,
  /** Characters in one value. */
  valueLength: 256,
  /**
   * Tags that we leave free when we create: `condemned-at` and `backup:hold` must still find room later,
   * or a snapshot full of the user's tags could never be condemned, and so never be pruned.
   */
  reserved: 2,
  /** Tags that a copy carries and its source does not: volume, started-at, CopiedFrom, OriginalSnapshotId. */
  onCopiesOnly: 4,
} as const;

const RESERVED_KEYS: ReadonlySet<string> = new Set(Object.values(TAG));

/**
 * True for a key that a user's volume tag may not bring to a snapshot: AWS's own (`aws:`), ours, and those that
 * would change what a snapshot means to us, such as `CopiedFrom` or `backup:hold`.
 */
export function isReservedKey(key: string): boolean {
  return /^aws:/i.test(key) || key.startsWith('smart-vault:') || RESERVED_KEYS.has(key);
}
