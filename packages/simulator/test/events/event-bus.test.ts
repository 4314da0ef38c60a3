import { describe, expect, it } from 'vitest';
import {
  type BusOutcome,
  type DeadLetter,
  type DeliveryResult,
  EventBuses,
  type TargetCall,
  VirtualClock,
} from '../../src/index.ts';
import { anEvent, aRule, aTarget, DLQ_ARN, QUEUE_ARN, START } from './builders.ts';

const DAY_MS = 86_400_000;
const BUS_ARN = (region: string): string => `arn:aws:events:${region}:000000000000:event-bus/default`;

function aWorld(
  answer: (call: TargetCall) => DeliveryResult | Promise<DeliveryResult> = () => ({ kind: 'delivered' }),
) {
  const clock = new VirtualClock(START);
  const calls: (TargetCall & { at: number })[] = [];
  const letters: (DeadLetter & { at: number })[] = [];
  const outcomes: BusOutcome[] = [];
  const buses = new EventBuses({
    clock,
    seed: 7,
    accountId: '000000000000',
    deliver(call) {
      calls.push({ ...call, at: clock.now() });
      return answer(call);
    },
    deadLetter: (letter) => void letters.push({ ...letter, at: clock.now() }),
    onOutcome: (outcome) => void outcomes.push(outcome),
  });
  return { clock, buses, calls, letters, outcomes };
}

const throttled: DeliveryResult = {
  kind: 'failed',
  code: 'THROTTLING',
  message: 'slow down',
  retriable: true,
};
const denied: DeliveryResult = { kind: 'failed', code: 'NO_PERMISSIONS', message: 'no', retriable: false };

describe('an event bus', () => {
  it('hands a matching event to every target of every matching rule', () => {
    const { clock, buses, calls } = aWorld();
    buses.putRule(aRule({ name: 'one', targets: [aTarget({ id: 'A' }), aTarget({ id: 'B', input: '{}' })] }));
    buses.putRule(
      aRule({ name: 'two', targets: [aTarget({ id: 'C', arn: `${QUEUE_ARN}.fifo`, messageGroupId: 'g' })] }),
    );
    buses.putRule(aRule({ name: 'other', pattern: { source: ['aws.s3'] } }));
    buses.putRule(aRule({ name: 'off', state: 'DISABLED' }));

    buses.bus('us-east-1').putEvent(anEvent());
    clock.advanceTo(START + 1_000);

    expect(calls.map(({ target, body }) => [target.id, body])).toEqual([
      ['A', JSON.stringify(anEvent())],
      ['B', '{}'],
      ['C', JSON.stringify(anEvent())],
    ]);
    expect(calls[2]?.target.messageGroupId).toBe('g');
  });

  it('switches a rule off and on again', () => {
    const { clock, buses, calls } = aWorld();
    buses.putRule(aRule({ name: 'one' }));
    const bus = buses.bus('us-east-1');
    const put = (): void => {
      bus.putEvent(anEvent());
      clock.advanceTo(clock.now() + 1_000);
    };

    bus.setRuleState('one', 'DISABLED');
    put();
    expect(calls).toEqual([]);
    bus.setRuleState('one', 'ENABLED');
    put();
    expect(calls).toHaveLength(1);
    expect(() => bus.setRuleState('two', 'ENABLED')).toThrow('there is no rule two');
  });

  it('keeps to its own region', () => {
    const { clock, buses, calls } = aWorld();
    buses.putRule(aRule());

    buses.bus('eu-west-1').putEvent(anEvent());
    clock.advanceTo(START + DAY_MS);

    expect(calls).toEqual([]);
  });

  it.each([
    [aTarget({ arn: 'arn:aws:sns:us-east-1:000000000000:topic' }), /known are sqs, lambda, events/],
    [aTarget({ arn: 'arn:aws:sqs:eu-west-1:000000000000:work' }), /another region that is no event bus/],
    [aTarget({ arn: BUS_ARN('us-east-1') }), /forwards to a bus of its own region/],
    [aTarget({ arn: `${QUEUE_ARN}.fifo` }), /without SqsParameters\.MessageGroupId/],
    [aTarget({ deadLetterArn: `${DLQ_ARN}.fifo` }), /FIFO dead-letter queue/],
    [
      aTarget({ deadLetterArn: DLQ_ARN.replace('us-east-1', 'eu-west-1') }),
      /dead-letter queue in another region/,
    ],
    [aTarget({ input: '{}', inputPath: '$.detail' }), /more than one kind of input/],
  ])('refuses the target %j', (target, message) => {
    const { buses } = aWorld();

    expect(() => buses.putRule(aRule({ targets: [target] }))).toThrow(message);
  });

  it('refuses a sixth target and an unknown operator', () => {
    const { buses } = aWorld();

    const six = Array.from({ length: 6 }, (_, at) => aTarget({ id: `T${at}` }));
    expect(() => buses.putRule(aRule({ targets: six }))).toThrow(/more than 5 targets/);
    expect(() => buses.putRule(aRule({ pattern: { source: [{ like: 'x' }] } }))).toThrow(
      /unknown operator "like"/,
    );
  });
});

