import { describe, expect, it } from 'vitest';
import {
  type DeadLetter,
  type DeliveryResult,
  type ScheduleCall,
  type ScheduleSpec,
  Schedules,
  VirtualClock,
} from '../../src/index.ts';

const START = Date.UTC(2026, 10, 22, 0, 0, 30);
const HOUR_MS = 3_600_000;
const LAMBDA = 'arn:aws:lambda:us-east-1:000000000000:function:scheduler';
const DLQ_ARN = 'arn:aws:sqs:us-east-1:000000000000:jobs-dlq';

function aSchedule(
  overrides: Partial<Omit<ScheduleSpec, 'target'>> & { target?: Partial<ScheduleSpec['target']> } = {},
): ScheduleSpec {
  const { target, ...rest } = overrides;
  return {
    name: 'backup',
    arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/backup',
    region: 'us-east-1',
    expression: 'cron(0 3 * * ? *)',
    timeZone: 'UTC',
    state: 'ENABLED',
    ...rest,
    target: { arn: LAMBDA, input: '{"slot":"<aws.scheduler.scheduled-time>"}', ...target },
  };
}

function aWorld(
  answer: (call: ScheduleCall) => DeliveryResult = () => ({ kind: 'delivered' }),
  jitterMaxMs = 0,
) {
  const clock = new VirtualClock(START);
  const calls: (ScheduleCall & { at: number })[] = [];
  const letters: DeadLetter[] = [];
  const schedules = new Schedules({
    clock,
    seed: 7,
    jitterMaxMs,
    invoke(call) {
      calls.push({ ...call, at: clock.now() });
      return answer(call);
    },
    deadLetter: (letter) => void letters.push(letter),
  });
  return { clock, schedules, calls, letters };
}

const failing: DeliveryResult = {
  kind: 'failed',
  code: 'AWS.Scheduler.Throttled',
  message: 'slow down',
  retriable: true,
};

