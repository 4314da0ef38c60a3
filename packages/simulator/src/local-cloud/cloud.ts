import type { DeliveryResult } from '../events/delivery.ts';
import { alarmMessage } from '../cloudwatch/alarm-message.ts';
import { CloudWatch } from '../cloudwatch/cloudwatch.ts';
import { VirtualClock } from '../clock.ts';
import type { Fleet } from '../ec2/fleet.ts';
import { type Ec2Knobs, ec2Knobs } from '../ec2/knobs.ts';
import { Ec2World } from '../ec2/world.ts';
import { type BusEvent, type BusOutcome, EventBuses, type TargetCall } from '../events/event-bus.ts';
import { Rng } from '../prng.ts';
import { type ScheduleCall, Schedules } from '../scheduler/schedules.ts';
import type { StackModel } from '../template/model.ts';
import { readTemplates } from '../template/read-templates.ts';
import { Endpoint } from './endpoint.ts';
import { Engine, type RunOptions } from './engine.ts';
import { CrashFault, type FaultName, type FaultParts, injectFault, liftFaults } from './faults.ts';
import { type ForeignSnapshot, harmedForeignSnapshots, seedForeignSnapshots } from './foreign.ts';
import { expectedRun, History } from './history.ts';
import { type FailedInvocation, Functions, type InvocationRecord } from './lambda/functions.ts';
import { Mapping } from './mappings.ts';
import { Processor } from './processor.ts';
import { LOCAL_ACCOUNT, Queues } from './queues.ts';
import { Redrive } from './redrive.ts';
import { Services } from './services.ts';
import { settingsOf, type VaultSettings } from './settings.ts';
import { VirtualDate } from './virtual-date.ts';
import type { WireResponse } from './wire.ts';
import { Access, createQueuesAndTopics, functionConfig, mappingConfig, nameOf } from './wiring.ts';

/** 2026-11-02T00:00Z: a fixed day, so that two runs print the same. */
export const DEFAULT_START_MS = Date.UTC(2026, 10, 2);
const DEFAULT_SEED = 20_261_102;
const MINUTE_MS = 60_000;
/** SQS publishes its metrics every minute; every five is enough for alarms whose period is five minutes. */
const QUEUE_METRICS_EVERY_MS = 5 * MINUTE_MS;

export interface LocalCloudOptions {
  /** What `cdk synth` wrote: templates and bundled functions. */
  readonly assembly: string;
  readonly fleet: Fleet;
  /** Milliseconds since 1970. */
  readonly startMs?: number;
  readonly seed?: number;
  /** What EC2 is to do otherwise than by default. */
  readonly knobs?: Partial<Ec2Knobs>;
  readonly faults?: readonly FaultName[];
  /** 0 (default): any free one. */
  readonly port?: number;
  /** Other people's snapshots in the account, which must survive. Default true. */
  readonly foreignSnapshots?: boolean;
  /** Told every line that a function writes. */
  onLine?(functionName: string, line: string, at: number): void;
  /** Told of every end of an invocation, at that virtual moment: the place for things that happen in between. */
  onInvocationEnd?(record: InvocationRecord, cloud: LocalCloud): void;
}

/** The whole system on this machine: what the templates say, on one virtual clock, behind one HTTP endpoint. */
export class LocalCloud {
  readonly settings: VaultSettings;
  readonly clock: VirtualClock;
  readonly world: Ec2World;
  readonly queues: Queues;
  readonly functions: Functions;
  readonly buses: EventBuses;
  readonly history: History;
  readonly stacks: readonly StackModel[];
  readonly services: Services;
  readonly startMs: number;
  readonly foreign: readonly ForeignSnapshot[];
  readonly #endpoint: Endpoint;
  readonly #engine: Engine;
  readonly #date: VirtualDate;
  readonly #processor = new Processor();
  readonly #crashes: CrashFault;
  readonly #access: Access;
  readonly #watches = new Map<string, CloudWatch>();
  readonly #options: LocalCloudOptions;
  #faults: FaultName[] = [];

