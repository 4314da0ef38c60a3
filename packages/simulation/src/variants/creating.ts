// biome-ignore-all lint/suspicious/noTemplateCurlyInString: edits are pieces of source text
import type { WorldKnobs } from '../packs.ts';
import { several, type Variant } from './variant.ts';

const SNAPSHOTS_PLAN = 'packages/core/src/snapshots-plan.ts';
const COPIES_PLAN = 'packages/core/src/copies-plan.ts';
const RECONCILE = 'packages/reconciler/src/reconcile-vault.ts';
const QUEUE = 'packages/aws/src/work-queue.ts';
const SEND = 'packages/aws/src/send-messages.ts';
const WRITES = 'packages/aws/src/snapshot-writes.ts';
const HAND_BACK = 'packages/lambda-kit/src/pump/hand-back.ts';
const START = 'packages/lambda-kit/src/pump/start-all.ts';

/** Many units of few volumes, some of which take one snapshot at a time only. */
const BLOCKED = {
  instances: [1, 1, 1],
  consistency: 'volume',
  slotEveryHours: 2,
  prunerMode: 'live',
  graceHours: 24,
} as const satisfies Partial<WorldKnobs>;

/** Snapshots and copies: each once, with its tags, and all of them in the end. */
export const CREATING_VARIANTS: readonly Variant[] = [
  {
    name: 'no-look-before-create',
    why: 'a message that comes twice makes a second snapshot',
    breaks: ['I1'],
    edits: [
      {
        file: SNAPSHOTS_PLAN,
        find: 'const done = doneVolumes(input);',
        replace: 'const done = new Set<VolumeId>();',
      },
    ],
    pack: 'calm',
    knobs: { chances: { 'crash-before': 0.3 } },
    from: 1,
    budget: 30,
  },
  {
    name: 'opt-out-is-ignored',
    why: 'snapshots a volume that somebody has opted out since its run began, or before',
    breaks: ['I14'],
    edits: [
      {
        file: SNAPSHOTS_PLAN,
        find: "if (isOptedOut(volume)) return 'it has been opted out since: backup=false';",
        replace: 'void isOptedOut;',
      },
      {
        file: 'packages/core/src/selection.ts',
        find: "if (isOptedOut(volume)) return because('opted-out', 'its tag says backup=false');",
        replace: '',
      },
    ],
    pack: 'calm',
    knobs: { planned: several('opt-out', 3, 1) },
    from: 1,
    budget: 20,
  },
  {
    name: 'set-takes-all',
    why: 'a set is taken of everything that is attached, also of what is opted out',
    breaks: ['I14'],
    edits: [
      {
        file: SNAPSHOTS_PLAN,
        find: 'return { excludeBootVolume: others.some(isRoot), excludeDataVolumeIds: data };',
        replace: 'return { excludeBootVolume: false, excludeDataVolumeIds: data.slice(0, 0) };',
      },
    ],
    pack: 'calm',
    knobs: { instances: [4], consistency: 'instance', planned: several('opt-out', 3, 1) },
    from: 1,
    budget: 20,
  },
  {
    name: 'set-without-one',
    why: 'a set leaves one of the volumes out, which is snapshotted alone after it',
    breaks: ['I15'],
    edits: [
      {
        file: SNAPSHOTS_PLAN,
        find: 'const excluded = excludedDevices(instance, missing);',
        replace:
          'const full = missing.length === members.length;\n  if (full && missing.length > 2) members.splice(members.indexOf(missing.pop() as Volume), 1);\n  const excluded = excludedDevices(instance, missing);',
      },
    ],
    pack: 'calm',
    knobs: { instances: [3], consistency: 'instance' },
    from: 1,
    budget: 10,
  },
  {
    name: 'made-up-lineage',
    why: 'a copy names another snapshot as its source: nobody can tell what it holds',
    breaks: ['I2'],
    edits: [
      {
        file: 'packages/core/src/tags.ts',
        find: '[TAG.originalSnapshotId]: source.id,',
        replace: "[TAG.originalSnapshotId]: 'snap-0000000000000beef',",
      },
    ],
    pack: 'calm',
    from: 1,
    budget: 10,
  },
  {
    name: 'nothing-to-restore-by',
    why: 'snapshots without the map of volumes: the disks are there, and nobody knows which device each was',
    breaks: ['I2'],
    edits: [
      {
        file: 'packages/core/src/tags.ts',
        find: 'const map = encodeVolumeMap(specs, room);',
        replace: 'const map = encodeVolumeMap([], room + specs.length);',
      },
    ],
    pack: 'calm',
    from: 1,
    budget: 10,
  },
  {
    name: 'only-the-first-of-a-set',
    why: 'an event of several snapshots becomes a message for the first of them',
    breaks: ['L4'],
    edits: [
      {
        file: 'packages/lambda-kit/src/pump/outcomes.ts',
        find: 'await this.#job.queue.send(step.messages);',
        replace: 'await this.#job.queue.send(step.messages.slice(0, 1));',
      },
    ],
    pack: 'calm',
    knobs: { instances: [3], consistency: 'instance' },
    from: 1,
    budget: 10,
  },
  {
    name: 'waiting-is-done',
    why: 'a copy whose source is still pending is called done',
    breaks: ['L4'],
    edits: [
      {
        file: COPIES_PLAN,
        find: "const wait = (reason: string): CopyPlan => ({ kind: 'wait', delaySeconds: WAIT_SECONDS, reason });",
        replace:
          "const wait = (reason: string): CopyPlan => ({ kind: 'done', reason: `${reason}${WAIT_SECONDS}` });",
      },
    ],
    pack: 'calm',
    knobs: {
      planned: several('early-copy', 2, 1),
      ec2: { snapshotDuration: { baseSeconds: 3_600, secondsPerGiB: 0, jitter: 0 } },
    },
    from: 1,
    budget: 20,
  },
  {
    name: 'snapshotter-deletes',
    why: 'tidies up by itself: who creates must not be able to delete',
    breaks: ['X1'],
    edits: [
      {
        file: 'packages/snapshotter/src/start-unit.ts',
        find: '  for (const snapshot of set) remember(',
        replace:
          '  await snapshots.deleteSnapshot(set[0]?.id as never).catch(() => undefined);\n  for (const snapshot of set) remember(',
      },
    ],
    pack: 'calm',
    knobs: { instances: [3], consistency: 'instance' },
    from: 1,
    budget: 10,
  },
  {
    name: 'never-a-set',
    why: 'snapshots the volumes of an instance one after the other: a database over two of them cannot be restored',
    breaks: ['I15'],
    edits: [
      {
        file: SNAPSHOTS_PLAN,
        find: 'if (missing.length > 1 && missing.length === members.length && excluded !== undefined) {',
        replace: 'if (missing.length > 100 && missing.length === members.length && excluded !== undefined) {',
      },
    ],
    pack: 'calm',
    knobs: { instances: [3], consistency: 'instance' },
    from: 1,
    budget: 10,
  },
  {
    name: 'no-doubts',
    why: 'a create whose answer was lost is repeated before EC2 shows what it made',
    breaks: ['I1'],
    edits: [
      {
        file: START,
        find: '} else if (job.doubts?.includesAny(keys)) {',
        replace: '} else if (job.doubts === null) {',
      },
    ],
    pack: 'calm',
    knobs: {
      chances: { 'lost-answer': 0.3, 'event-twice': 0.8 },
      ec2: { readLagMaxMs: 300_000 },
      instances: [2, 2],
    },
    from: 1,
    budget: 30,
  },
  {
    name: 'dead-work-every-hour',
    why: 'what is in the dead-letter queue is tried again by every run of the reconciler, for as long as nobody looks',
    breaks: ['L5'],
    edits: [
      {
        file: 'packages/core/src/reconcile-back-off.ts',
        find: 'if (last > 0 && last > ageMs - intervalMs) return undefined;',
        replace: 'if (last >= 0 || last > ageMs - intervalMs) return undefined;',
      },
    ],
    pack: 'calm',
    knobs: {
      oneStaysBroken: true,
      instances: [1, 1],
      slotEveryHours: 24,
      chaosHours: 30,
      healHours: 60,
      prunerMode: 'live',
    },
    from: 1,
    budget: 10,
  },
  {
    name: 'no-look-before-copy',
    why: 'an event that comes twice makes a second copy',
    breaks: ['I1'],
    edits: [
      {
        file: COPIES_PLAN,
        find: 'const copies = input.existing.filter((copy) => isCopyOf(copy, point, input.vault));',
        replace:
          "const copies = input.existing.filter((copy) => copy.state === 'error' && isCopyOf(copy, point, input.vault));",
      },
    ],
    pack: 'calm',
    knobs: { chances: { 'event-twice': 0.6 } },
    from: 1,
    budget: 20,
  },
  {
    name: 'no-lease',
    why: 'trusts the look alone: a message comes back before EC2 shows what was made for it',
    breaks: ['I1'],
    edits: [
      {
        file: QUEUE,
        find: '...(visibilitySeconds === undefined ? {} : { VisibilityTimeout: visibilitySeconds }),',
        replace: 'VisibilityTimeout: visibilitySeconds ?? 1,',
      },
      {
        file: 'packages/lambda-kit/src/recent-starts.ts',
        find: '(ids.has(snapshot.id) ? [] : [snapshot])',
        replace: '(ids.has(snapshot.id) ? [] : [])',
      },
    ],
    pack: 'calm',
    knobs: { ec2: { readLagMaxMs: 300_000 } },
    from: 1,
    budget: 20,
  },
  {
    name: 'sdk-default-retries',
    why: 'repeats a create whose answer was lost, as the SDK does by itself: two snapshots, one of them unknown',
    breaks: ['I1'],
    edits: [
      {
        file: 'packages/aws/src/throttle-only-retry.ts',
        find: "if (repetition >= attemptsMax || meaningOf(error) !== 'THROTTLED') throw new Error('not repeated');",
        replace:
          "if (repetition >= attemptsMax || !['THROTTLED', 'TRANSIENT'].includes(meaningOf(error))) throw new Error('not repeated');",
      },
    ],
    pack: 'calm',
    knobs: { chances: { 'lost-answer': 0.4 } },
    from: 1,
    budget: 10,
  },
  {
    name: 'tags-in-a-second-call',
    why: 'creates first and tags then: a crash in between leaves a snapshot that belongs to nobody (cloud-custodian)',
    breaks: ['I2'],
    edits: [
      {
        file: WRITES,
        find: "Description: request.description,\n    TagSpecifications: tagsAtCreation(request.tags),\n  });\n  return toSnapshot(await callAws('CreateSnapshot', () => client.send(command)), region);",
        replace:
          'Description: request.description,\n  });\n' +
          "  const made = toSnapshot(await callAws('CreateSnapshot', () => client.send(command)), region);\n" +
          '  await addTags(client, [made.id], request.tags);\n  return made;',
      },
    ],
    pack: 'calm',
    knobs: { consistency: 'volume' },
    from: 1,
    budget: 10,
  },
  {
    name: 'copy-in-the-source-region',
    why: 'copies with a client of the source region and trusts DestinationRegion, which EC2 ignores (boto3)',
    breaks: ['L2'],
    edits: [
      {
        file: 'packages/copier/src/create-handler.ts',
        find: 'target: cloud.snapshotStore(destination),',
        replace: 'target: source,',
      },
      {
        file: 'packages/copier/src/copy-snapshots.ts',
        find: 'assert(ports.target.region === destination, `ports of ${ports.target.region} for ${destination}`);',
        replace: '',
      },
    ],
    pack: 'calm',
    knobs: { instances: [2] },
    from: 1,
    budget: 10,
  },
  {
    name: 'event-trusted',
    why: 'copies what an event calls completed, though a Describe says that it is pending',
    breaks: ['L6'],
    edits: [
      {
        file: COPIES_PLAN,
        find: 'return wait(`${source.id} is still pending`);',
        replace: 'return planCompleted(input, source, point);',
      },
    ],
    pack: 'calm',
    knobs: {
      ec2: { snapshotDuration: { baseSeconds: 7_200, secondsPerGiB: 0, jitter: 0 } },
      planned: several('early-copy', 12, 1),
    },
    from: 1,
    budget: 10,
  },
  {
    name: 'failed-copy-is-a-copy',
    why: 'a copy that ended in error is taken for the copy that is owed, and the workflow is green',
    breaks: ['L2'],
    edits: [
      {
        file: COPIES_PLAN,
        find: "copies.find((copy) => copy.state === 'pending');",
        replace: "copies.find((copy) => copy.state !== 'completed');",
      },
    ],
    pack: 'calm',
    knobs: { chances: { 'copy-fails': 0.5 } },
    from: 1,
    budget: 10,
  },
  {
    name: 'no-reconciler',
    why: 'believes that every event arrives and every message is worked on',
    breaks: ['L1', 'L2'],
    edits: [
      {
        file: RECONCILE,
        find: 'if (messages.length > 0) await ports.volumes.send(messages);',
        replace: 'return;',
      },
      { file: RECONCILE, find: 'if (messages.length > 0) await queue.send(messages);', replace: '' },
    ],
    pack: 'calm',
    knobs: { chances: { 'event-lost': 0.4 } },
    from: 1,
    budget: 10,
  },
  {
    name: 'refused-entries-forgotten',
    why: 'does not look at Failed[] of a batch that SQS answered with 200',
    breaks: ['H4', 'L1', 'L2'],
    edits: [
      {
        file: SEND,
        find: '.filter(({ Id }) => !taken.has(Id))',
        replace: ".filter(({ Id }) => Id === '' && !taken.has(Id))",
      },
    ],
    pack: 'calm',
    knobs: { chances: { 'send-refused': 0.3 } },
    from: 1,
    budget: 10,
  },
  {
    name: 'busy-spends-receives',
    why: 'a quota or a throttle costs the message a receive, until it dies of it',
    breaks: ['L6', 'L1', 'L2'],
    edits: [
      {
        file: START,
        find: 'await outcomes.handBack(item, 0, `${code}: the next wake-up goes on`);',
        replace:
          'if (item.message.receiveCount >= 5) await outcomes.failed(item.message, error, subject);\n' +
          '    else await outcomes.handBack(item, 0, code);',
      },
      {
        file: HAND_BACK,
        find: 'if (message.receiveCount < maxReceiveCount - 1) {',
        replace: 'if (message.receiveCount > 0) {',
      },
    ],
    pack: 'calm',
    knobs: { chances: { throttle: 0.85 } },
    from: 1,
    budget: 20,
  },
  {
    name: 'goes-round-among-busy-volumes',
    why: 'ours, until the simulation found it: a pump received, refused and received the same messages again for hours',
    breaks: ['L5'],
    edits: [
      {
        file: 'packages/lambda-kit/src/pump/run-pump.ts',
        find: "if (onlyHandedBack && outcomes.turnedAwayAnew === turnedAway) return 'busy';",
        replace: '',
      },
    ],
    pack: 'calm',
    knobs: {
      ...BLOCKED,
      planned: [...several('all-fail', 1, 1), ...several('volume-moved', 2, 3), ...several('redrive', 3, 2)],
      chances: { 'tick-twice': 0.5, throttle: 0.15 },
    },
    from: 1,
    budget: 60,
  },
  {
    name: 'copies-the-snapshot-not-the-point',
    why: 'ours, until the simulation found it: a source that was deleted and made again was copied a second time',
    breaks: ['I1'],
    edits: [
      {
        file: COPIES_PLAN,
        find: 'return point.copiedFrom === source.region && pointKey(point) === pointKey(source);',
        replace:
          'return point.originalSnapshotId === source.snapshotId && pointKey(point) === pointKey(source);',
      },
    ],
    pack: 'calm',
    knobs: { planned: several('source-deleted', 4, 2) },
    from: 1,
    budget: 60,
  },
  {
    name: 'two-sources-in-a-batch',
    why: 'ours, until the simulation found it: two sources of one point, told in one batch, were copied side by side',
    breaks: ['I1'],
    edits: [{ file: 'packages/copier/src/start-copy.ts', find: 'makes: pointKey(plan.point),', replace: '' }],
    pack: 'calm',
    knobs: {
      instances: [1],
      slotEveryHours: 4,
      chaosHours: 5,
      ec2: { readLagMaxMs: 60_000, recycleBin: true },
      planned: [
        { kind: 'describe-denied', label: 'describe-denied/0', atMs: 6_400_000 },
        { kind: 'source-deleted', label: 'source-deleted/0', atMs: 7_900_000 },
        { kind: 'bin-restore', label: 'bin-restore/0', atMs: 16_200_000 },
      ],
    },
    from: 1,
    budget: 60,
  },
  {
    name: 'refuses-what-failed',
    why: 'ours, until the simulation found it: a refused plan kept failed snapshots too, so their volumes stayed busy',
    breaks: ['L1'],
    edits: [
      {
        file: 'packages/core/src/retention.ts',
        find: "decision.rule === 'failed' ? problem : refusal",
        replace: 'refusal',
      },
    ],
    pack: 'calm',
    knobs: {
      retentionDays: 30,
      keepMin: 2,
      instances: [1, 1],
      slotEveryHours: 6,
      chaosHours: 216,
      planned: several('policy-cut', 1, 165),
      chances: { 'snapshot-fails': 0.1 },
    },
    from: 1,
    budget: 20,
  },
  {
    name: 'failed-snapshots-stay',
    why: 'ours, until the simulation found it: EC2 counts a failed snapshot as in progress, so its volume stayed busy',
    breaks: ['L1'],
    edits: [
      {
        file: 'packages/core/src/retention-rules.ts',
        find: 'const FAILED_SOURCE_HOURS = 1;',
        replace: 'const FAILED_SOURCE_HOURS = 24;',
      },
    ],
    pack: 'calm',
    knobs: { ...BLOCKED, planned: several('all-fail', 1, 1), chaosHours: 4, healHours: 26 },
    from: 1,
    budget: 60,
  },
  {
    name: 'waits-for-a-queue-that-is-never-empty',
    why: 'ours, until the simulation found it: a copy whose event was lost was left alone whenever its queue held others',
    breaks: ['L2'],
    edits: [
      {
        file: 'packages/core/src/reconcile-back-off.ts',
        find: '(queued === 0 || boundary >= STEADY_MS)',
        replace: 'queued === 0',
      },
    ],
    pack: 'calm',
    knobs: {
      instances: [3, 2],
      slotEveryHours: 2,
      chances: { 'copy-fails': 0.25, 'event-lost': 0.6 },
      ec2: {
        copiesInFlightMax: 1,
        snapshotDuration: { baseSeconds: 1500, secondsPerGiB: 2, jitter: 1 },
        copyDuration: { baseSeconds: 600, secondsPerGiB: 5, jitter: 1 },
      },
    },
    from: 1,
    budget: 60,
  },
  {
    name: 'hands-back-to-death',
    why: 'hands a message back for later until SQS moves it away, as it was received too often',
    breaks: ['L6'],
    edits: [
      {
        file: HAND_BACK,
        find: 'if (message.receiveCount < maxReceiveCount - 1) {',
        replace: 'if (message.receiveCount > 0) {',
      },
    ],
    pack: 'calm',
    knobs: {
      planned: several('early-copy', 3, 1),
      ec2: { snapshotDuration: { baseSeconds: 14_400, secondsPerGiB: 0, jitter: 0.1 } },
    },
    from: 1,
    budget: 20,
  },
  {
    name: 'forgives-no-failed-copy',
    why: 'what has failed three times is given up for ever, also when its cause has been mended',
    breaks: ['L2'],
    edits: [
      {
        file: 'packages/core/src/reconcile.ts',
        find: 'attemptsForgiven: Math.max(0, failed - (COPY_ATTEMPTS_MAX - 1)),',
        replace: 'attemptsForgiven: 0,',
      },
    ],
    pack: 'calm',
    knobs: {
      retentionDays: 14,
      chaosHours: 60,
      healHours: 80,
      chances: { 'copy-fails': 1 },
    },
    from: 8,
    budget: 2,
  },
];