describe('a schedule', () => {
  it('invokes its target at each of its times, with the time in its input', () => {
    const { clock, schedules, calls } = aWorld();
    schedules.add(aSchedule());

    clock.advanceTo(START + 48 * HOUR_MS);

    expect(calls.map(({ kind, body, at }) => [kind, body, at])).toEqual([
      ['lambda', '{"slot":"2026-11-22T03:00:00Z"}', Date.UTC(2026, 10, 22, 3)],
      ['lambda', '{"slot":"2026-11-23T03:00:00Z"}', Date.UTC(2026, 10, 23, 3)],
    ]);
  });

  it('fills in every context attribute', () => {
    const { clock, schedules, calls } = aWorld();
    const input = '<aws.scheduler.schedule-arn> <aws.scheduler.execution-id> <aws.scheduler.attempt-number>';
    schedules.add(aSchedule({ target: { input } }));

    clock.advanceTo(START + 24 * HOUR_MS);

    const [arn, executionId, attempt] = (calls[0]?.body ?? '').split(' ');
    expect([arn, attempt]).toEqual(['arn:aws:scheduler:us-east-1:000000000000:schedule/default/backup', '1']);
    expect(executionId).toMatch(/^[0-9a-f]{16}$/);
  });

  it('keeps the scheduled time within a flexible window and after a retry, but not the execution id', () => {
    const { clock, schedules, calls } = aWorld(({ attempt }) =>
      attempt < 3 ? failing : { kind: 'delivered' },
    );
    schedules.add(aSchedule({ flexibleWindowMinutes: 30 }));

    clock.advanceTo(START + 24 * HOUR_MS);

    const due = Date.UTC(2026, 10, 22, 3);
    expect(calls).toHaveLength(3);
    expect(calls[0]?.at).toBeGreaterThan(due);
    expect(calls[0]?.at).toBeLessThan(due + 30 * 60_000);
    expect(new Set(calls.map(({ body }) => body))).toEqual(new Set(['{"slot":"2026-11-22T03:00:00Z"}']));
    expect(new Set(calls.map(({ executionId }) => executionId)).size).toBe(3);
  });

  it('runs within the minute when there is jitter', () => {
    const { clock, schedules, calls } = aWorld(undefined, 59_000);
    schedules.add(aSchedule());

    clock.advanceTo(START + 10 * 24 * HOUR_MS);

    const late = calls.map(({ at, scheduledMs }) => at - scheduledMs);
    expect(late).toHaveLength(10);
    expect(Math.max(...late)).toBeLessThan(59_000);
    expect(new Set(late).size).toBeGreaterThan(5);
  });

  it('sends to a queue with its message group', () => {
    const { clock, schedules, calls } = aWorld();
    const arn = 'arn:aws:sqs:us-east-1:000000000000:wakeups.fifo';
    schedules.add(aSchedule({ expression: 'rate(5 minutes)', target: { arn, messageGroupId: 'us-east-1' } }));

    clock.advanceTo(START + 600_000);

    expect(calls.map(({ kind, at }) => [kind, at])).toEqual([
      ['sqs', START],
      ['sqs', START + 300_000],
      ['sqs', START + 600_000],
    ]);
    expect(calls[0]?.schedule.target.messageGroupId).toBe('us-east-1');
  });

  it('does nothing when disabled or removed', () => {
    const { clock, schedules, calls } = aWorld();
    schedules.add(aSchedule({ state: 'DISABLED' }));
    const other = aSchedule({
      name: 'other',
      arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/other',
    });
    schedules.add(other);
    schedules.remove(other.arn);

    clock.advanceTo(START + 48 * HOUR_MS);

    expect(calls).toEqual([]);
    expect(schedules.list().map(({ name }) => name)).toEqual(['backup']);
  });

  it('writes what could not be delivered to its dead-letter queue', () => {
    const { clock, schedules, calls, letters } = aWorld(() => failing);
    const retry = { maximumRetryAttempts: 1, maximumEventAgeSeconds: 86_400 };
    schedules.add(aSchedule({ target: { deadLetterArn: DLQ_ARN, retry } }));

    clock.advanceTo(START + 4 * HOUR_MS);

    expect(calls).toHaveLength(2);
    expect(letters).toEqual([
      {
        queueArn: DLQ_ARN,
        body: '{"slot":"2026-11-22T03:00:00Z"}',
        attributes: {
          ERROR_CODE: 'AWS.Scheduler.Throttled',
          ERROR_MESSAGE: 'slow down',
          EXECUTION_ID: calls[1]?.executionId,
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
          IS_PAYLOAD_TRUNCATED: 'false',
          RETRY_ATTEMPTS: '1',
          SCHEDULED_TIME: '2026-11-22T03:00:00Z',
          SCHEDULE_ARN: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/backup',
          TARGET_ARN: LAMBDA,
        },
      },
    ]);
  });

  it.each([
    [
      aSchedule({ target: { arn: 'arn:aws:sns:us-east-1:000000000000:topic' } }),
      /this model knows lambda and sqs/,
    ],
    [
      aSchedule({ target: { arn: 'arn:aws:sqs:us-east-1:0:a.fifo' } }),
      /without SqsParameters\.MessageGroupId/,
    ],
    [aSchedule({ target: { deadLetterArn: `${DLQ_ARN}.fifo` } }), /FIFO dead-letter queue/],
    [aSchedule({ flexibleWindowMinutes: 0 }), /flexible window of 0 minutes/],
  ])('is refused: %j', (spec, message) => {
    const { schedules } = aWorld();

    expect(() => schedules.add(spec)).toThrow(message);
  });

  it('is refused when it is there already', () => {
    const { schedules } = aWorld();
    schedules.add(aSchedule());

    expect(() => schedules.add(aSchedule())).toThrow(/is there twice/);
  });
});
