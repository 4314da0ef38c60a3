import type { LogFields, Metric } from '@smart-vault/core';
import { metricLine } from '@smart-vault/lambda-kit';
import {
  type CloudWatch,
  type EbsEvent,
  type Ec2Knobs,
  Ec2World,
  EventBuses,
  type EventRule,
  ec2Knobs,
  type FunctionResource,
  type MessageFacts,
  parseExpression,
  Rng,
  runCloudWatchCommand,
  runEc2Command,
  runSnsCommand,
  runSqsCommand,
  type ScheduleSpec,
  Schedules,
  SnsService,
  type SqsFaults,
  SqsService,
  type StackModel,
  subjectOfEc2Command,
} from '@smart-vault/simulator';
import { ACCOUNT, queueUrl } from './account.ts';
import type { Chaos } from './chaos.ts';
import { type Command, operationOf, type Services, simulatedCloud } from './clients.ts';
import {
  type Call,
  type CallHooks,
  type Environment,
  type Invocation,
  type InvocationEnd,
  serviceError,
} from './environment.ts';
import { HANDLERS } from './handlers.ts';
import type { Kernel } from './kernel.ts';
import { type FunctionSpec, LambdaFunction } from './lambda.ts';
import { Mapping } from './mapping.ts';
import { Monitoring } from './monitoring.ts';
import { TickDriver } from './tick-driver.ts';

/** A call that has reached its service, with its answer or its error. */
export interface ServiceCall {
  readonly environment: Environment;
  readonly service: Call['service'];
  readonly region: string;
  readonly operation: string;
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: Error;
}

/** Who watches: told of everything at the moment of its effect. */
export interface Observer {
  beforeCall?(call: ServiceCall): void;
  afterCall?(call: ServiceCall): void;
  onEnd?(invocation: Invocation, end: InvocationEnd): void;
  onLog?(functionName: string, level: string, event: string, fields: LogFields): void;
  /** A function has written a metric into its log. */
  onCounted?(environment: Environment, name: string, value: number): void;
  /** Letters lie in a dead-letter queue. */
  onLetters?(queue: string): void;
  /** A value that reached CloudWatch. */
  onMeasured?(environment: Environment, name: string, value: number): void;
  onEvent?(event: EbsEvent): void;
  onSchedule?(spec: ScheduleSpec, scheduledMs: number): void;
  /** An event source mapping asked its queue. */
  onReceive?(queue: string, messages: number): void;
  /** SQS has moved a message to a dead-letter queue. */
  onDeadLetter?(queue: string, message: MessageFacts): void;
  /** A rule or a schedule sent to a queue. */
  onDelivered?(queue: string): void;
}

export interface VaultWorldOptions {
  readonly kernel: Kernel;
  readonly chaos: Chaos;
  readonly seed: number;
  /** What is deployed, from `vaultTemplates`. */
  readonly stacks: readonly StackModel[];
  readonly ec2: Partial<Ec2Knobs>;
  /** Variables of every function that differ from the templates'. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Instead of the templates' schedule of runs. */
  readonly runSchedule?: { readonly expression: string; readonly timezone: string };
  readonly observer: Observer;
  readonly latencyMs: CallHooks['latencyMs'];
  readonly unanswered: CallHooks['unanswered'];
  readonly refused: CallHooks['refused'];
  readonly sqsFaults?: SqsFaults;
  /** Whether idle ticks are carried out too. Default: now and then. */
  readonly everyTick?: boolean;
}

/** A vault's settings, as its functions' environments have them. */
export interface VaultFacts {
  readonly vault: string;
  readonly source: string;
  readonly destinations: readonly string[];
  readonly regions: readonly string[];
  readonly volumesQueue: string;
  readonly volumesDlq: string;
  readonly reportsQueue: string;
  readonly snapshotterWakeups: string;
  readonly copierWakeups: string;
  readonly copiesQueues: ReadonlyMap<string, string>;
  readonly deadLetterQueues: readonly string[];
}

const nameOf = (arnOrUrl: string): string =>
  arnOrUrl.slice(Math.max(arnOrUrl.lastIndexOf(':'), arnOrUrl.lastIndexOf('/')) + 1);

