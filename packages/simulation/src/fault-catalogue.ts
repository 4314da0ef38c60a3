/** What a fault is, and how often it strikes at most. */
interface FaultEntry {
  /** The row of the fault catalogue that it belongs to. */
  readonly row: string;
  readonly text: string;
  /** Highest chance per occasion, or number of planned occurrences per world, when the fault is on. */
  readonly cap: number;
}

const fault = (row: string, text: string, cap: number): FaultEntry => ({ row, text, cap });

/** Faults drawn on an occasion: a call, a message, an event, a snapshot that begins. `cap` is a chance. */
export const DRAWN_FAULTS = {
  'tick-lost': fault('F1', 'a schedule does not fire', 0.15),
  'tick-twice': fault('F2', 'a schedule fires twice', 0.15),
  'tick-late': fault('F3', 'a schedule fires 1 to 30 hours late', 0.08),
  'crash-between-batches': fault('F4', 'the scheduler dies after some of its messages are sent', 0.15),
  'send-refused': fault('F5', 'SendMessageBatch refuses some entries', 0.1),
  'clock-skew': fault('F7', "an environment's clock is wrong by up to 15 minutes", 0.3),
  'message-twice': fault('F10', 'SQS delivers a message of a standard queue twice', 0.2),
  'slow-call': fault('F12', 'a call takes longer than the visibility timeout', 0.004),
  'crash-before': fault('F13', 'a function dies right before a call', 0.02),
  'crash-after': fault('F13', 'a function dies after a call took effect', 0.02),
  timeout: fault('F14', 'a function hangs until Lambda ends it, and its last call takes effect later', 0.004),
  'throttled-batch': fault('F17', 'every call of one invocation is throttled', 0.05),
  'burned-receive': fault('F18', 'no concurrency for a batch: received, and not worked on', 0.08),
  'lost-answer': fault('F25', 'a create or a copy takes effect and its answer is lost', 0.06),
  throttle: fault('F30', 'RequestLimitExceeded', 0.15),
  'snapshot-fails': fault('F33', 'a snapshot ends in error', 0.15),
  'set-fails': fault('F35', 'one member of a multi-volume set fails, and so all do', 0.2),
  'repeated-token': fault('F37', 'a listing gives the same token twice', 0.02),
  'page-fails': fault('F37', 'a page of a listing cannot be had', 0.03),
  'event-lost': fault('F40', 'an EBS event is lost', 0.4),
  'event-twice': fault('F40', 'an EBS event arrives twice', 0.3),
  'event-late': fault('F40', 'an EBS event is up to 24 hours late', 0.2),
  'copy-fails': fault('F44', 'a copy is accepted and ends in error', 0.25),
  'server-error': fault('F25', 'a call fails with a 5xx without taking effect', 0.03),
  'delete-answer-lost': fault('F55', 'a deletion takes effect and its answer is lost', 0.2),
  'metric-lost': fault('F64', 'CloudWatch loses a metric', 0.2),
  'metric-twice': fault('F64', 'CloudWatch counts a metric twice', 0.2),
  'pruners-overlap': fault('F53', 'a second pruner starts while the first is at work', 0.3),
} as const satisfies Readonly<Record<string, FaultEntry>>;

