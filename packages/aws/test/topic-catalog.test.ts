import { expect, test } from 'vitest';
import { createTopicCatalog } from '../src/topic-catalog.ts';
import { ok, scriptedAws } from './support/scripted-aws.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:smart-vault-notifications';
const page = (members: readonly (readonly [arn: string, endpoint: string])[], token = '') =>
  ok(
    `<ListSubscriptionsByTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListSubscriptionsByTopicResult><Subscriptions>${members
      .map(
        ([arn, endpoint]) =>
          `<member><SubscriptionArn>${arn}</SubscriptionArn><TopicArn>${TOPIC}</TopicArn><Protocol>email</Protocol><Endpoint>${endpoint}</Endpoint></member>`,
      )
      .join('')}</Subscriptions>${token}</ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
  );

test('subscriptions of every page; only those with an ARN are confirmed', async () => {
  const aws = scriptedAws(
    page(
      [
        [`${TOPIC}:1`, 'a@example.com'],
        ['PendingConfirmation', 'b@example.com'],
      ],
      '<NextToken>more</NextToken>',
    ),
    page([['Deleted', 'c@example.com']]),
  );

  expect(await createTopicCatalog(aws.connection()).listSubscriptions(TOPIC)).toEqual([
    { protocol: 'email', endpoint: 'a@example.com', confirmed: true },
    { protocol: 'email', endpoint: 'b@example.com', confirmed: false },
    { protocol: 'email', endpoint: 'c@example.com', confirmed: false },
  ]);
  expect(aws.requests.map(({ form }) => form?.['NextToken'])).toEqual([undefined, 'more']);
});

test('a topic that is not there is CONFIG', async () => {
  const body =
    '<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>m</Message></Error></ErrorResponse>';
  const aws = scriptedAws({ status: 404, body });

  await expect(createTopicCatalog(aws.connection()).listSubscriptions(TOPIC)).rejects.toMatchObject({
    code: 'CONFIG',
  });
});