/**
 * A deployed vault in a simulated account: the templates' queues, rules, schedules and mappings, and the real handlers
 * behind them, on one virtual clock. What goes wrong is for `Chaos` to say, what is right for an `Observer` to judge.
 */
export class VaultWorld {
  readonly kernel: Kernel;
  readonly ec2: Ec2World;
  readonly sqs: SqsService;
  readonly sns: SnsService;
  readonly buses: EventBuses;
  readonly functions = new Map<string, LambdaFunction>();
  readonly facts: VaultFacts;
  readonly monitoring: Monitoring;
  /** Actions that each function's role allows. */
  readonly allowedActions = new Map<string, ReadonlySet<string>>();
  /** Queues that refuse every call, by name: a fault. */
  readonly deniedQueues = new Set<string>();
  /** Actions that are denied, `function/Operation`: a fault. */
  readonly deniedActions = new Set<string>();
  /** Functions whose credentials are refused: a fault. */
  readonly expiredFunctions = new Set<string>();
  /** No rule delivers: a fault. */
  busIsDown = false;
  /** Only ticks and the pruner's schedule fire any more: for the end of a world. */
  nothingNew = false;
  /** No schedule fires at all. */
  schedulesAreOff = false;
  /** True while a CreateSnapshots is carried out. */
  makesSet = false;
  readonly ticks: readonly TickDriver[];
  readonly schedules: readonly ScheduleSpec[];
  readonly #options: VaultWorldOptions;
  #random = 0;

  constructor(options: VaultWorldOptions) {
    const { kernel, seed, stacks, observer } = options;
    this.#options = options;
    this.kernel = kernel;
    this.ec2 = new Ec2World({
      clock: kernel.clock,
      rng: new Rng(seed).fork('ec2'),
      accountId: ACCOUNT,
      knobs: ec2Knobs(options.ec2),
      onEvent: (event) => {
        observer.onEvent?.(event);
        this.buses.bus(event.region).putEvent(event);
      },
    });
    this.sqs = new SqsService({
      clock: kernel.clock,
      seed,
      accountId: ACCOUNT,
      queueUrl,
      onDeadLetter: ({ name }, message) => observer.onDeadLetter?.(name, message),
    });
    this.sqs.faults = options.sqsFaults ?? {};
    this.sns = new SnsService({ clock: kernel.clock, seed, accountId: ACCOUNT });
    this.buses = new EventBuses({
      clock: kernel.clock,
      seed,
      accountId: ACCOUNT,
      deliver: ({ rule, target, body }) => this.#deliver(rule, target, body),
      deadLetter: ({ queueArn, body, attributes }) => this.#letter(queueArn, body, attributes),
    });
    this.facts = factsOf(stacks);
    this.monitoring = new Monitoring(kernel, stacks);
    for (const stack of stacks) this.#addQueuesAndTopics(stack);
    for (const resource of stacks.flatMap((stack) => stack.functions)) this.#addFunction(resource);
    this.#allowActions();
    for (const rule of stacks.flatMap((stack) => stack.rules)) {
      for (const target of rule.targets) this.buses.bus(target.arn.split(':')[3] ?? rule.region);
      this.buses.putRule(rule);
    }
    for (const resource of stacks.flatMap((stack) => stack.eventSourceMappings)) this.#addMapping(resource);
    for (const name of this.facts.deadLetterQueues)
      this.monitoring.measure(this.queue(name), () => observer.onLetters?.(name));
    this.schedules = stacks.flatMap((stack) => stack.schedules).map((spec) => this.#withRunSchedule(spec));
    this.ticks = this.#startSchedules();
  }

  /** CloudWatch of the source region, where the functions are. */
  get cloudWatch(): CloudWatch {
    return this.monitoring.of(this.facts.source);
  }

  /** The queue of that name. @throws Error when there is none */
  queue(name: string) {
    const queue = this.sqs.queue(name);
    if (queue === undefined) throw new Error(`simulation: there is no queue ${name}`);
    return queue;
  }

  /** A function by the last part of its name. @throws Error when there is none */
  lambda(name: string): LambdaFunction {
    const found = this.functions.get(name);
    if (found === undefined) throw new Error(`simulation: there is no function ${name}`);
    return found;
  }

  /** Fires a schedule now, whatever its expression says: for final passes. */
  fire(functionName: string, atMs: number): void {
    const spec = this.schedules.find(({ target }) => nameOf(target.arn).endsWith(`-${functionName}`));
    if (spec === undefined) throw new Error(`simulation: no schedule invokes ${functionName}`);
    this.#invokeTarget(spec, atMs, 'by hand');
  }

  /** True when no queue of work holds anything, no function runs and EC2 has nothing in progress. */
  isQuiet(): boolean {
    const working = [
      this.facts.volumesQueue,
      this.facts.reportsQueue,
      ...this.facts.copiesQueues.values(),
    ].some((name) => {
      const { visible, inFlight, delayed } = this.queue(name).counts();
      return visible + inFlight + delayed > 0;
    });
    const regions = this.ec2.stats.regions();
    const running = [...this.functions.values()].some((one) => one.running > 0);
    return (
      !working && !running && regions.every(({ pending, copiesInFlight }) => pending + copiesInFlight === 0)
    );
  }

  /** A new version of all functions, perhaps with other variables. */
  deploy(changes: Readonly<Record<string, string>> = {}): void {
    for (const one of this.functions.values()) one.deploy(changes);
  }

  #addQueuesAndTopics(stack: StackModel): void {
    for (const queue of stack.queues) {
      const { redrive, maximumMessageBytes, ...rest } = queue;
      this.sqs.createQueue({
        ...rest,
        ...(maximumMessageBytes === undefined ? {} : { messageBytesMax: maximumMessageBytes }),
        ...(redrive === undefined
          ? {}
          : {
              redrive: {
                deadLetterName: nameOf(redrive.deadLetterArn),
                maxReceiveCount: redrive.maxReceiveCount,
              },
            }),
      });
    }
    for (const topic of stack.topics) this.sns.createTopic(topic.name, topic.region);
  }

