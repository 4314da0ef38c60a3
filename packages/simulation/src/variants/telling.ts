// biome-ignore-all lint/suspicious/noTemplateCurlyInString: edits are pieces of source text
import { AGEING, several, type Variant } from './variant.ts';

const SUMMARY = 'packages/core/src/run-summary.ts';
const DIGEST = 'packages/core/src/run-digest.ts';
const REPORT = 'packages/reporter/src/report-run.ts';
const METRICS = 'packages/core/src/run-metrics.ts';
const NOTIFIER = 'packages/aws/src/notifier.ts';

/** What people are told. */
export const TELLING_VARIANTS: readonly Variant[] = [
  {
    name: 'failures-swallowed',
    why: 'answers that all is done whatever happened: what a handler that returns nothing tells Lambda',
    breaks: ['H4'],
    edits: [
      {
        file: 'packages/lambda-kit/src/queue-worker.ts',
        find: 'batchItemFailures.push({ itemIdentifier: message.id });',
        replace: '',
      },
    ],
    pack: 'calm',
    knobs: { chances: { 'server-error': 0.4 } },
    from: 1,
    budget: 20,
  },
  {
    name: 'pending-is-protected',
    why: 'the report calls good what is still pending',
    breaks: ['H1'],
    edits: [{ file: SUMMARY, find: "return { state: 'pending' };", replace: "return { state: 'good' };" }],
    pack: 'calm',
    knobs: { ec2: { copyDuration: { baseSeconds: 3_600, secondsPerGiB: 0, jitter: 0 } } },
    from: 1,
    budget: 10,
  },
  {
    name: 'subject-as-it-comes',
    why: 'a name of the customer goes into the subject as it is, and SNS refuses the message',
    breaks: ['H4'],
    edits: [
      {
        file: DIGEST,
        find: 'return { subject: subjectText(title), body:',
        replace: "return { subject: `${title} ${assessment.volumes[0]?.instanceName ?? ''}`, body:",
      },
      { file: NOTIFIER, find: 'Subject: subjectText(subject)', replace: 'Subject: subject' },
      { file: 'packages/core/src/run-facts.ts', find: "oneLine(tags['Name'], 60)", replace: "tags['Name']" },
    ],
    pack: 'calm',
    knobs: { conditions: ['odd-names'] },
    from: 1,
    budget: 10,
  },
  {
    name: 'letters-without-a-cause',
    why: 'a message dies, and nobody learns why',
    breaks: ['H3'],
    edits: [
      {
        file: 'packages/lambda-kit/src/pump/dead-letter.ts',
        find: 'const letter = { body: death.body, attributes };',
        replace:
          "const letter = { body: death.body, attributes: { [DEAD_LETTER_ATTRIBUTE.failedAt]: attributes[DEAD_LETTER_ATTRIBUTE.failedAt] ?? '' } };",
      },
    ],
    pack: 'calm',
    knobs: { planned: several('poison-message', 2, 2) },
    from: 1,
    budget: 10,
  },
  {
    name: 'letters-are-dropped',
    why: 'deletes what cannot be done, and leaves no letter: nobody ever learns of it',
    breaks: ['L4'],
    edits: [
      {
        file: 'packages/lambda-kit/src/pump/dead-letter.ts',
        find: 'await queues.deadLetters.send([letterOf(queues.deadLetters, message, death, now)]);',
        replace: 'letterOf(queues.deadLetters, message, death, now);',
      },
    ],
    pack: 'calm',
    knobs: { planned: several('poison-message', 2, 2) },
    from: 1,
    budget: 10,
  },
  {
    name: 'deletes-before-it-sends',
    why: 'what is handed back for the last time is deleted first, and sent anew after that: a crash in between loses it',
    breaks: ['L4'],
    edits: [
      {
        file: 'packages/lambda-kit/src/pump/hand-back.ts',
        find: 'await queue.send([freshCopy(queue, message, delaySeconds)]);\n  await queue.delete(message);',
        replace:
          'await queue.delete(message);\n  await queue.send([freshCopy(queue, message, delaySeconds)]);',
      },
    ],
    pack: 'tight',
    knobs: { instances: [2, 2, 2] },
    from: 1,
    budget: 20,
  },
  {
    name: 'handed-back-is-gone',
    why: 'deletes what it has just handed back',
    breaks: ['L4'],
    edits: [
      {
        file: 'packages/lambda-kit/src/pump/hand-back.ts',
        find: 'await queue.changeVisibility(message, Math.min(delaySeconds, VISIBILITY_MAX));',
        replace:
          'await queue.changeVisibility(message, Math.min(delaySeconds, VISIBILITY_MAX));\n    await queue.delete(message);',
      },
    ],
    pack: 'tight',
    knobs: { instances: [2, 2, 2] },
    from: 1,
    budget: 20,
  },
  {
    name: 'never-failed',
    why: 'calls a run PARTIAL of which not one snapshot was made',
    breaks: ['H1'],
    edits: [
      {
        file: SUMMARY,
        find: "return counts.good === 0 ? 'FAILED' : 'PARTIAL';",
        replace: "return 'PARTIAL';",
      },
    ],
    pack: 'calm',
    knobs: { planned: several('all-fail', 1, 3) },
    from: 1,
    budget: 10,
  },
  {
    name: 'told-twice',
    why: 'sends each digest twice',
    breaks: ['H4'],
    edits: [
      {
        file: REPORT,
        find: 'await ports.notifier.publish(renderDigest(assessment, notes));',
        replace:
          'const digest = renderDigest(assessment, notes);\n  await ports.notifier.publish(digest);\n  await ports.notifier.publish(digest);',
      },
    ],
    pack: 'calm',
    from: 1,
    budget: 10,
  },
  {
    name: 'see-the-logs',
    why: 'gives one and the same reason for everything',
    breaks: ['H1'],
    edits: [
      {
        file: DIGEST,
        find: "return `${state}${why === '' ? '' : `: ${oneLine(why, REASON_MAX)}`}`;",
        replace: "return why === '' ? state : `${state}: see the logs`;",
      },
    ],
    pack: 'calm',
    knobs: { planned: several('all-fail', 1, 3) },
    from: 1,
    budget: 10,
  },
  {
    name: 'refused-is-deleted',
    why: 'lists deletions that failed among those that are done (cloud-custodian)',
    breaks: ['H1'],
    edits: [
      {
        file: 'packages/pruner/src/delete-snapshots.ts',
        find: "error === undefined ? outcomeOf(decision, 'deleted', decision.reason) : failedOutcome(decision, error);",
        replace:
          "error === undefined || error ? outcomeOf(decision, 'deleted', decision.reason) : failedOutcome(decision, error);",
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, chances: { 'server-error': 0.3 } },
    from: 1,
    budget: 20,
  },
  {
    name: 'selected-is-created',
    why: 'counts what it wanted to snapshot: the alarm for silence never rings',
    breaks: ['H1'],
    edits: [
      {
        file: METRICS,
        find: "{ name: 'SnapshotsCreated', value: counts.good, unit: 'Count' },",
        replace: "{ name: 'SnapshotsCreated', value: counts.selected, unit: 'Count' },",
      },
    ],
    pack: 'calm',
    knobs: { planned: several('all-fail', 1, 3) },
    from: 1,
    budget: 10,
  },
  {
    name: 'nothing-is-unprotected',
    why: 'tells CloudWatch that all is protected, whatever is missing',
    breaks: ['H1'],
    edits: [{ file: METRICS, find: 'value: counts.selected - counts.protected', replace: 'value: 0' }],
    pack: 'calm',
    knobs: { planned: several('all-fail', 1, 3) },
    from: 1,
    budget: 10,
  },
  {
    name: 'wanted-is-copied',
    why: 'counts the copies that are owed as completed',
    breaks: ['H1'],
    edits: [
      {
        file: METRICS,
        find: "{ name: 'CopiesCompleted', value: counts.copiesGood, unit: 'Count' },",
        replace: "{ name: 'CopiesCompleted', value: counts.copiesExpected, unit: 'Count' },",
      },
    ],
    pack: 'calm',
    knobs: { planned: several('all-fail', 1, 3) },
    from: 1,
    budget: 10,
  },
  {
    name: 'selected-is-what-worked',
    why: 'counts as selected what has a good snapshot: the others are in no number',
    breaks: ['H1'],
    edits: [
      {
        file: METRICS,
        find: "{ name: 'VolumesSelected', value: counts.selected, unit: 'Count' },",
        replace: "{ name: 'VolumesSelected', value: counts.good, unit: 'Count' },",
      },
    ],
    pack: 'calm',
    knobs: { planned: several('all-fail', 1, 3) },
    from: 1,
    budget: 10,
  },
  {
    name: 'copies-look-young',
    why: 'counts the age of a copy from its own start, and not from the instant whose data it holds',
    breaks: ['H1'],
    edits: [
      {
        file: 'packages/core/src/run-facts.ts',
        find: 'return newest === undefined ? {} : { newestPointAt: newest.point.startedAt };',
        replace: 'return newest === undefined ? {} : { newestPointAt: newest.snapshot.startedAt };',
      },
    ],
    pack: 'calm',
    knobs: { ec2: { snapshotDuration: { baseSeconds: 1_800, secondsPerGiB: 0, jitter: 0 } } },
    from: 1,
    budget: 10,
  },
  {
    name: 'age-of-the-youngest',
    why: 'tells the age of the best volume, and not of the worst: RpoBreached never rings for one alone',
    breaks: ['H1'],
    edits: [
      {
        file: METRICS,
        find: 'ages.reduce((max, each) => Math.max(max, each), 0) / 1_000',
        replace: 'ages.reduce((min, each) => Math.min(min, each), ages[0] ?? 0) / 1_000',
      },
    ],
    pack: 'lossy',
    from: 1,
    budget: 40,
  },
  {
    name: 'copies-are-never-old',
    why: 'tells that every copy is of now: RpoBreached never rings when copies have stopped',
    breaks: ['H1'],
    edits: [
      {
        file: METRICS,
        find: 'age(newestPointAt, isUnreadable ? undefined : owedSince);',
        replace: 'isUnreadable || newestPointAt || owedSince ? 0 : 1;',
      },
    ],
    pack: 'calm',
    from: 1,
    budget: 10,
  },
  {
    name: 'never-ok',
    why: 'calls every run PARTIAL, and people stop reading',
    breaks: ['H1'],
    edits: [{ file: SUMMARY, find: 'counts.protected === counts.selected', replace: 'counts.protected < 0' }],
    pack: 'calm',
    from: 1,
    budget: 10,
  },
  {
    name: 'no-metrics',
    why: 'never tells CloudWatch anything: NoSnapshotsCreated rings for ever, and nobody believes it',
    breaks: ['H2'],
    edits: [
      {
        file: REPORT,
        find: 'await ports.metrics.put(runMetrics(assessment), ports.clock.now());',
        replace: 'runMetrics(assessment);',
      },
    ],
    pack: 'calm',
    from: 1,
    budget: 10,
  },
  {
    name: 'only-bad-news',
    why: 'sends no digest of a run that went well: silence could be either',
    breaks: ['H4'],
    edits: [
      {
        file: REPORT,
        find: 'await ports.notifier.publish(renderDigest(assessment, notes));',
        replace: "if (status !== 'OK') await ports.notifier.publish(renderDigest(assessment, notes));",
      },
    ],
    pack: 'calm',
    from: 1,
    budget: 10,
  },
  {
    name: 'mail-says-ok',
    why: 'the mail is headed OK whatever it says below: nobody reads on',
    breaks: ['H1'],
    edits: [{ file: DIGEST, find: '${STATUS_TEXT[assessment.status]}:', replace: '${STATUS_TEXT.OK}:' }],
    pack: 'calm',
    knobs: { planned: several('all-fail', 1, 3) },
    from: 1,
    budget: 10,
  },
  {
    name: 'mail-names-nobody',
    why: 'the mail counts what is not protected, and does not say which volumes these are, or why',
    breaks: ['H1'],
    edits: [
      {
        file: DIGEST,
        find: '...problemSection(assessment.volumes.filter(isOwedAndUnprotected)),',
        replace:
          '...problemSection(assessment.volumes.filter((each) => isOwedAndUnprotected(each) && !each.volumeId)),',
      },
    ],
    pack: 'calm',
    knobs: { planned: several('all-fail', 1, 3) },
    from: 1,
    budget: 10,
  },
  {
    name: 'mail-without-reasons',
    why: 'the mail names volumes, and not what keeps them from being protected',
    breaks: ['H1'],
    edits: [
      {
        file: DIGEST,
        find: "return `${state}${why === '' ? '' : `: ${oneLine(why, REASON_MAX)}`}`;",
        replace: 'return why === undefined ? state : state;',
      },
    ],
    pack: 'calm',
    knobs: { planned: several('all-fail', 1, 3) },
    from: 1,
    budget: 10,
  },
  {
    name: 'reports-at-once',
    why: 'reports a run at its first look, whatever is still under way',
    breaks: ['H1'],
    edits: [{ file: SUMMARY, find: "return 'IN_PROGRESS';", replace: "return 'PARTIAL';" }],
    pack: 'calm',
    from: 1,
    budget: 10,
  },
  {
    name: 'refuses-in-silence',
    why: 'the pruner refuses a plan, and counts nothing that would ring',
    breaks: ['H5'],
    edits: [
      {
        file: 'packages/pruner/src/prune-snapshots.ts',
        find: "ports.count('PruneRefused', plan.refusals.length > 0 ? 1 : 0);",
        replace: '',
      },
    ],
    pack: 'calm',
    knobs: {
      instances: [1, 1],
      destinations: 1,
      slotEveryHours: 6,
      chaosHours: 216,
      planned: several('policy-cut', 1, 165),
    },
    from: 1,
    budget: 10,
  },
  {
    name: 'denied-in-silence',
    why: 'the pruner may not delete, says so in its log only, and EC2 fills up',
    breaks: ['H5'],
    edits: [
      {
        file: 'packages/pruner/src/prune-snapshots.ts',
        find: "ports.count('RecordsFailed', failuresIn(inputs, outcomes));",
        replace: "ports.count('RecordsFailed', unreadableIn(inputs).length);",
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, planned: several('delete-denied', 4, 12) },
    from: 1,
    budget: 10,
  },
  {
    name: 'metric-of-another-name',
    why: 'counts what fails in a metric that no alarm looks at',
    breaks: ['H5'],
    edits: [
      {
        file: 'packages/lambda-kit/src/wake-up-handler.ts',
        find: "if (failed > 0) context.count('RecordsFailed', failed);",
        replace: "if (failed > 0) context.count('RecordFailures', failed);",
      },
    ],
    pack: 'calm',
    knobs: { planned: several('poison-message', 3, 2) },
    from: 1,
    budget: 10,
  },
];