describe('a failed delivery', () => {
  it('is tried again, later each time, until it works', () => {
    const { clock, buses, calls, letters } = aWorld(({ attempt }) =>
      attempt < 4 ? throttled : { kind: 'delivered' },
    );
    buses.putRule(aRule({ targets: [aTarget({ deadLetterArn: DLQ_ARN })] }));

    buses.bus('us-east-1').putEvent(anEvent());
    clock.advanceTo(START + DAY_MS);

    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    const waits = calls.slice(1).map(({ at }, index) => at - (calls[index]?.at ?? 0));
    expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
    expect(waits[2]).toBeGreaterThan(waits[1] ?? 0);
    expect(letters).toEqual([]);
  });

  it('goes to the dead-letter queue at once when a retry cannot help', () => {
    const { clock, buses, calls, letters } = aWorld(() => denied);
    buses.putRule(aRule({ targets: [aTarget({ deadLetterArn: DLQ_ARN, input: '{"not":"the letter"}' })] }));

    buses.bus('us-east-1').putEvent(anEvent());
    clock.advanceTo(START + DAY_MS);

    expect(calls).toHaveLength(1);
    expect(letters).toEqual([
      {
        at: START + 500,
        queueArn: DLQ_ARN,
        body: JSON.stringify(anEvent()),
        attributes: {
          RULE_ARN: 'arn:aws:events:us-east-1:000000000000:rule/snapshots',
          TARGET_ARN: QUEUE_ARN,
          ERROR_CODE: 'NO_PERMISSIONS',
          ERROR_MESSAGE: 'no',
          RETRY_ATTEMPTS: '0',
        },
      },
    ]);
  });

  it('is given up after the retries of its policy', () => {
    const { clock, buses, calls, letters } = aWorld(() => throttled);
    const retry = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 86_400 };
    buses.putRule(aRule({ targets: [aTarget({ deadLetterArn: DLQ_ARN, retry })] }));

    buses.bus('us-east-1').putEvent(anEvent());
    clock.advanceTo(START + 2 * DAY_MS);

    expect(calls).toHaveLength(3);
    expect(letters[0]?.attributes).toMatchObject({
      ERROR_CODE: 'THROTTLING',
      RETRY_ATTEMPTS: '2',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    });
  });

  it('is given up when the event is too old', () => {
    const { clock, buses, calls, letters } = aWorld(() => throttled);
    const retry = { maximumRetryAttempts: 185, maximumEventAgeSeconds: 60 };
    buses.putRule(aRule({ targets: [aTarget({ deadLetterArn: DLQ_ARN, retry })] }));

    buses.bus('us-east-1').putEvent(anEvent());
    clock.advanceTo(START + DAY_MS);

    expect(calls.at(-1)?.at).toBeLessThanOrEqual(START + 61_000);
    expect(letters[0]?.attributes['EXHAUSTED_RETRY_CONDITION']).toBe('MaximumEventAgeInSeconds');
  });

  it('without a dead-letter queue is lost, and said to be', () => {
    const { clock, buses, letters, outcomes } = aWorld(() => denied);
    buses.putRule(aRule());

    buses.bus('us-east-1').putEvent(anEvent());
    clock.advanceTo(START + DAY_MS);

    expect(letters).toEqual([]);
    expect(outcomes).toMatchObject([{ kind: 'lost', failure: { code: 'NO_PERMISSIONS' } }]);
  });

  it('is waited for, and a target that throws is tried again', async () => {
    const answers = [
      Promise.reject(new Error('connection lost')),
      Promise.resolve<DeliveryResult>({ kind: 'delivered' }),
    ];
    const { clock, buses, calls, outcomes } = aWorld(() => answers.shift() as Promise<DeliveryResult>);
    buses.putRule(aRule());

    buses.bus('us-east-1').putEvent(anEvent());
    clock.advanceTo(START + 1_000);
    const busyWhileWaiting = buses.busy;
    while (buses.busy > 0) await Promise.resolve();
    clock.advanceTo(START + 60_000);
    while (buses.busy > 0) await Promise.resolve();

    expect(busyWhileWaiting).toBe(1);
    expect(calls).toHaveLength(2);
    expect(outcomes).toMatchObject([{ kind: 'delivered' }]);
  });

  it('of a template that gives no JSON is INVALID_JSON', () => {
    const { clock, buses, calls, letters } = aWorld();
    const transformer = { paths: { gone: '$.detail.gone' }, template: '{"x":<gone>}' };
    buses.putRule(aRule({ targets: [aTarget({ deadLetterArn: DLQ_ARN, transformer })] }));

    buses.bus('us-east-1').putEvent(anEvent());
    clock.advanceTo(START + DAY_MS);

    expect(calls).toEqual([]);
    expect(letters[0]?.attributes['ERROR_CODE']).toBe('INVALID_JSON');
  });
});

