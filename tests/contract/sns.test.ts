import { PublishCommand } from '@aws-sdk/client-sns';
import { afterAll, describe, expect, it } from 'vitest';
import { codeOf } from './queue-calls.ts';
import { openSides } from './sides.ts';

const sides = await openSides();
afterAll(() => Promise.all(sides.map((side) => side.close())));

describe.each(sides)('a topic of $name', (side) => {
  it('takes messages, and answers each with an id of its own', async () => {
    const TopicArn = await side.createTopic('digests');
    const input = { TopicArn, Subject: 'Backup OK: 12 of 12 Datenträger', Message: 'All is well.\nReally.' };

    const first = await side.sns.send(new PublishCommand(input));
    const second = await side.sns.send(new PublishCommand(input));

    expect(first.MessageId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(second.MessageId).not.toBe(first.MessageId);
  });

  it.each([
    ['as long as it may be', { Message: 'ä'.repeat(131_072) }, 'taken'],
    ['that is too long', { Message: `${'ä'.repeat(131_072)}a` }, 'InvalidParameterException'],
    ['that is empty', { Message: '' }, 'InvalidParameterException'],
    [
      'for a topic that is not there',
      { TopicArn: 'arn:aws:sns:us-east-1:000000000000:no' },
      'NotFoundException',
    ],
  ])('answers a message %s', async (_, input, code) => {
    const TopicArn = await side.createTopic('limits');

    const command = new PublishCommand({ TopicArn, Message: 'm', ...input });

    expect(await codeOf(side.sns.send(command))).toBe(code);
  });
});