  /** Use `createLocalCloud`. */
  constructor(
    options: LocalCloudOptions,
    parts: { stacks: readonly StackModel[]; endpoint: Endpoint; queues: Queues; clock: VirtualClock; date: VirtualDate },
  ) {
    const seed = options.seed ?? DEFAULT_SEED;
    this.#options = options;
    this.#endpoint = parts.endpoint;
    this.#date = parts.date;
    this.clock = parts.clock;
    this.queues = parts.queues;
    this.stacks = parts.stacks;
    this.startMs = parts.clock.now();
    this.settings = settingsOf(parts.stacks);
    this.#access = new Access(parts.stacks);
    this.#crashes = new CrashFault(seed);
    this.buses = new EventBuses({
      clock: this.clock,
      seed,
      accountId: LOCAL_ACCOUNT,
      deliver: (call) => this.#deliverEvent(call),
      deadLetter: ({ queueArn, body, attributes }) => this.queues.send(nameOf(queueArn), body, { attributes }),
      onOutcome: (outcome) => this.#countEvent(outcome),
    });
    this.world = new Ec2World({
      clock: this.clock,
      rng: new Rng(seed).fork('ec2'),
      accountId: LOCAL_ACCOUNT,
      knobs: ec2Knobs(options.knobs),
      onEvent: (event) => {
        this.history.happened(event);
        this.buses.bus(event.region).putEvent(event as BusEvent);
      },
    });
    this.history = new History(this.world, this.settings);
    this.functions = new Functions({
      clock: this.clock,
      processor: this.#processor,
      credentials: (name, environment) => ({
        AWS_ACCESS_KEY_ID: `LOCAL${environment}${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}`,
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_SESSION_TOKEN: 'local',
      }),
      onLines: (name, lines) => this.#logged(name, lines),
      onEnd: (record) => this.#ended(record),
      onFailedForGood: (failed) => this.#buryInvocation(failed),
    });
    this.services = new Services({
      clock: this.clock,
      world: this.world,
      queues: this.queues,
      redrive: new Redrive(this.queues, () => this.clock.now()),
      functions: this.functions,
      history: this.history,
      crashes: this.#crashes,
      cloudWatch: (region) => this.cloudWatch(region),
      policiesOf: (name) => this.#access.policiesOf(name),
    });
    this.world.operator.loadFleet(options.fleet);
    const regions = [this.settings.sourceRegion, ...this.settings.destinations];
    this.foreign =
      options.foreignSnapshots === false ? [] : seedForeignSnapshots(this.world, regions, this.settings.vault);
    this.#engine = new Engine({
      clock: this.clock,
      date: this.#date,
      processor: this.#processor,
      queues: this.queues,
      endpoint: this.#endpoint,
      mappings: this.#wire(seed),
    });
    for (const fault of options.faults ?? []) this.inject(fault);
  }

  /** Where clients connect: one address for all services and regions. */
  get endpoint(): string {
    return this.#endpoint.url;
  }

  /** The faults that are active. */
  get faults(): readonly FaultName[] {
    return this.#faults;
  }

  /** CloudWatch of a region. */
  cloudWatch(region: string): CloudWatch {
    let watch = this.#watches.get(region);
    if (watch === undefined) {
      watch = new CloudWatch({
        clock: this.clock,
        region,
        accountId: LOCAL_ACCOUNT,
        onAlarm: (change) => {
          this.history.alarmChanges.push({ ...change, region });
          const { subject, body } = alarmMessage(change, { region, accountId: LOCAL_ACCOUNT });
          for (const arn of change.actions) {
            if (this.#access.topicTakesAlarm(arn, change.alarm.arn)) {
              this.history.messages.push({ at: change.atMs, region, subject, body, ofAlarm: true });
            } else this.history.odd(`the topic ${arn} does not let the alarm ${change.alarm.name} publish`);
          }
        },
      });
      this.#watches.set(region, watch);
    }
    return watch;
  }

  /** Runs this many virtual days from the start, or until a virtual time. */
  async run(options: Omit<RunOptions, 'until'> & { readonly days?: number; readonly until?: number }): Promise<void> {
    const { days, until = this.startMs + (days ?? 1) * 24 * 60 * MINUTE_MS, ...rest } = options;
    await this.#engine.run({ ...rest, until });
  }

  /** True when no work waits or runs: queues with work are empty, nothing is pending in EC2. */
  isQuiet(): boolean {
    const letters = this.#deadLetterNames();
    // Wake-ups and ticks never stop, and carry no work.
    const wakeUps = new Set(this.#engine.mappings.map(({ config }) => config.queueName).filter((name) => name.endsWith('.fifo')));
    const working = this.queues.names().some((name) => {
      if (letters.has(name) || wakeUps.has(name)) return false;
      const { visible, inFlight, delayed } = this.queues.counts(name);
      return visible + inFlight + delayed > 0;
    });
    const { pending, copies } = this.inFlight();
    return !working && this.functions.running === 0 && pending + copies === 0;
  }

  /** What EC2 has in progress, in all regions. */
  inFlight(): { readonly pending: number; readonly copies: number } {
    const regions = this.world.stats.regions();
    return {
      pending: regions.reduce((sum, region) => sum + region.pending, 0),
      copies: regions.reduce((sum, region) => sum + region.copiesInFlight, 0),
    };
  }

  inject(fault: FaultName): void {
    injectFault(fault, this.#faultParts());
    this.#faults.push(fault);
  }

  /** Ends all faults. */
  liftFaults(): void {
    liftFaults(this.#faultParts());
    this.#faults = [];
  }

  /** How often a function was killed by the fault `crash`. */
  get crashes(): number {
    return this.#crashes.count;
  }

  /** Other people's snapshots that were harmed, in words. */
  harmedForeignSnapshots(): readonly string[] {
    return harmedForeignSnapshots(this.world, this.foreign);
  }

  /** Names of all dead-letter queues: those of queues, rules, schedules and functions. */
  deadLetterQueues(): readonly string[] {
    return this.queues.names().filter((name) => this.#deadLetterNames().has(name));
  }

  /** What `GET /_local/status` tells. */
  status(): Record<string, unknown> {
    const { vault, sourceRegion, destinations } = this.settings;
    return {
      now: new Date(this.clock.now()).toISOString(),
      vault,
      regions: { source: sourceRegion, destinations },
      faults: this.#faults,
      inFlight: this.inFlight(),
      queues: Object.fromEntries(
        this.queues.names().map((name) => {
          const { visible, inFlight, delayed } = this.queues.counts(name);
          return [name, { visible, inFlight, delayed }];
        }),
      ),
      functions: Object.fromEntries(this.history.invocations),
      alarms: [...this.#watches.values()].flatMap((watch) =>
        watch.alarms().filter(({ state }) => state === 'ALARM').map(({ spec }) => spec.name),
      ),
      snapshots: this.history.present().length,
    };
  }

  async close(): Promise<void> {
    await this.functions.close();
    await this.#endpoint.close();
    await this.queues.close();
    this.#date.close();
  }

  /** The local cloud's own pages. */
  async serveLocal(method: string, path: string): Promise<WireResponse> {
    const json = (status: number, body: unknown): WireResponse => ({
      status,
      headers: { 'content-type': 'application/json' },
      body: `${JSON.stringify(body, undefined, 2)}\n`,
    });
    if (method === 'GET' && path === '/_local/status') return json(200, this.status());
    if (method === 'POST' && path === '/_local/faults/lift') {
      const lifted = this.#faults;
      this.liftFaults();
      return json(200, { lifted });
    }
    return json(404, { error: 'There are GET /_local/status and POST /_local/faults/lift' });
  }

  #faultParts(): FaultParts {
    return {
      world: this.world,
      buses: this.buses,
      crashes: this.#crashes,
      sourceRegion: this.settings.sourceRegion,
    };
  }

  #deadLetterNames(): ReadonlySet<string> {
    const arns = this.stacks.flatMap((stack) => [
      ...stack.queues.map((queue) => queue.redrive?.deadLetterArn),
      ...stack.rules.flatMap((rule) => rule.targets.map((target) => target.deadLetterArn)),
      ...stack.schedules.map((schedule) => schedule.target.deadLetterArn),
      ...stack.functions.flatMap(({ asyncInvoke }) => [asyncInvoke.deadLetterArn, asyncInvoke.onFailureArn]),
    ]);
    return new Set(arns.filter((arn) => arn !== undefined).map(nameOf));
  }

  #wire(seed: number): readonly Mapping[] {
    const { stacks } = this;
    createQueuesAndTopics(stacks, this.queues);
    for (const resource of stacks.flatMap((stack) => stack.functions)) {
      this.functions.add(functionConfig(resource, this.endpoint));
    }
    for (const rule of stacks.flatMap((stack) => stack.rules)) {
      for (const target of rule.targets) this.buses.bus(target.arn.split(':')[3] ?? rule.region);
      this.buses.putRule(rule);
      this.#checkForwarding(rule.targets.filter((target) => target.arn.includes(':event-bus/')));
    }
    const schedules = new Schedules({
      clock: this.clock,
      seed,
      invoke: (call) => this.#runSchedule(call),
      deadLetter: ({ queueArn, body, attributes }) => this.queues.send(nameOf(queueArn), body, { attributes }),
    });
    for (const schedule of stacks.flatMap((stack) => stack.schedules)) schedules.add(schedule);
    for (const stack of stacks) {
      for (const alarm of stack.alarms) this.cloudWatch(stack.region).addAlarm(alarm);
    }
    this.#measureQueues();
    return stacks
      .flatMap((stack) => stack.eventSourceMappings)
      .map((resource) => {
        const config = mappingConfig(resource, this.#access, this.functions);
        return new Mapping(config, { queues: this.queues, functions: this.functions, clock: this.clock });
      });
  }

  #checkForwarding(targets: readonly { readonly arn: string; readonly roleArn?: string }[]): void {
    for (const { arn, roleArn } of targets) {
      if (!this.#access.roleMay(roleArn, 'events:PutEvents', arn)) {
        this.history.odd(`the role ${roleArn ?? '(none)'} may not put events to ${arn}`);
      }
    }
  }

  #deliverEvent({ rule, target, body }: TargetCall): DeliveryResult {
    const name = nameOf(target.arn);
    if (target.arn.split(':')[2] === 'lambda') {
      const config = this.functions.find(target.arn);
      if (config === undefined) return refused('NO_RESOURCE', `there is no function ${target.arn}`);
      if (!this.#access.functionTakes(config.name, rule)) return refused('NO_PERMISSIONS', `${name} does not let ${rule.name} invoke it`);
      this.functions.invokeAsync(config.name, JSON.parse(body));
      return { kind: 'delivered' };
    }
    if (!this.queues.names().includes(name)) return refused('NO_RESOURCE', `there is no queue ${target.arn}`);
    if (!this.#access.queueTakes(target.arn, this.queues.urlOf(name), rule)) {
      return refused('NO_PERMISSIONS', `the policy of ${name} does not let ${rule.name} send to it`);
    }
    return this.#send(name, body, target.messageGroupId);
  }

  #runSchedule({ schedule, kind, body, scheduledMs }: ScheduleCall): DeliveryResult {
    const { target } = schedule;
    const action = kind === 'lambda' ? 'lambda:InvokeFunction' : 'sqs:SendMessage';
    if (!this.#access.roleMay(target.roleArn, action, target.arn)) {
      return refused('AccessDeniedException', `the role of ${schedule.name} lacks ${action} on ${target.arn}`);
    }
    if (kind === 'sqs') return this.#send(nameOf(target.arn), body, target.messageGroupId);
    const config = this.functions.find(target.arn);
    if (config === undefined) return refused('ResourceNotFoundException', `there is no function ${target.arn}`);
    if (config.name === this.settings.schedulerFunction) {
      const slot = `${new Date(scheduledMs).toISOString().slice(0, 19)}Z`;
      this.history.runs.push(expectedRun(this.world, this.settings.sourceRegion, slot, this.clock.now()));
    }
    this.functions.invokeAsync(config.name, JSON.parse(body));
    return { kind: 'delivered' };
  }

  #send(name: string, body: string, groupId: string | undefined): DeliveryResult {
    try {
      this.queues.send(name, body, groupId === undefined ? {} : { groupId });
      return { kind: 'delivered' };
    } catch (thrown) {
      return refused('INVALID_PARAMETER', thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  #countEvent(outcome: BusOutcome): void {
    const { events } = this.history;
    switch (outcome.kind) {
      case 'dropped':
      case 'duplicated':
      case 'delayed':
      case 'delivered':
        events[outcome.kind] += 1;
        return;
      default:
        events.failed += 1;
        this.history.odd(`an event for ${outcome.target.arn} was not delivered: ${outcome.failure.code} ${outcome.failure.message}`);
    }
  }

  #logged(functionName: string, lines: readonly string[]): void {
    const region = this.functions.find(functionName)?.region ?? this.settings.sourceRegion;
    for (const line of lines) {
      const emf = this.cloudWatch(region).putLogLine(line);
      if (emf.kind === 'rejected') this.history.odd(`${functionName} wrote metrics that CloudWatch refuses: ${emf.reason}`);
      if (emf.kind === 'plain') this.history.logged(functionName, line);
      this.#options.onLine?.(functionName, line, this.clock.now());
    }
  }

  #ended(record: InvocationRecord): void {
    this.history.ended(record);
    const watch = this.cloudWatch(record.region);
    const dimensions = { FunctionName: record.functionName };
    watch.put('AWS/Lambda', 'Invocations', dimensions, 1, record.endedAt, 'Count');
    watch.put('AWS/Lambda', 'Errors', dimensions, record.error === undefined ? 0 : 1, record.endedAt, 'Count');
    const duration = record.endedAt - record.startedAt;
    watch.put('AWS/Lambda', 'Duration', dimensions, duration, record.endedAt, 'Milliseconds');
    this.#options.onInvocationEnd?.(record, this);
  }

  #buryInvocation({ config, event, requestId, attempts, error, at }: FailedInvocation): void {
    if (config.deadLetterArn !== undefined) {
      this.#bury(config.name, config.deadLetterArn, JSON.stringify(event), {
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
    this.#bury(config.name, config.onFailure, JSON.stringify(record), {});
  }

  /** Lambda sends with the function's own role. */
  #bury(functionName: string, queueArn: string, body: string, attributes: Record<string, string>): void {
    const role = this.stacks.flatMap((stack) => stack.functions).find((one) => one.name === functionName)?.roleArn;
    if (!this.#access.roleMay(role, 'sqs:SendMessage', queueArn)) {
      this.history.odd(`${functionName} could not bury a failed invocation: its role lacks sqs:SendMessage on ${queueArn}`);
      return;
    }
    this.queues.send(nameOf(queueArn), body, { attributes });
  }

  /** SQS's own metrics, for the alarms. */
  #measureQueues(): void {
    const measure = (): void => {
      const now = this.clock.now();
      for (const { name, region } of this.stacks.flatMap((stack) => stack.queues)) {
        const counts = this.queues.counts(name);
        const dimensions = { QueueName: name };
        const watch = this.cloudWatch(region);
        const age = counts.oldestSentAt === undefined ? 0 : Math.max(0, (now - counts.oldestSentAt) / 1000);
        watch.put('AWS/SQS', 'ApproximateNumberOfMessagesVisible', dimensions, counts.visible, now, 'Count');
        watch.put('AWS/SQS', 'ApproximateAgeOfOldestMessage', dimensions, age, now, 'Seconds');
      }
      this.clock.after(QUEUE_METRICS_EVERY_MS, 'metrics of the queues', measure);
    };
    this.clock.after(QUEUE_METRICS_EVERY_MS, 'metrics of the queues', measure);
  }
}