  #addFunction(resource: FunctionResource): void {
    const { kernel, chaos, observer, latencyMs, unanswered, refused } = this.#options;
    const name = resource.name.slice(resource.name.lastIndexOf('-') + 1);
    const { asyncInvoke } = resource;
    const spec: FunctionSpec = {
      name,
      arn: resource.arn,
      timeoutMs: resource.timeoutSeconds * 1000,
      memoryMb: resource.memoryMb,
      variables: { ...resource.environment, ...this.#options.variables, ...this.#scheduleVariables(name) },
      asyncRetriesMax: asyncInvoke.maximumRetryAttempts,
      asyncMaxAgeMs: asyncInvoke.maximumEventAgeSeconds * 1000,
    };
    const created = new LambdaFunction({
      kernel,
      chaos,
      latencyMs,
      unanswered,
      refused,
      spec,
      open: (environment, variables) => this.#open(name, environment, variables),
      onEnd: (invocation, end) => {
        if (end.kind === 'failed') this.monitoring.invocationFailed(resource.name, resource.region);
        observer.onEnd?.(invocation, end);
      },
      bury: (event, error) => {
        const to = asyncInvoke.onFailureArn ?? asyncInvoke.deadLetterArn;
        if (to !== undefined)
          this.#letter(to, JSON.stringify({ requestPayload: event }), {
            ERROR_MESSAGE: error.message.slice(0, 500),
          });
      },
    });
    this.functions.set(name, created);
  }

  #scheduleVariables(name: string): Record<string, string> {
    const { runSchedule } = this.#options;
    if (name !== 'reconciler' || runSchedule === undefined) return {};
    return { SCHEDULE_EXPRESSION: runSchedule.expression, SCHEDULE_TIMEZONE: runSchedule.timezone };
  }

  #open(name: string, environment: Environment, variables: Parameters<(typeof HANDLERS)['scheduler']>[0]) {
    const { observer } = this.#options;
    const create = HANDLERS[name];
    if (create === undefined) throw new Error(`simulation: no handler is known for ${name}`);
    const cloud = simulatedCloud(environment, this.#services, () => this.#nextRandom());
    const line =
      (level: string) =>
      (event: string, fields: LogFields = {}) =>
        observer.onLog?.(name, level, event, fields);
    return create(variables, cloud, {
      clock: environment.clock,
      log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
      emit: (name, value, unit) => this.#counted(environment, { name, value, unit }),
    });
  }

  /** Jitter of retries: a sequence of its own. */
  #nextRandom(): number {
    this.#random += 1;
    return this.#options.chaos.unit(`jitter ${this.#random}`);
  }

  readonly #services: Services = {
    subjectOf: subjectOfEc2Command,
    ec2: (environment, region, command) =>
      this.#observed('ec2', environment, region, command, () => this.#runEc2(environment, region, command)),
    sqs: (environment, command) =>
      this.#observed('sqs', environment, '', command, () => {
        this.#refuseQueue(environment, command);
        return runSqsCommand(this.sqs, command);
      }),
    sns: (environment, command) =>
      this.#observed('sns', environment, this.facts.source, command, () => runSnsCommand(this.sns, command)),
    cloudWatch: (environment, region, command) =>
      this.#observed('cloudwatch', environment, region, command, () =>
        this.#putMetrics(environment, command),
      ),
  };

  #observed(
    service: Call['service'],
    environment: Environment,
    region: string,
    command: Command,
    run: () => unknown,
  ): unknown {
    const { observer } = this.#options;
    const operation = operationOf(command);
    const call = { environment, service, region, operation, input: command.input };
    observer.beforeCall?.(call);
    try {
      const output = run();
      observer.afterCall?.({ ...call, output });
      return output;
    } catch (error) {
      observer.afterCall?.({ ...call, error: error as Error });
      throw error;
    }
  }

  #runEc2(environment: Environment, region: string, command: Command): unknown {
    const operation = operationOf(command);
    this.#refuseAction(environment, operation);
    const { chaos } = this.#options;
    const { NextToken: given } = command.input as { NextToken?: string };
    const label = `${environment.invocation?.label ?? ''}/${operation}/${region}/${given ?? ''}`;
    if (given !== undefined && chaos.isOn && chaos.strikes('page-fails', label))
      throw serviceError('InternalError', 'An internal error has occurred', 500);
    this.makesSet = operation === 'CreateSnapshots';
    try {
      const output = runEc2Command(this.ec2, region, command);
      const next = (output as { NextToken?: string }).NextToken;
      if (given !== undefined && next !== undefined && chaos.isOn && chaos.strikes('repeated-token', label))
        return { ...(output as object), NextToken: given };
      return output;
    } finally {
      this.makesSet = false;
    }
  }

  #refuseAction(environment: Environment, operation: string): void {
    const { functionName } = environment;
    if (this.expiredFunctions.has(functionName))
      throw serviceError('RequestExpired', 'Request has expired.', 400);
    if (this.deniedActions.has(`${functionName}/${operation}`))
      throw serviceError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
  }

  #refuseQueue(environment: Environment, command: Command): void {
    const url = (command.input as { QueueUrl?: string }).QueueUrl ?? '';
    if (this.expiredFunctions.has(environment.functionName))
      throw serviceError('ExpiredToken', 'The security token included in the request is expired', 403);
    if (this.deniedQueues.has(nameOf(url)))
      throw serviceError('AccessDenied', 'User is not authorized to perform: sqs', 403);
  }

  /** A metric in a function's log, stamped by its clock. */
  #counted(environment: Environment, metric: Metric): void {
    this.cloudWatch.putLogLine(metricLine(metric, environment.clock.now()));
    this.#options.observer.onCounted?.(environment, metric.name, metric.value);
  }

  #putMetrics(environment: Environment, command: Command): unknown {
    const { chaos } = this.#options;
    const label = `PutMetricData ${this.kernel.now()}`;
    if (chaos.isOn && chaos.strikes('metric-lost', label)) return {};
    const times = chaos.isOn && chaos.strikes('metric-twice', label) ? 2 : 1;
    for (let time = 0; time < times; time += 1) runCloudWatchCommand(this.cloudWatch, command);
    const { MetricData = [] } = command.input as {
      MetricData?: readonly { MetricName?: string; Value?: number }[];
    };
    for (const { MetricName = '', Value = 0 } of MetricData)
      this.#options.observer.onMeasured?.(environment, MetricName, Value);
    return {};
  }

  #allowActions(): void {
    const roles = this.#options.stacks.flatMap((stack) => stack.roles);
    for (const resource of this.#options.stacks.flatMap((stack) => stack.functions)) {
      const policies = roles.find(({ arn }) => arn === resource.roleArn)?.policies ?? [];
      const actions = policies
        .flatMap(({ Statement }) => Statement)
        .filter(({ Effect }) => Effect === 'Allow')
        .flatMap(({ Action }) => Action ?? []);
      this.allowedActions.set(resource.name.slice(resource.name.lastIndexOf('-') + 1), new Set(actions));
    }
  }

  #addMapping(resource: StackModel['eventSourceMappings'][number]): void {
    const { kernel, chaos } = this.#options;
    new Mapping({
      kernel,
      chaos,
      queue: this.queue(nameOf(resource.eventSourceArn)),
      queueArn: resource.eventSourceArn,
      target: this.lambda(resource.functionName.slice(resource.functionName.lastIndexOf('-') + 1)),
      batchSize: resource.batchSize,
      reportsItemFailures: resource.reportBatchItemFailures,
      concurrencyMax: resource.maximumConcurrency ?? 5,
      onReceive: (queue, messages) => this.#options.observer.onReceive?.(queue, messages),
    });
  }

  #deliver(_rule: EventRule, target: EventRule['targets'][number], body: string) {
    const name = nameOf(target.arn);
    if (this.busIsDown)
      return { kind: 'failed', code: 'INTERNAL_ERROR', message: 'no answer', retriable: true } as const;
    const queue = this.sqs.queue(name);
    if (queue === undefined)
      return {
        kind: 'failed',
        code: 'NO_RESOURCE',
        message: `there is no queue ${name}`,
        retriable: false,
      } as const;
    queue.send({ body, ...(target.messageGroupId === undefined ? {} : { groupId: target.messageGroupId }) });
    this.#options.observer.onDelivered?.(name);
    return { kind: 'delivered' } as const;
  }

  #letter(queueArn: string, body: string, attributes: Readonly<Record<string, string>>): void {
    const values = Object.fromEntries(
      Object.entries(attributes)
        .filter(([, value]) => value !== '')
        .map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    );
    this.queue(nameOf(queueArn)).send({ body, attributes: values });
  }

  #withRunSchedule(spec: ScheduleSpec): ScheduleSpec {
    const { runSchedule } = this.#options;
    if (runSchedule === undefined || !nameOf(spec.target.arn).endsWith('-scheduler')) return spec;
    return { ...spec, expression: runSchedule.expression, timeZone: runSchedule.timezone };
  }

  /** Ticks have their own driver, as nearly all of them find nothing to do. */
  #startSchedules(): readonly TickDriver[] {
    const { kernel, seed, everyTick } = this.#options;
    const schedules = new Schedules({
      clock: kernel.clock,
      seed,
      invoke: ({ schedule, scheduledMs }) => {
        this.#scheduled(schedule, scheduledMs);
        return { kind: 'delivered' };
      },
      deadLetter: ({ queueArn, body, attributes }) => this.#letter(queueArn, body, attributes),
    });
    const ticks: TickDriver[] = [];
    for (const spec of this.schedules) {
      if (!spec.target.arn.includes(':sqs:')) {
        schedules.add(spec);
        continue;
      }
      const occurrences = parseExpression(spec.expression, spec.timeZone, { createdMs: kernel.now() });
      ticks.push(
        new TickDriver({
          clock: kernel.clock,
          name: spec.name,
          queues: this.#workBehind(spec).map((name) => this.queue(name)),
          every: everyTick ?? false,
          after: (ms) => occurrences.after(ms),
          tick: (ms) => this.#scheduled(spec, ms),
        }),
      );
    }
    return ticks;
  }

  /** The work queues of the pump that a tick wakes. */
  #workBehind(spec: ScheduleSpec): readonly string[] {
    if (nameOf(spec.target.arn) === this.facts.snapshotterWakeups) return [this.facts.volumesQueue];
    const group = spec.target.messageGroupId ?? '';
    const queue = this.facts.copiesQueues.get(group);
    return queue === undefined ? [...this.facts.copiesQueues.values()] : [queue];
  }

  #scheduled(spec: ScheduleSpec, scheduledMs: number): void {
    const { chaos, kernel } = this.#options;
    const isTick = spec.target.arn.includes(':sqs:');
    if (this.schedulesAreOff || (this.nothingNew && !isTick && !spec.target.arn.endsWith('-pruner'))) return;
    const label = `${spec.name}/${scheduledMs}`;
    if (chaos.isOn && !isTick) {
      if (chaos.strikes('tick-lost', label)) return;
      if (chaos.strikes('tick-late', label)) {
        const late = 3_600_000 * (1 + 29 * chaos.unit(`late ${label}`));
        kernel.clock.after(Math.round(late), `late ${label}`, () =>
          this.#invokeTarget(spec, scheduledMs, 'late'),
        );
        return;
      }
      if (chaos.strikes('tick-twice', label)) {
        const gap = Math.round(300_000 * chaos.unit(`twice ${label}`));
        kernel.clock.after(gap, `twice ${label}`, () => this.#invokeTarget(spec, scheduledMs, 'twice'));
      }
      if (spec.target.arn.endsWith('-pruner') && chaos.strikes('pruners-overlap', label))
        kernel.clock.after(700, `overlap ${label}`, () => this.#invokeTarget(spec, scheduledMs, 'overlap'));
    }
    this.#invokeTarget(spec, scheduledMs, '');
  }

  #invokeTarget(spec: ScheduleSpec, scheduledMs: number, how: string): void {
    const { target } = spec;
    const iso = `${new Date(scheduledMs).toISOString().slice(0, 19)}Z`;
    const input = (target.input ?? '{}')
      .replaceAll('<aws.scheduler.schedule-arn>', spec.arn)
      .replaceAll('<aws.scheduler.scheduled-time>', iso)
      .replaceAll('<aws.scheduler.execution-id>', `${spec.name}-${scheduledMs}-${how}`)
      .replaceAll('<aws.scheduler.attempt-number>', '1');
    if (target.arn.includes(':sqs:')) {
      this.queue(nameOf(target.arn)).send({
        body: input,
        ...(target.messageGroupId === undefined ? {} : { groupId: target.messageGroupId }),
      });
      this.#options.observer.onDelivered?.(nameOf(target.arn));
      return;
    }
    this.#options.observer.onSchedule?.(spec, scheduledMs);
    const name = target.arn.slice(target.arn.lastIndexOf('-') + 1);
    this.lambda(name).invokeAsync(JSON.parse(input), `${name}@${iso}${how === '' ? '' : `(${how})`}`);
  }
}

