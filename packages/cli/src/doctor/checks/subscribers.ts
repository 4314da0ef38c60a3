import { type DoctorFacts, isKnown } from '../facts.ts';
import type { Found } from '../finding.ts';

/** Topics of alarms that nobody confirmed: alarms and digests reach no one. */
export function unheardTopics(facts: DoctorFacts): readonly Found[] {
  return facts.regions.flatMap(({ region, topics, isSource, queues }) => {
    if (!isSource && isKnown(queues) && queues.value.length === 0) return [];
    const stack = isSource ? facts.vault : `${facts.vault}-${region}`;
    return topics.flatMap(({ arn, subscriptions }): readonly Found[] => {
      if (!isKnown(subscriptions)) {
        if (subscriptions.code !== 'CONFIG') return [];
        return [
          {
            severity: 'problem',
            region,
            what: `the topic ${arn} is missing`,
            means: 'Alarms and digests reach nobody.',
            fix: `pnpm exec cdk deploy ${stack}`,
          },
        ];
      }
      if (subscriptions.value.some(({ confirmed }) => confirmed)) return [];
      const pending = subscriptions.value.map(({ endpoint }) => endpoint);
      const subscribe =
        `aws sns subscribe --region ${region} --topic-arn ${arn} --protocol email ` +
        `--notification-endpoint ${pending[0] ?? 'you@example.com'}`;
      return [
        {
          severity: 'problem',
          region,
          what:
            pending.length === 0
              ? `nobody is subscribed to ${arn}`
              : `nobody has confirmed a subscription to ${arn}: ${pending.join(', ')} pending`,
          means: `Alarms of ${region}${isSource ? ' and digests of runs' : ''} reach nobody.`,
          fix:
            pending.length === 0
              ? `${subscribe}  (better: alertEmails in cdk.json), then click the link in the mail`
              : `Click the link in the mail "AWS Notification - Subscription Confirmation"; to have it sent again: ${subscribe}`,
        },
      ];
    });
  });
}