describe('forwarding to another region', () => {
  const copied = anEvent({ region: 'eu-west-1', detail: { event: 'copySnapshot' } });
  const pattern = { detail: { event: ['copySnapshot'] } };
  const forward = (from: string, to: string) =>
    aRule({
      name: `forward-${to}`,
      region: from,
      pattern,
      targets: [
        aTarget({
          arn: BUS_ARN(to),
          roleArn: 'arn:aws:iam::000000000000:role/forward',
          deadLetterArn: `arn:aws:sqs:${from}:000000000000:events-dlq`,
        }),
      ],
    });

  it('keeps the envelope, so that a rule over there can tell where it comes from', () => {
    const { clock, buses, calls } = aWorld();
    buses.bus('us-east-1');
    buses.putRule(forward('eu-west-1', 'us-east-1'));
    buses.putRule(aRule({ name: 'ended', pattern: { ...pattern, region: ['eu-west-1'] } }));
    buses.putRule(aRule({ name: 'own', pattern: { ...pattern, region: ['us-east-1'] } }));

    buses.bus('eu-west-1').putEvent(copied);
    clock.advanceTo(START + DAY_MS);

    expect(calls.map(({ rule, event }) => [rule.name, event])).toEqual([['ended', copied]]);
  });

  it('ends after one hop', () => {
    const { clock, buses, letters } = aWorld();
    buses.bus('ap-south-1');
    buses.putRule(forward('eu-west-1', 'us-east-1'));
    buses.putRule(forward('us-east-1', 'ap-south-1'));

    buses.bus('eu-west-1').putEvent(copied);
    clock.advanceTo(START + DAY_MS);

    expect(letters.map(({ queueArn, attributes }) => [queueArn, attributes['ERROR_CODE']])).toEqual([
      [DLQ_ARN, 'THIRD_REGION_HOP_DETECTED'],
    ]);
  });

  it('needs a role and a bus that is there', () => {
    const { clock, buses, letters } = aWorld();
    const rule = forward('eu-west-1', 'us-east-1');
    const target = rule.targets[0] as (typeof rule.targets)[number];
    const { roleArn: _roleArn, ...withoutRole } = target;
    buses.bus('us-east-1');
    buses.putRule({ ...rule, targets: [withoutRole] });
    buses.putRule({ ...rule, name: 'nowhere', targets: [{ ...target, arn: BUS_ARN('ap-south-1') }] });

    buses.bus('eu-west-1').putEvent(copied);
    clock.advanceTo(START + DAY_MS);

    expect(letters.map(({ attributes }) => attributes['ERROR_CODE'])).toEqual([
      'NO_PERMISSIONS',
      'NO_RESOURCE',
    ]);
  });
});

describe('faults', () => {
  const event = (n: number) =>
    anEvent({ id: `id-${n}`, resources: [`arn:aws:ec2::us-east-1:snapshot/snap-${n}`] });
  const run = (faults: EventBuses['faults'], count = 1_000) => {
    const world = aWorld();
    world.buses.putRule(aRule());
    world.buses.faults = faults;
    for (let n = 0; n < count; n += 1) world.buses.bus('us-east-1').putEvent(event(n));
    world.clock.advanceTo(START + DAY_MS);
    return world;
  };

  it('drop about the share that was asked for, and the same ones each time', () => {
    const first = run({ drop: 0.2 }).calls.map(({ event }) => event.id);
    const second = run({ drop: 0.2 }).calls.map(({ event }) => event.id);

    expect(first.length).toBeGreaterThan(750);
    expect(first.length).toBeLessThan(850);
    expect(second).toEqual(first);
  });

  it('drop what a function picks', () => {
    const { calls, outcomes } = run({ drop: (event) => event.id === 'id-3' }, 5);

    expect(calls.map(({ event }) => event.id)).toEqual(['id-0', 'id-1', 'id-2', 'id-4']);
    expect(outcomes.filter(({ kind }) => kind === 'dropped')).toHaveLength(1);
  });

  it('duplicate with the same id, later', () => {
    const { calls } = run({ duplicate: 1 }, 1);

    expect(calls.map(({ event }) => event.id)).toEqual(['id-0', 'id-0']);
    expect(calls[1]?.at).toBeGreaterThan(START + 500);
    expect(calls[1]?.at).toBeLessThanOrEqual(START + 60_500);
  });

  it('delay, and so reorder', () => {
    const { calls } = run({ delay: 0.5 }, 50);

    expect(calls).toHaveLength(50);
    expect(calls.map(({ event }) => event.id)).not.toEqual(Array.from({ length: 50 }, (_, n) => `id-${n}`));
    expect(Math.max(...calls.map(({ at }) => at))).toBeLessThanOrEqual(START + 600_500);
  });
});
