import { AppError } from '@smart-vault/core';
import type { VirtualClock } from '../clock.ts';
import {
  DEFAULT_RETRY_POLICY,
  type DeadLetter,
  Deliveries,
  type DeliveryFailure,
  type DeliveryResult,
  type RetryPolicy,
} from './delivery.ts';
import { type EventFaults, labelOfEvent, plansFor } from './faults.ts';
import { compilePattern, type EventMatcher } from './pattern.ts';
import { renderInput, type TargetInput } from './target-input.ts';

/** EventBridge's envelope. `detail` is whatever the source says. */
export interface BusEvent {
  readonly version: string;
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** One target of a rule: a queue, a function, or an event bus (of another region). */
export interface RuleTarget extends TargetInput {
  readonly id: string;
  readonly arn: string;
  /** `SqsParameters.MessageGroupId`. */
  readonly messageGroupId?: string;
  readonly retry?: RetryPolicy;
  readonly deadLetterArn?: string;
  readonly roleArn?: string;
}

/** A rule with an event pattern. */
export interface EventRule {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  /** Name of its bus; `default` is where AWS services send to. */
  readonly busName: string;
  readonly pattern: unknown;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly targets: readonly RuleTarget[];
}

/** One attempt to hand an event to a queue or a function. */
export interface TargetCall {
  readonly rule: EventRule;
  readonly target: RuleTarget;
  /** The text: the message's body, or the function's payload. */
  readonly body: string;
  readonly event: BusEvent;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What became of an event at a target, or before it reached one; for metrics and traces. */
export type BusOutcome =
  | { readonly kind: 'dropped' | 'duplicated' | 'delayed'; readonly region: string; readonly event: BusEvent }
  | { readonly kind: 'delivered'; readonly rule: EventRule; readonly target: RuleTarget }
  | {
      readonly kind: 'dead-lettered' | 'lost';
      readonly rule: EventRule;
      readonly target: RuleTarget;
      readonly failure: DeliveryFailure;
    };

/** What the buses need of the world around them. */
export interface EventBusesOptions {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly accountId: string;
  readonly partition?: string;
  /** From the taking in of an event to its first delivery, milliseconds. Default 500. */
  readonly latencyMs?: number;
  /** Reaches a queue or a function. Whether the target's policy lets the rule in is for the callee to say. */
  deliver(call: TargetCall): DeliveryResult | Promise<DeliveryResult>;
  deadLetter(letter: DeadLetter): void | Promise<void>;
  onOutcome?(outcome: BusOutcome): void;
}

interface ActiveRule {
  readonly rule: EventRule;
  readonly matches: EventMatcher;
}

const TARGET_KINDS = new Set(['sqs', 'lambda', 'events']);
/** A rule may have five targets. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html */
const TARGETS_MAX = 5;

/** One region's bus: its rules, and the way in. Made by `EventBuses`. */
export class EventBus {
  readonly region: string;
  readonly arn: string;
  readonly #rules: ActiveRule[] = [];
  readonly #ingest: (bus: EventBus, event: BusEvent, hops: number) => void;

  constructor(region: string, arn: string, ingest: (bus: EventBus, event: BusEvent, hops: number) => void) {
    this.region = region;
    this.arn = arn;
    this.#ingest = ingest;
  }

  /** @throws AppError `CONFIG` for a pattern or a target that EventBridge would refuse */
  putRule(rule: EventRule): void {
    if (rule.targets.length > TARGETS_MAX) throw badRule(rule, `has more than ${TARGETS_MAX} targets`);
    for (const target of rule.targets) checkTarget(rule, target);
    this.#rules.push({ rule, matches: compilePattern(rule.pattern) });
  }

  /** Switches a rule on or off. @throws Error when there is none of that name */
  setRuleState(name: string, state: EventRule['state']): void {
    const index = this.#rules.findIndex(({ rule }) => rule.name === name);
    const found = this.#rules[index];
    if (found === undefined) throw new Error(`there is no rule ${name} in ${this.region}`);
    this.#rules[index] = { ...found, rule: { ...found.rule, state } };
  }

  /** Takes an event in. @param hops how many regions it has crossed already: 0 for one of this region */
  putEvent(event: BusEvent, hops = 0): void {
    this.#ingest(this, event, hops);
  }

  /** Enabled rules that match. */
  rulesFor(event: BusEvent): readonly EventRule[] {
    return this.#rules
      .filter(({ rule, matches }) => rule.state === 'ENABLED' && matches(event))
      .map(({ rule }) => rule);
  }
}

/**
 * The event buses of an account: one per region (more by name), and the forwarding between them.
 *
 * A target that is a bus of another region gets the event as it is, its envelope's region included; an event that has
 * crossed one border already goes no further (THIRD_REGION_HOP_DETECTED). Faults strike an event as it comes from its
 * source, since that is where AWS promises best effort only; after that delivery is at least once.
 */
export class EventBuses {
  /** Changeable at any time; what is asked at the moment an event comes in counts. */
  faults: EventFaults = {};
  readonly #options: EventBusesOptions;
  readonly #deliveries: Deliveries;
  readonly #buses = new Map<string, EventBus>();

  constructor(options: EventBusesOptions) {
    this.#options = options;
    this.#deliveries = new Deliveries(options.clock, options.seed);
  }

  /** Deliveries that wait for an answer just now. */
  get busy(): number {
    return this.#deliveries.busy;
  }

