import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNotifier } from '../src/notifier.ts';
import { BODY_BYTES_MAX, snsBody, snsSubject } from '../src/sns-text.ts';
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

describe('a subject', () => {
  test.each([
    ['plain', 'Smart Vault OK', 'Smart Vault OK'],
    ['line breaks', 'a\r\nBcc: x\tb', 'a Bcc: x b'],
    ['characters beyond ASCII', 'Grün 🚀', 'Gr?n ?'],
    ['a bidirectional override', 'a\u202eb', 'a b'],
    ['nothing but blanks', ' \n ', 'Smart Vault'],
    ['100 characters', 'x'.repeat(100), 'x'.repeat(99)],
  ])('of %s is made fit', (_, text, fit) => {
    expect(snsSubject(text)).toBe(fit);
  });

  test('is always one that SNS takes', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(snsSubject(text)).toMatch(/^[!-~]([ -~]{0,97}[!-~])?$/);
      }),
    ));
});

describe('a body', () => {
  test('of exactly the limit is left alone', () => {
    const text = 'ü'.repeat(BODY_BYTES_MAX / 2);

    expect(snsBody(text)).toBe(text);
  });

  test('beyond the limit is cut between characters, and says how much is missing', () => {
    const text = 'ü'.repeat(100);

    const body = snsBody(text, 80);

    const [kept = '', note] = body.split('\n');
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(80);
    expect(kept).toMatch(/^ü+$/);
    expect(note).toBe(`[${200 - Buffer.byteLength(kept)} of 200 bytes left out: too long for one message]`);
  });

  test('has no control characters but line breaks and tabs', () => {
    expect(snsBody('a\u0000b\u001b[31mc\r\nd\te\u0085\ud800')).toBe('a b [31mc\nd\te \ufffd');
  });

  test('is never empty', () => {
    expect(snsBody(' \n')).toBe('(no text)');
  });

  test('always fits, and keeps the beginning of the text', () =>
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 500 }),
        fc.integer({ min: 80, max: 400 }),
        (text, max) => {
          const body = snsBody(`x${text}`, max);

          expect(Buffer.byteLength(body)).toBeLessThanOrEqual(max);
          expect(body.startsWith('x')).toBe(true);
          expect(body.isWellFormed()).toBe(true);
        },
      ),
    ));
});
