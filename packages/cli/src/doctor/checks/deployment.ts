import { type DoctorFacts, isKnown, placeOf, type RegionFacts, sourceOf } from '../facts.ts';
import type { Found } from '../finding.ts';
import { forwardingQueue, plainQueues, workQueues } from '../names.ts';

/** EC2 may not show a snapshot for minutes; a message that comes back sooner makes it twice. */
const VISIBILITY_SECONDS_MIN = 360;
/** AWS asks for at least 5 below Lambda. */
const RECEIVES_MIN = 5;
const DEPLOY = 'Deploy the stacks again: pnpm exec cdk deploy --all';

/** Queues that are not there, or not as the stacks make them. */
export function wrongQueues(facts: DoctorFacts): readonly Found[] {
  const here = sourceOf(facts);
  if (!isKnown(here.queues)) return [];
  const byName = new Map(here.queues.value.map((queue) => [queue.name, queue]));
  const work = workQueues(placeOf(facts));
  const expected = [...work.flatMap(({ queue, dlq }) => [queue, dlq]), ...plainQueues(placeOf(facts))];
  const finding = (what: string, means: string): Found => ({
    severity: 'problem',
    region: here.region,
    what,
    means,
    fix: DEPLOY,
  });
  return [
    ...expected
      .filter((name) => !byName.has(name))
      .map((name) => finding(`the queue ${name} is missing`, 'What should go through it is lost.')),
    ...work.flatMap(({ queue, dlq }) => {
      const found = byName.get(queue);
      if (found === undefined) return [];
      const { redrive, visibilitySeconds } = found;
      return [
        ...(redrive?.deadLetterArn.endsWith(`:${dlq}`) === true && redrive.maxReceiveCount >= RECEIVES_MIN
          ? []
          : [
              finding(
                `failures of ${queue} go to ${redrive?.deadLetterArn ?? 'no queue'} after ${redrive?.maxReceiveCount ?? 0} tries; expected ${dlq} after ${RECEIVES_MIN}`,
                'Work that fails is lost without a letter, or given up too soon.',
              ),
            ]),
        ...(visibilitySeconds >= VISIBILITY_SECONDS_MIN || queue.endsWith('-reports')
          ? []
          : [
              finding(
                `messages of ${queue} stay hidden for ${visibilitySeconds} s; expected ${VISIBILITY_SECONDS_MIN} s at least`,
                'A message may come back before EC2 shows what was made of it, and make it a second time.',
              ),
            ]),
      ];
    }),
  ];
}

/** Destinations in which the vault is not deployed. */
export const undeployedDestinations = (facts: DoctorFacts): readonly Found[] =>
  facts.regions
    .filter((here) => !here.isSource && lacksQueue(facts, here))
    .map(({ region }) => ({
      severity: 'problem',
      region,
      what: `the vault is not deployed in ${region}: its queue ${forwardingQueue(facts.vault, region)} is missing`,
      means:
        'The end of copies is not forwarded from there, so copies go on only every five minutes; nobody is told of failures there.',
      fix: `pnpm exec cdk deploy ${facts.vault}-${region}`,
    }));

const lacksQueue = ({ vault }: DoctorFacts, { queues, region }: RegionFacts): boolean =>
  isKnown(queues) && !queues.value.some(({ name }) => name === forwardingQueue(vault, region));

/** Other vaults that look at the same instances. */
export function otherVaults({ otherVaults: others, source, vault }: DoctorFacts): readonly Found[] {
  if (!isKnown(others) || others.value.length === 0) return [];
  return [
    {
      severity: 'warning',
      region: source,
      what: `there are other vaults in ${source}: ${others.value.join(', ')}`,
      means:
        'Each backs up every instance with backup=true: snapshots are made and paid for more than once, and share quotas.',
      fix: `Destroy the one that is not meant, or accept it. To look at it: doctor --vault ${others.value[0] ?? vault}`,
    },
  ];
}