function factsOf(stacks: readonly StackModel[]): VaultFacts {
  const functions = stacks.flatMap((stack) => stack.functions);
  const variables = (name: string) =>
    functions.find((one) => one.name.endsWith(`-${name}`))?.environment ?? {};
  const reconciler = variables('reconciler');
  const destinations = (reconciler['DEST_REGION'] ?? '').split(',');
  const source = reconciler['SOURCE_REGION'] ?? '';
  const list = (value: string | undefined): readonly string[] => (value ?? '').split(',').map(nameOf);
  const copies = list(reconciler['COPIES_QUEUE_URLS']);
  const names = stacks.flatMap((stack) => stack.queues.map(({ name }) => name));
  return {
    vault: reconciler['VAULT_NAME'] ?? '',
    source,
    destinations,
    regions: [source, ...destinations],
    volumesQueue: nameOf(reconciler['VOLUMES_QUEUE_URL'] ?? ''),
    volumesDlq: nameOf(reconciler['VOLUMES_DLQ_URL'] ?? ''),
    reportsQueue: nameOf(variables('reporter')['REPORTS_QUEUE_URL'] ?? ''),
    snapshotterWakeups: nameOf(reconciler['SNAPSHOTTER_WAKEUPS_QUEUE_URL'] ?? ''),
    copierWakeups: nameOf(reconciler['COPIER_WAKEUPS_QUEUE_URL'] ?? ''),
    copiesQueues: new Map(destinations.map((region, place) => [region, copies[place] ?? ''])),
    deadLetterQueues: names.filter((name) => name.includes('-dlq')),
  };
}
