import { AppError, DEAD_LETTER_ATTRIBUTE } from '@smart-vault/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DeadLetterQueue, readDeadLetters } from '../src/index.ts';
import { createFakeLog, FakeClock, type FakeLog, FakeQueue } from './fakes.ts';

const SNAPSHOT = 'snap-0123456789abcdef0';
const letterAbout = (subject: string) => ({
  body: 'no JSON',
  attributes: { [DEAD_LETTER_ATTRIBUTE.subject]: subject, [DEAD_LETTER_ATTRIBUTE.code]: 'DENIED' },
});

let log: FakeLog;
let queue: FakeQueue;
let letters: DeadLetterQueue;
beforeEach(() => {
  log = createFakeLog();
  queue = new FakeQueue({ clock: new FakeClock() });
  letters = { name: 'copies-dlq', holds: 'copies', queue };
});

const visible = async (): Promise<number> => (await queue.depth()).visible;
const fill = (count: number) =>
  queue.send(Array.from({ length: count }, (_, index) => letterAbout(`snap-${index}`)));

describe('reading', () => {
  it('tells what a letter is about and leaves it where it is', async () => {
    await queue.send([letterAbout(`${SNAPSHOT} snap-2`)]);

    expect(await readDeadLetters([letters], log)).toEqual([
      { queue: 'copies-dlq', subjects: [SNAPSHOT, 'snap-2'], code: 'DENIED' },
    ]);
    expect(await visible()).toBe(1);
  });

  it('reads the ids in an event that SQS moved there by itself', async () => {
    const event = {
      source: 'aws.ec2',
      'detail-type': 'EBS Snapshot Notification',
      detail: { event: 'createSnapshot', snapshot_id: `arn:aws:ec2::us-east-1:snapshot/${SNAPSHOT}` },
    };
    await queue.send([{ body: JSON.stringify(event) }]);

    expect(await readDeadLetters([letters], log)).toMatchObject([{ subjects: [SNAPSHOT] }]);
  });

  it('reads all letters up to the limit, ten at a time', async () => {
    await fill(35);

    expect(await readDeadLetters([letters], log)).toHaveLength(35);
    expect(await readDeadLetters([letters], log, 25)).toHaveLength(25);
    expect(await visible()).toBe(35);
  });

  it('asks again after an empty answer, as SQS asks only some of its servers', async () => {
    await fill(3);
    const receive = queue.receive.bind(queue);
    let asked = 0;
    queue.receive = async (max) => {
      asked += 1;
      return asked === 1 ? [] : receive(max);
    };

    expect(await readDeadLetters([letters], log)).toHaveLength(3);
  });

  it('leaves out a queue that cannot be read, and reads the others', async () => {
    await fill(1);
    const broken = new FakeQueue({ clock: new FakeClock() });
    broken.before = () => {
      throw new AppError('DENIED', 'not authorized');
    };

    const found = await readDeadLetters([{ ...letters, name: 'broken', queue: broken }, letters], log);

    expect(found).toHaveLength(1);
    expect(log.lines).toEqual([
      {
        level: 'warn',
        event: 'dead-letters.unreadable',
        fields: { queue: 'broken', code: 'DENIED', cause: 'not authorized' },
      },
    ]);
  });
});
