import type { VirtualClock } from '../clock.ts';
import type { Ec2World } from '../ec2/world.ts';
import type { DeadLetter, DeliveryResult } from '../events/delivery.ts';
import type { BusOutcome, TargetCall } from '../events/event-bus.ts';
import type { ScheduleCall } from '../scheduler/schedules.ts';
import type { StackModel } from '../template/model.ts';
import { expectedRun, type History } from './history.ts';
import type { FailedInvocation, Functions } from './lambda/functions.ts';
import type { Queues } from './queues.ts';
import type { VaultSettings } from './settings.ts';
import { type Access, nameOf } from './wiring.ts';

export interface TargetsParts {
  readonly clock: VirtualClock;
  readonly world: Ec2World;
  readonly queues: Queues;
  readonly history: History;
  readonly access: Access;
  readonly stacks: readonly StackModel[];
  readonly settings: VaultSettings;
  /** Not yet there when the buses are made. */
  functions(): Functions;
}

/** What rules, schedules and failed invocations reach: queues and functions, if the templates let them. */
export class Targets {
  readonly #parts: TargetsParts;

  constructor(parts: TargetsParts) {
    this.#parts = parts;
  }

  /** An event of a rule, to a queue or a function. */
  deliverEvent({ rule, target, body }: TargetCall): DeliveryResult {
    const { queues, access } = this.#parts;
    const name = nameOf(target.arn);
    if (target.arn.split(':')[2] === 'lambda') {
      const config = this.#parts.functions().find(target.arn);
      if (config === undefined) return refused('NO_RESOURCE', `there is no function ${target.arn}`);
      if (!access.functionTakes(config.name, rule)) {
        return refused('NO_PERMISSIONS', `${name} does not let ${rule.name} invoke it`);
      }
      this.#parts.functions().invokeAsync(config.name, JSON.parse(body));
      return { kind: 'delivered' };
    }
    if (!queues.names().includes(name)) return refused('NO_RESOURCE', `there is no queue ${target.arn}`);
    if (!access.queueTakes(target.arn, queues.urlOf(name), rule)) {
      return refused('NO_PERMISSIONS', `the policy of ${name} does not let ${rule.name} send to it`);
    }
    return this.#send(name, body, target.messageGroupId);
  }

  /** A schedule whose time has come. The start of a run is written down with what it should cover. */
  runSchedule({ schedule, kind, body, scheduledMs }: ScheduleCall): DeliveryResult {
    const { access, settings, history, world, clock } = this.#parts;
    const { target } = schedule;
    const action = kind === 'lambda' ? 'lambda:InvokeFunction' : 'sqs:SendMessage';
    if (!access.roleMay(target.roleArn, action, target.arn)) {
      const problem = `the role of ${schedule.name} lacks ${action} on ${target.arn}`;
      history.odd(problem);
      return refused('AccessDeniedException', problem);
    }
    if (kind === 'sqs') return this.#send(nameOf(target.arn), body, target.messageGroupId);
    const config = this.#parts.functions().find(target.arn);
    if (config === undefined)
      return refused('ResourceNotFoundException', `there is no function ${target.arn}`);
    if (config.name === settings.schedulerFunction) {
      const slot = `${new Date(scheduledMs).toISOString().slice(0, 19)}Z`;
      history.runs.push(expectedRun(world, settings.sourceRegion, slot, clock.now()));
    }
    this.#parts.functions().invokeAsync(config.name, JSON.parse(body));
    return { kind: 'delivered' };
  }

  /** A letter of a rule or a schedule for its dead-letter queue. */
  deadLetter({ queueArn, body, attributes }: DeadLetter): void {
    this.#parts.queues.send(nameOf(queueArn), body, { attributes });
  }

  /** Counts what became of an event. */
  count(outcome: BusOutcome): void {
    const { history } = this.#parts;
    switch (outcome.kind) {
      case 'dropped':
      case 'duplicated':
      case 'delayed':
      case 'delivered':
        history.events[outcome.kind] += 1;
        return;
      case 'dead-lettered':
      case 'lost': {
        const { code, message } = outcome.failure;
        history.events.failed += 1;
        history.odd(`an event for ${outcome.target.arn} was not delivered: ${code} ${message}`);
      }
    }
  }

  /** An asynchronous invocation that failed for good, to where its template wants it. */
  bury({ config, event, requestId, attempts, error, at }: FailedInvocation): void {
    if (config.deadLetterArn !== undefined) {
      this.#sendAs(config.name, config.deadLetterArn, JSON.stringify(event), {
        RequestID: requestId,
        ErrorCode: '200',
        ErrorMessage: error.message.slice(0, 1000),
      });
    }
    if (config.onFailure === undefined) return;
    const record = {
      version: '1.0',
      timestamp: new Date(at).toISOString(),
      requestContext: {
        requestId,
        functionArn: `${config.arn}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: attempts,
      },
      requestPayload: event,
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: error.name, errorMessage: error.message },
    };
    this.#sendAs(config.name, config.onFailure, JSON.stringify(record), {});
  }

  /** Lambda sends with the function's own role. */
  #sendAs(functionName: string, queueArn: string, body: string, attributes: Record<string, string>): void {
    const { access, history, queues, stacks } = this.#parts;
    const role = stacks.flatMap((stack) => stack.functions).find((one) => one.name === functionName)?.roleArn;
    if (access.roleMay(role, 'sqs:SendMessage', queueArn)) {
      queues.send(nameOf(queueArn), body, { attributes });
    } else {
      history.odd(
        `${functionName} could not bury a failed invocation: its role lacks sqs:SendMessage on ${queueArn}`,
      );
    }
  }

  #send(name: string, body: string, groupId: string | undefined): DeliveryResult {
    try {
      this.#parts.queues.send(name, body, groupId === undefined ? {} : { groupId });
      return { kind: 'delivered' };
    } catch (thrown) {
      return refused('INVALID_PARAMETER', thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
}

const refused = (code: string, message: string): DeliveryResult => ({
  kind: 'failed',
  code,
  message,
  retriable: false,
});
