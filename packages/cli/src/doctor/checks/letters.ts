import { count } from '../../terminal/words.ts';
import { type DoctorFacts, known } from '../facts.ts';
import type { Found } from '../finding.ts';

/** Dead letters that wait for somebody, in every region. */
export function waitingLetters(facts: DoctorFacts): readonly Found[] {
  const here = known(facts.letters, []).map(({ queue, letters, source }) => ({ queue, letters, source }));
  const forwarding = facts.regions
    .filter(({ isSource }) => !isSource)
    .flatMap(({ queues }) => known(queues, []))
    .map((queue) => ({ queue, letters: queue.depth.visible + queue.depth.inFlight, source: null }));
  return [...here, ...forwarding]
    .filter(({ letters }) => letters > 0)
    .map(({ queue, letters, source }) => ({
      severity: 'problem',
      region: queue.region,
      what: `${count(letters, 'dead letter')} in ${queue.name}`,
      means:
        source === null
          ? 'Events or jobs could not be delivered. The reconciler makes up for what they should have caused, but not for their cause.'
          : 'Snapshots, copies or reports failed for good, and nobody tries them again.',
      fix:
        source === null
          ? lookAt(queue.url, queue.region)
          : 'smart-vault dlq list ; once the cause is gone: smart-vault dlq redrive',
    }));
}

const lookAt = (url: string, region: string): string =>
  `aws sqs receive-message --region ${region} --queue-url ${url} --message-attribute-names All ; once the cause is gone: aws sqs purge-queue --region ${region} --queue-url ${url}`;
