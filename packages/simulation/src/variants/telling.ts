// biome-ignore-all lint/suspicious/noTemplateCurlyInString: edits are pieces of source text
import { AGEING, several, type Variant } from './variant.ts';

const SUMMARY = 'packages/core/src/run-summary.ts';
const DIGEST = 'packages/core/src/run-digest.ts';
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
];