  /** The region's bus of that name; made when first asked for. */
  bus(region: string, name = 'default'): EventBus {
    const arn = `arn:${this.#options.partition ?? 'aws'}:events:${region}:${this.#options.accountId}:event-bus/${name}`;
    const known = this.#buses.get(arn);
    if (known) return known;
    const bus = new EventBus(region, arn, (to, event, hops) => this.#ingest(to, event, hops));
    this.#buses.set(arn, bus);
    return bus;
  }

  /** Adds a rule to its region's bus. @throws AppError `CONFIG` */
  putRule(rule: EventRule): void {
    this.bus(rule.region, rule.busName).putRule(rule);
  }

  #ingest(bus: EventBus, event: BusEvent, hops: number): void {
    const plan = plansFor(hops === 0 ? this.faults : {}, {
      event,
      region: bus.region,
      now: this.#options.clock.now(),
      seed: this.#options.seed,
    });
    for (const kind of plan.notes) this.#options.onOutcome?.({ kind, region: bus.region, event });
    plan.delaysMs.forEach((delayMs, copy) => {
      const label = `event ${labelOfEvent(event)} at ${bus.region} #${copy}`;
      const ingestedAt = this.#options.clock.now();
      this.#options.clock.after((this.#options.latencyMs ?? 500) + delayMs, label, () =>
        this.#route(bus, event, hops, ingestedAt, label),
      );
    });
  }

  #route(bus: EventBus, event: BusEvent, hops: number, ingestedAt: number, label: string): void {
    for (const rule of bus.rulesFor(event)) {
      for (const target of rule.targets) {
        this.#deliveries.start({
          label: `${label} to ${rule.name}/${target.id}`,
          retry: target.retry ?? DEFAULT_RETRY_POLICY,
          attempt: (attempt) => this.#attempt({ rule, target, event, hops, ingestedAt, attempt }),
          delivered: () => this.#options.onOutcome?.({ kind: 'delivered', rule, target }),
          failed: (failure) => this.#failed(rule, target, event, failure),
        });
      }
    }
  }

  #attempt(call: {
    rule: EventRule;
    target: RuleTarget;
    event: BusEvent;
    hops: number;
    ingestedAt: number;
    attempt: number;
  }): DeliveryResult | Promise<DeliveryResult> {
    const { rule, target, event, attempt } = call;
    if (serviceOf(target.arn) === 'events') return this.#forward(target, event, call.hops);
    const context = { ruleArn: rule.arn, ruleName: rule.name, ingestedAt: call.ingestedAt };
    const rendered = renderInput(target, event, context);
    if (rendered.kind === 'invalid') return failed('INVALID_JSON', rendered.message);
    return this.#options.deliver({ rule, target, body: rendered.text, event, attempt });
  }

  #forward(target: RuleTarget, event: BusEvent, hops: number): DeliveryResult {
    const bus = this.#buses.get(target.arn);
    if (bus === undefined) return failed('NO_RESOURCE', `there is no event bus ${target.arn}`);
    if (hops > 0) {
      return failed(
        'THIRD_REGION_HOP_DETECTED',
        `the event has come from another region already: ${event.region}`,
      );
    }
    if (target.roleArn === undefined) {
      return failed('NO_PERMISSIONS', 'a bus in another region needs a RoleArn that may put events there');
    }
    bus.putEvent(event, hops + 1);
    return { kind: 'delivered' };
  }

  #failed(
    rule: EventRule,
    target: RuleTarget,
    event: BusEvent,
    failure: DeliveryFailure,
  ): void | Promise<void> {
    const kind = target.deadLetterArn === undefined ? 'lost' : 'dead-lettered';
    this.#options.onOutcome?.({ kind, rule, target, failure });
    if (target.deadLetterArn === undefined) return;
    return this.#options.deadLetter({
      queueArn: target.deadLetterArn,
      body: JSON.stringify(event),
      attributes: {
        RULE_ARN: rule.arn,
        TARGET_ARN: target.arn,
        ERROR_CODE: failure.code,
        ERROR_MESSAGE: failure.message,
        RETRY_ATTEMPTS: String(failure.retries),
        ...(failure.exhausted && { EXHAUSTED_RETRY_CONDITION: failure.exhausted }),
      },
    });
  }
}

const failed = (code: string, message: string): DeliveryResult => ({
  kind: 'failed',
  code,
  message,
  retriable: false,
});

const serviceOf = (arn: string): string => arn.split(':')[2] ?? '';
const regionOf = (arn: string): string => arn.split(':')[3] ?? '';

function checkTarget(rule: EventRule, target: RuleTarget): void {
  const service = serviceOf(target.arn);
  if (!TARGET_KINDS.has(service))
    throw badRule(rule, `has the target ${target.arn}; known are sqs, lambda, events`);
  if (service === 'events' && regionOf(target.arn) === rule.region) {
    throw badRule(rule, `forwards to a bus of its own region, which is not modelled: ${target.arn}`);
  }
  if (service !== 'events' && regionOf(target.arn) !== rule.region) {
    throw badRule(rule, `has a target in another region that is no event bus: ${target.arn}`);
  }
  if (service === 'sqs' && target.arn.endsWith('.fifo') && target.messageGroupId === undefined) {
    throw badRule(rule, `has the FIFO target ${target.arn} without SqsParameters.MessageGroupId`);
  }
  if (target.deadLetterArn?.endsWith('.fifo'))
    throw badRule(rule, 'has a FIFO dead-letter queue; only standard ones');
  if (target.deadLetterArn !== undefined && regionOf(target.deadLetterArn) !== rule.region) {
    throw badRule(rule, `has a dead-letter queue in another region: ${target.deadLetterArn}`);
  }
  const inputs = [target.input, target.inputPath, target.transformer].filter((input) => input !== undefined);
  if (inputs.length > 1) throw badRule(rule, `has a target with more than one kind of input: ${target.arn}`);
}

const badRule = (rule: EventRule, problem: string): AppError =>
  new AppError('CONFIG', `rule ${rule.name} (${rule.region}) ${problem}`);