const refused = (code: string, message: string): DeliveryResult => ({ kind: 'failed', code, message, retriable: false });

/**
 * Starts the local cloud from a synthesized CDK app.
 * @throws AppError `CONFIG` for templates that hold something unknown, naming all of it; and when the port is taken
 */
export async function createLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const startMs = options.startMs ?? DEFAULT_START_MS;
  const clock = new VirtualClock(startMs);
  const date = new VirtualDate(startMs);
  let cloud: LocalCloud | undefined;
  const opened: { close(): Promise<void> }[] = [];
  try {
    const endpoint = await Endpoint.open(options.port ?? 0, () => ({
      serve: async (request) => cloud?.services.serve(request),
      local: async (method, path) => (cloud as LocalCloud).serveLocal(method, path),
    }));
    opened.push(endpoint);
    const queueUrl = (name: string): string => `${endpoint.url}/${LOCAL_ACCOUNT}/${name}`;
    const queues = await Queues.open(queueUrl);
    opened.push(queues);
    const stacks = readTemplates(options.assembly, {
      accountId: LOCAL_ACCOUNT,
      queueUrl: ({ name }) => queueUrl(name),
    });
    cloud = new LocalCloud(options, { stacks, endpoint, queues, clock, date });
    return cloud;
  } catch (thrown) {
    for (const one of opened) await one.close();
    date.close();
    throw thrown;
  }
}
