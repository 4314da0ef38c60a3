import { expect, test } from 'vitest';
import { createNotifier } from '../src/notifier.ts';
import { ok, scriptedAws } from './support/scripted-aws.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:smart-vault-notifications';
const published = ok(
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>',
);

test('publishes to the topic', async () => {
  const aws = scriptedAws(published);

  await createNotifier({ ...aws.connection(), topicArn: TOPIC }).publish({
    subject: 'Smart Vault OK: 98 of 98 volumes',
    body: 'All good.\nSee you tomorrow.',
  });

  expect(aws.requests).toEqual([
    {
      method: 'POST',
      host: 'sns.us-east-1.amazonaws.com',
      path: '/',
      form: {
        Action: 'Publish',
        TopicArn: TOPIC,
        Subject: 'Smart Vault OK: 98 of 98 volumes',
        Message: 'All good.\nSee you tomorrow.',
      },
    },
  ]);
});

test.each([
  [404, 'NotFound', 'CONFIG'],
  [403, 'AuthorizationError', 'DENIED'],
  [400, 'KMSDisabled', 'DENIED'],
  [400, 'InvalidParameter', 'INVALID'],
])('HTTP %i %s is %s', async (status, awsCode, code) => {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${awsCode}</Code><Message>m</Message></Error></ErrorResponse>`;
  const aws = scriptedAws({ status, body });

  const publishing = createNotifier({ ...aws.connection(), topicArn: TOPIC }).publish({
    subject: 's',
    body: 'b',
  });

  await expect(publishing).rejects.toMatchObject({ code });
});

test('makes the subject and the body fit for SNS', async () => {
  const aws = scriptedAws(published);

  await createNotifier({ ...aws.connection(), topicArn: TOPIC }).publish({
    subject: 'a\r\nBcc: \u202ex',
    body: 'ü'.repeat(200_000),
  });

  const { Subject, Message = '' } = aws.requests[0]?.form ?? {};
  expect(Subject).toBe('a Bcc: ?x');
  expect(Buffer.byteLength(Message)).toBeLessThanOrEqual(262_144);
  expect(Message).toMatch(/^ü+\n\(cut: too long\)$/);
});
