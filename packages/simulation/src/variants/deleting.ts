import { HOUR_MS, type WorldKnobs } from '../packs.ts';
import { AGEING, several, type Variant } from './variant.ts';

const RULES = 'packages/core/src/retention-rules.ts';
const FACTS = 'packages/core/src/retention-facts.ts';
const PLAN = 'packages/core/src/retention.ts';
const VERIFY = 'packages/pruner/src/verify-deletions.ts';
const ASSERT = 'packages/pruner/src/assert-plan.ts';

/** Nine days of points, most of which a retention of one day lets go of at once. */
const CUT = {
  instances: [2],
  destinations: 1,
  slotEveryHours: 6,
  chaosHours: 216,
  chances: {},
  ec2: {},
  planned: [{ kind: 'policy-cut', label: 'policy-cut/0', atMs: 200 * HOUR_MS }],
} as const satisfies Partial<WorldKnobs>;

/** The second look of the pruner at its own plan, which would stop what is tried here. */
const NO_ASSERTIONS = [
  { file: ASSERT, find: 'assertFloor(inputs, inventory, deleted);', replace: 'void deleted;' },
] as const;

/** What may go, when, and how much at once. */
export const DELETING_VARIANTS: readonly Variant[] = [
  {
    name: 'errors-count-as-good',
    why: 'the floor counts snapshots that have failed',
    breaks: ['I4', 'I5'],
    edits: [
      {
        file: FACTS,
        find: "snapshot.state === 'completed' &&\n    snapshot.storageTier",
        replace: "snapshot.state !== 'pending' &&\n    snapshot.storageTier",
      },
      ...NO_ASSERTIONS,
    ],
    pack: 'calm',
    knobs: { ...AGEING, planned: several('all-fail', 3, 20) },
    from: 1,
    budget: 10,
  },
  {
    name: 'rank-by-start-time',
    why: 'the newest is the one that was started last, and not the one of the latest slot',
    breaks: ['I5', 'I4'],
    edits: [
      {
        file: FACTS,
        find: 'line.sort(bySlotThenStart);',
        replace: 'line.sort((a, b) => b.snapshot.startedAt - a.snapshot.startedAt);',
      },
      ...NO_ASSERTIONS,
    ],
    pack: 'calm',
    knobs: {
      ...AGEING,
      instances: [1],
      destinations: 1,
      planned: [...several('junk-snapshots', 2, 15), ...several('all-fail', 3, 20)],
    },
    from: 4,
    budget: 4,
  },
  {
    name: 'no-floor',
    why: 'age alone decides beyond the newest: after days without a run one point is left',
    breaks: ['I4'],
    edits: [
      { file: RULES, find: 'if (rank < policy.keepMin) {', replace: 'if (rank < 0) {' },
      ...NO_ASSERTIONS,
    ],
    pack: 'calm',
    knobs: { ...AGEING, keepMin: 3, slotEveryHours: 12 },
    from: 1,
    budget: 10,
  },
  {
    name: 'age-only',
    why: 'deletes whatever is old enough, the last one too',
    breaks: ['I5', 'I4'],
    edits: [
      { file: RULES, find: 'if (rank < policy.keepMin) {', replace: 'if (rank < 0) {' },
      { file: RULES, find: 'if (rank === 0)', replace: 'if (rank < 0)' },
      ...NO_ASSERTIONS,
    ],
    pack: 'calm',
    knobs: { ...AGEING, planned: several('all-fail', 3, 20) },
    from: 1,
    budget: 10,
  },
  {
    name: 'future-slots-count',
    why: 'junk that is dated in the future pushes the real points out',
    breaks: ['I4', 'I5'],
    edits: [{ file: FACTS, find: 'slotMs(point.slot) <= inputs.now &&', replace: '' }, ...NO_ASSERTIONS],
    pack: 'calm',
    knobs: {
      ...AGEING,
      instances: [1],
      destinations: 1,
      keepMin: 2,
      planned: several('junk-snapshots', 2, 15),
    },
    from: 1,
    budget: 10,
  },
  {
    name: 'half-the-retention',
    why: 'deletes good points long before their retention is over: whoever needs last week has nothing',
    breaks: ['I13'],
    edits: [
      {
        file: RULES,
        find: 'const expiresAt = slotMs(point.slot) + policy.retentionDays * DAY_MS;',
        replace: 'const expiresAt = slotMs(point.slot) + (policy.retentionDays * DAY_MS) / 2;',
      },
    ],
    pack: 'calm',
    knobs: AGEING,
    from: 1,
    budget: 10,
  },
  {
    name: 'no-copy-check',
    why: 'deletes a source that was never copied',
    breaks: ['I6'],
    edits: [{ file: RULES, find: 'if (lacking.length === 0) {', replace: 'if (lacking.length >= 0) {' }],
    pack: 'calm',
    knobs: { ...AGEING, chances: { 'copy-fails': 0.9 } },
    from: 1,
    budget: 10,
  },
  {
    name: 'no-grace',
    why: 'what is condemned goes at the next opportunity',
    breaks: ['I7'],
    edits: [
      { file: PLAN, find: 'if (ageMs < graceMs) {', replace: 'if (ageMs < 0) {' },
      {
        file: VERIFY,
        find: 'if (inputs.now - condemnedAt < graceMsOf(inputs.policy, snapshot)) {',
        replace: 'if (inputs.now < 0) {',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, graceHours: 30 },
    from: 1,
    budget: 10,
  },
  {
    name: 'delete-at-once',
    why: 'deletes in the run that finds it due, without condemning it first',
    breaks: ['I7'],
    edits: [
      {
        file: PLAN,
        find: "return { kind: 'condemn', ...removal };",
        replace: "return { kind: 'delete', ...removal };",
      },
      {
        file: VERIFY,
        find: "if (condemnedAt === undefined) return { kind: 'kept', reason: 'it is not condemned (any more)' };",
        replace: 'if (condemnedAt === undefined) return inputs.now;',
      },
    ],
    pack: 'calm',
    knobs: AGEING,
    from: 1,
    budget: 10,
  },
  {
    name: 'no-look-before-delete',
    why: 'deletes by the listing of minutes ago, without asking for the very snapshot again',
    breaks: ['I3'],
    edits: [
      {
        file: VERIFY,
        find: 'const seen = await ports.store.findSnapshots([...asked]);',
        replace:
          'const seen = inputs.regions.flatMap(({ snapshots }) => snapshots.filter(({ id, region }) => asked.has(id) && region === ports.store.region));',
      },
    ],
    pack: 'calm',
    knobs: AGEING,
    from: 1,
    budget: 10,
  },
  {
    name: 'hold-ignored',
    why: 'an operator holds a snapshot, and it goes all the same',
    breaks: ['I10'],
    edits: [
      {
        file: RULES,
        find: "if (point.hold?.until === 'forever') return keep('hold', 'an operator holds it');",
        replace: '',
      },
      {
        file: RULES,
        find: 'if (point.hold !== undefined && point.hold.until > inputs.now) {',
        replace: 'if (point.hold !== undefined && point.hold.until === 0) {',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, planned: several('hold-placed', 6, 6) },
    from: 1,
    budget: 10,
  },
  {
    name: 'hold-comes-too-late',
    why: 'looks again right before, and does not heed what it sees: a hold that came meanwhile is for nothing',
    breaks: ['I10'],
    edits: [
      { file: VERIFY, find: "if (decision?.kind !== 'delete') {", replace: 'if (decision === undefined) {' },
    ],
    pack: 'calm',
    knobs: { ...AGEING, slotEveryHours: 2, instances: [3], planned: several('hold-in-time', 30, 2) },
    from: 1,
    budget: 20,
  },
  {
    name: 'archived-is-prey',
    why: 'deletes what somebody has archived to keep it for years',
    breaks: ['I10'],
    edits: [
      {
        file: RULES,
        find: "if (snapshot.storageTier === 'archive') return keep('archived', 'it is in the archive tier');",
        replace: '',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, planned: several('snapshot-archived', 8, 6) },
    from: 1,
    budget: 10,
  },
  {
    name: 'others-are-prey',
    why: 'deletes what Data Lifecycle Manager looks after',
    breaks: ['I10'],
    edits: [
      {
        file: RULES,
        find: 'if (isAwsManaged(snapshot))',
        replace: 'if (isAwsManaged(snapshot) && !snapshot.id)',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, planned: several('backup-managed', 8, 6) },
    from: 1,
    budget: 10,
  },
  {
    name: 'holds-end-at-midnight-before',
    why: 'a hold until a day ends when that day begins',
    breaks: ['I10'],
    edits: [
      {
        file: 'packages/core/src/point.ts',
        find: 'const until = Number.isNaN(day) ? instantOf(value) : day + DAY_MS;',
        replace: 'const until = Number.isNaN(day) ? instantOf(value) : day + 0 * DAY_MS;',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, slotEveryHours: 2, planned: several('hold-ends-soon', 30, 2) },
    from: 1,
    budget: 20,
  },
  {
    name: 'copies-do-not-wait',
    why: 'a copy goes although the deletion of its source was refused: the source then looks as if it had no copy',
    breaks: ['I6'],
    edits: [
      {
        file: 'packages/pruner/src/progress.ts',
        find: 'else progress.left.add(snapshotId);',
        replace: 'else progress.removed.add(snapshotId);',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, planned: several('delete-denied', 4, 12) },
    from: 1,
    budget: 10,
  },
  {
    name: 'no-cap',
    why: 'a retention that was cut short empties the vault in one run',
    breaks: ['I8'],
    edits: [
      {
        file: 'packages/core/src/retention-guard.ts',
        find: 'if (unexplained <= allowed) return undefined;',
        replace: 'if (unexplained <= allowed || allowed > 0) return undefined;',
      },
    ],
    pack: 'cut',
    knobs: CUT,
    from: 1,
    budget: 10,
  },
  {
    name: 'refuses-always',
    why: 'refuses every plan: an alarm rings for ever, and nothing is ever deleted',
    breaks: ['L3'],
    edits: [
      {
        file: 'packages/core/src/retention-guard.ts',
        find: 'if (unexplained <= allowed) return undefined;',
        replace: 'if (unexplained <= allowed && removals.length === 0) return undefined;',
      },
    ],
    pack: 'calm',
    knobs: AGEING,
    from: 1,
    budget: 10,
  },
  {
    name: 'condemns-without-a-cap',
    why: 'bounds deletions only: a retention that was cut short condemns the whole vault in one run',
    breaks: ['I8'],
    edits: [
      {
        file: PLAN,
        find: "(kind === 'condemn' || kind === 'delete') && rule !== 'failed';",
        replace: "kind === 'delete' && rule !== 'failed';",
      },
    ],
    pack: 'cut',
    knobs: CUT,
    from: 1,
    budget: 10,
  },
  {
    name: 'uncopied-for-ever',
    why: 'keeps a source that is never copied for four times its retention, and not for twice',
    breaks: ['L3'],
    edits: [{ file: RULES, find: 'const UNCOPIED_FACTOR = 2;', replace: 'const UNCOPIED_FACTOR = 4;' }],
    pack: 'calm',
    knobs: { ...AGEING, instances: [1], destinations: 1, chaosHours: 110, chances: { 'copy-fails': 1 } },
    from: 1,
    budget: 10,
  },
  {
    name: 'dry-run-deletes',
    why: 'a dry run does what it should only tell',
    breaks: ['I11'],
    edits: [
      {
        file: 'packages/pruner/src/prune-snapshots.ts',
        find: "config.mode === 'live' ? await applyPlan(",
        replace: 'config.mode ? await applyPlan(',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, prunerMode: 'dry-run' },
    from: 1,
    budget: 10,
  },
  {
    name: 'to-and-fro',
    why: 'pardons what is in its grace period, and condemns it anew with the next run',
    breaks: ['L7', 'L3'],
    edits: [
      {
        file: PLAN,
        find: "      kind: 'keep',\n      rule: 'grace',",
        replace: "      kind: 'pardon',\n      rule: 'grace',",
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, graceHours: 24, chaosHours: 40 },
    from: 1,
    budget: 10,
  },
  {
    name: 'never-deletes',
    why: 'what is condemned stays so for ever: EC2 fills up and costs grow',
    breaks: ['L3'],
    edits: [
      {
        file: PLAN,
        find: "?? { kind: 'delete', ...removal };",
        replace: "?? { kind: 'keep', ...removal };",
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, healHours: 90 },
    from: 1,
    budget: 10,
  },
  {
    name: 'copies-live-twice',
    why: 'keeps copies for twice their retention: the bill doubles, and nobody sees why',
    breaks: ['L3'],
    edits: [
      {
        file: RULES,
        find: 'const expiresAt = slotMs(point.slot) + policy.retentionDays * DAY_MS;',
        replace:
          'const expiresAt = slotMs(point.slot) + (point.copiedFrom === undefined ? 1 : 2) * policy.retentionDays * DAY_MS;',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, retentionDays: 4, chaosHours: 200 },
    from: 1,
    budget: 10,
  },
  {
    name: 'copies-before-sources',
    why: 'deletes a copy while its source is kept: the source then looks as if it had never been copied',
    breaks: ['I6'],
    edits: [
      { file: RULES, find: 'if (freeAt > now) {', replace: 'if (freeAt < 0) {' },
      {
        file: PLAN,
        find: 'if (left === undefined) return undefined;',
        replace: 'if (left === undefined || left) return undefined;',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, chances: { 'server-error': 0.5 } },
    from: 1,
    budget: 10,
  },
  {
    name: 'in-use-ends-the-run',
    why: 'the first snapshot that EC2 does not let go of ends the run of all others (aws-ops-automator)',
    breaks: ['L3'],
    edits: [
      {
        file: RULES,
        find: "if (inventory.locked.has(snapshot.id)) return keep('locked', 'it is locked');",
        replace: '',
      },
      {
        file: RULES,
        find: "if (inventory.inImages.has(snapshot.id)) return keep('in-image', 'an AMI is made of it');",
        replace: '',
      },
      {
        file: 'packages/pruner/src/outcome.ts',
        find: "return { stop: false, kind: 'refused' };",
        replace: 'return { stop: true };',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, healHours: 90, planned: several('image-registered', 4, 8) },
    from: 1,
    budget: 10,
  },
  {
    name: 'deletes-what-came-back',
    why: 'ours, until we looked: what an operator took back from the Recycle Bin still had its old condemnation',
    breaks: ['I7'],
    edits: [
      {
        file: 'packages/pruner/src/delete-snapshots.ts',
        find: 'const tags = deletedTags(batch[0]?.condemnedAt ?? Number.NaN, clock.now());',
        replace: 'const tags = condemnedTags(batch[0]?.condemnedAt ?? clock.now());',
      },
    ],
    pack: 'calm',
    knobs: {
      ...AGEING,
      graceHours: 1,
      ec2: { recycleBin: true },
      planned: several('bin-restore', 12, 6),
    },
    from: 1,
    budget: 20,
  },
  {
    name: 'never-pardons',
    why: 'what somebody holds stays condemned, and is gone at once when the hold is over',
    breaks: ['L3'],
    edits: [
      {
        file: PLAN,
        find: "condemnedAt !== undefined && !verdict.handsOff ? 'pardon' : 'keep'",
        replace: "'keep'",
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, slotEveryHours: 2, instances: [3], planned: several('hold-in-time', 30, 2) },
    from: 1,
    budget: 10,
  },
  {
    name: 'pardons-what-is-being-deleted',
    why: 'ours, until the simulation found it: of two runs at once, one pardoned what the other was about to delete',
    breaks: ['I7'],
    edits: [
      {
        file: 'packages/core/src/retention.ts',
        find: "now - deletedAt > CLOCK_SKEW_MS ? 'pardon' : 'keep'",
        replace: "now > deletedAt ? 'pardon' : 'keep'",
      },
    ],
    pack: 'calm',
    knobs: {
      ...AGEING,
      graceHours: 1,
      instances: [3, 3],
      ec2: { pageSizeMax: 5 },
      chances: { 'pruners-overlap': 1, 'slow-call': 0.1, 'lost-answer': 0.1 },
    },
    from: 1,
    budget: 20,
  },
];