/** Faults planned when a world is made, each at a time and a place. `cap` is their number. */
export const PLANNED_FAULTS = {
  'policy-cut': fault('F8', 'the retention is cut while runs are under way', 1),
  'poison-message': fault('F16', 'a message that nobody can read', 2),
  redrive: fault('F20', 'an operator redrives some dead letters', 3),
  'redrive-broken': fault('F21', 'an operator redrives while the cause is still there', 2),
  'queue-denied': fault('F22', 'a queue refuses its function', 2),
  'huge-message': fault('F23', 'a message of odd characters and more than 256 KB', 1),
  'unknown-version': fault('F24', 'a message of a version that we do not know', 2),
  'volume-deleted': fault('F28', 'a volume is deleted', 2),
  'instance-terminated': fault('F29', 'an instance is terminated', 1),
  'volume-moved': fault('F29', 'a volume is detached, or attached to another instance', 2),
  'other-snapshots': fault('F31', 'somebody else snapshots our volumes at the same time', 3),
  'throttle-burst': fault('F30', 'every call of one API is throttled for a while', 2),
  'all-fail': fault('F56', 'every snapshot fails for days', 1),
  'opt-out': fault('F38', 'a volume or instance is opted out, or in again', 2),
  'junk-event': fault('F41', 'events of foreign snapshots and of other kinds, and made-up ones', 4),
  'early-copy': fault('F42', 'a copy is asked for while its source is pending', 2),
  'key-disabled': fault('F45', 'the KMS key of a destination is disabled for a while', 1),
  'source-deleted': fault('F46', 'somebody deletes a source', 2),
  'copy-deleted': fault('F47', 'somebody deletes a copy', 2),
  'region-outage': fault('F49', 'a region answers nothing', 2),
  'bus-outage': fault('F50', 'no rule delivers for a while', 1),
  'backup-managed': fault('F52', 'AWS Backup or Data Lifecycle Manager takes a snapshot over', 1),
  'snapshot-locked': fault('F52', 'a snapshot is locked', 2),
  'image-registered': fault('F54', 'an AMI is registered on a snapshot', 2),
  'describe-denied': fault('F57', 'listings of a region are denied for a while', 1),
  'bin-restore': fault('F58', 'a deleted snapshot is brought back with all its tags', 2),
  'tags-edited': fault('F59', 'somebody removes or edits the vault tags of a snapshot', 2),
  'hold-placed': fault('F51', 'an operator holds a snapshot', 2),
  'hold-ends-soon': fault(
    'F51',
    'an operator holds a snapshot until the end of the day, or for some hours',
    2,
  ),
  'hold-in-time': fault('F54', 'an operator holds a condemned snapshot while a pruner is at work', 2),
  'snapshot-archived': fault('F52', 'somebody moves a snapshot to the archive tier', 2),
  'delete-denied': fault('F66', 'deletions in the source region alone are denied for a while', 1),
  'junk-snapshots': fault(
    'F61',
    'somebody makes many snapshots that look like ours, dated now or in the future',
    1,
  ),
  'action-denied': fault('F66', 'one action of a role is denied for a while', 2),
  'token-expired': fault('F67', 'credentials are refused for a while', 1),
  deploy: fault('F68', 'a deployment replaces every execution environment in the middle of a run', 2),
} as const satisfies Readonly<Record<string, FaultEntry>>;

/** Conditions that a world has from its beginning. `cap` is not used. */
const WORLD_FAULTS = {
  'daylight-saving': fault('F6', 'slots around a change of the clocks', 1),
  'wide-fleet': fault('F9', 'many volumes in one policy', 1),
  reordered: fault('F11', 'messages of standard queues come in any order', 1),
  'letters-vanish': fault('F19', 'dead-letter queues are emptied before anybody looked', 1),
  'read-lag': fault('F26', 'what was created cannot be seen for up to five minutes', 1),
  'stale-replicas': fault('F27', 'replicas disagree, and reads go backwards', 1),
  'few-snapshots': fault('F32', 'the quota of snapshots of a region is nearly used up', 1),
  'slow-snapshots': fault('F34', 'snapshots are pending for many hours', 1),
  'odd-tags': fault('F36', 'volumes with 50 tags, reserved keys and odd characters', 1),
  'small-pages': fault('F37', 'pages are tiny, and some are empty', 1),
  'same-tags': fault('F39', 'several volumes carry the same tags', 1),
  'few-permits': fault('F43', 'small quotas of copies and pending snapshots', 1),
  'dummy-volume-ids': fault('F48', 'copies show an arbitrary volume id', 1),
  'foreign-snapshots': fault('F51', 'other people, and another vault, keep snapshots in the account', 1),
  'short-retention': fault('F60', 'retention and reconciliation meet every day', 1),
  'odd-names': fault('F62', 'names that no mail subject may have', 1),
  'report-mid-change': fault('F65', 'a report is made while snapshots are still pending', 1),
} as const satisfies Readonly<Record<string, FaultEntry>>;

export type DrawnFault = keyof typeof DRAWN_FAULTS;
export type PlannedFault = keyof typeof PLANNED_FAULTS;
export type WorldFault = keyof typeof WORLD_FAULTS;
export type FaultKind = DrawnFault | PlannedFault | WorldFault;

/** Every fault that a simulation can have. */
export const FAULT_CATALOGUE: Readonly<Record<FaultKind, FaultEntry>> = {
  ...DRAWN_FAULTS,
  ...PLANNED_FAULTS,
  ...WORLD_FAULTS,
};

/** Rows of the catalogue that no run can have, and where they are covered instead. */
export const ROWS_ELSEWHERE: Readonly<Record<string, string>> = {
  F15: 'the type of a handler forbids `undefined`; a known-bad variant returns it all the same',
  F63: 'a function cannot tell whether anybody has subscribed; `vault doctor` does',
  F69: 'there is no ledger',
};
