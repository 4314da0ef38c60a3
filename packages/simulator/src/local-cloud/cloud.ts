import { VirtualClock } from '../clock.ts';
import type { CloudWatch } from '../cloudwatch/cloudwatch.ts';
import type { Fleet } from '../ec2/fleet.ts';
import { type Ec2Knobs, ec2Knobs } from '../ec2/knobs.ts';
import { Ec2World } from '../ec2/world.ts';
import { type BusEvent, EventBuses } from '../events/event-bus.ts';
import { Rng } from '../prng.ts';
import { Schedules } from '../scheduler/schedules.ts';
import type { StackModel } from '../template/model.ts';
import { readTemplates } from '../template/read-templates.ts';
import { Endpoint } from './endpoint.ts';
import { Engine, type RunOptions } from './engine.ts';
import { CrashFault, type FaultName, type FaultParts, injectFault, liftFaults } from './faults.ts';
import { type ForeignSnapshot, harmedForeignSnapshots, seedForeignSnapshots } from './foreign.ts';
import { History } from './history.ts';
import { Functions, type InvocationRecord } from './lambda/functions.ts';
import { localPage } from './local-pages.ts';
import { Mapping } from './mappings.ts';
import { Monitoring } from './monitoring.ts';
import { Processor } from './processor.ts';
import { LOCAL_ACCOUNT, Queues } from './queues.ts';
import { Redrive } from './redrive.ts';
import { Services } from './services.ts';
import { settingsOf, type VaultSettings } from './settings.ts';
import { Targets } from './targets.ts';
import { VirtualDate } from './virtual-date.ts';
import { Access, createQueuesAndTopics, functionConfig, mappingConfig, nameOf } from './wiring.ts';

/** 2026-11-02T00:00Z: a fixed day, so that two runs print the same. */
export const DEFAULT_START_MS = Date.UTC(2026, 10, 2);
const DEFAULT_SEED = 20_261_102;
const MINUTE_MS = 60_000;

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
  readonly schedules: Schedules;
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
  readonly #monitoring: Monitoring;
  readonly #targets: Targets;
  readonly #deadLetterNames: ReadonlySet<string>;
  readonly #options: LocalCloudOptions;
  #faults: FaultName[] = [];

  /** Use `createLocalCloud`. */
  constructor(
    options: LocalCloudOptions,
    parts: {
      stacks: readonly StackModel[];
      endpoint: Endpoint;
      queues: Queues;
      clock: VirtualClock;
      date: VirtualDate;
    },
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
    this.#deadLetterNames = deadLetterNamesOf(parts.stacks);
    const shared = {
      clock: this.clock,
      world: this.world,
      queues: this.queues,
      history: this.history,
      access: this.#access,
      stacks: this.stacks,
      settings: this.settings,
    };
    this.#monitoring = new Monitoring(shared);
    this.#targets = new Targets({ ...shared, functions: () => this.functions });
    this.buses = new EventBuses({
      clock: this.clock,
      seed,
      accountId: LOCAL_ACCOUNT,
      deliver: (call) => this.#targets.deliverEvent(call),
      deadLetter: (letter) => this.#targets.deadLetter(letter),
      onOutcome: (outcome) => {
        this.#targets.count(outcome);
        if ('rule' in outcome) this.#monitoring.ruleInvoked(outcome.rule);
      },
    });
    this.schedules = new Schedules({
      clock: this.clock,
      seed,
      invoke: (call) => this.#targets.runSchedule(call),
      deadLetter: (letter) => this.#targets.deadLetter(letter),
    });
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
      onFailedForGood: (failed) => this.#targets.bury(failed),
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
      options.foreignSnapshots === false
        ? []
        : seedForeignSnapshots(this.world, regions, this.settings.vault);
    this.#engine = new Engine({
      clock: this.clock,
      date: this.#date,
      processor: this.#processor,
      queues: this.queues,
      endpoint: this.#endpoint,
      mappings: this.#wire(),
      holds: () => this.services.queuesAreLookedAt,
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
    return this.#monitoring.of(region);
  }

  /** Runs this many virtual days from the start, or until a virtual time. */
  async run(
    options: Omit<RunOptions, 'until'> & { readonly days?: number; readonly until?: number },
  ): Promise<void> {
    const { days, until = this.startMs + (days ?? 1) * 24 * 60 * MINUTE_MS, ...rest } = options;
    await this.#engine.run({ ...rest, until });
  }

  /** True when no work waits or runs: queues with work are empty, nothing is pending in EC2. */
  isQuiet(): boolean {
    // Wake-ups and ticks never stop, and carry no work.
    const wakeUps = new Set(
      this.#engine.mappings.map(({ config }) => config.queueName).filter((name) => name.endsWith('.fifo')),
    );
    const working = this.queues.names().some((name) => {
      if (this.#deadLetterNames.has(name) || wakeUps.has(name)) return false;
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

  /** Loses everything that EC2 has in a region, and its answers until the faults are lifted. */
  eraseRegion(region: string): void {
    this.world.operator.eraseRegion(region);
    this.world.faults.outage(region);
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
    return this.queues.names().filter((name) => this.#deadLetterNames.has(name));
  }

  /** Names of the alarms that ring. */
  ringingAlarms(): readonly string[] {
    return this.#monitoring.ringing();
  }

  async close(): Promise<void> {
    await this.functions.close();
    await this.#endpoint.close();
    await this.queues.close();
    this.#date.close();
  }

  #faultParts(): FaultParts {
    return {
      world: this.world,
      buses: this.buses,
      crashes: this.#crashes,
      sourceRegion: this.settings.sourceRegion,
    };
  }

  #wire(): readonly Mapping[] {
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
    for (const schedule of stacks.flatMap((stack) => stack.schedules)) this.schedules.add(schedule);
    this.#monitoring.begin();
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

  #logged(functionName: string, lines: readonly string[]): void {
    const region = this.functions.find(functionName)?.region ?? this.settings.sourceRegion;
    this.#monitoring.logged(functionName, region, lines);
    for (const line of lines) this.#options.onLine?.(functionName, line, this.clock.now());
  }

  #ended(record: InvocationRecord): void {
    this.history.ended(record);
    this.#monitoring.invoked(record);
    this.#options.onInvocationEnd?.(record, this);
  }
}

/** Dead-letter queues of queues, rules, schedules and functions. */
function deadLetterNamesOf(stacks: readonly StackModel[]): ReadonlySet<string> {
  const arns = stacks.flatMap((stack) => [
    ...stack.queues.map((queue) => queue.redrive?.deadLetterArn),
    ...stack.rules.flatMap((rule) => rule.targets.map((target) => target.deadLetterArn)),
    ...stack.schedules.map((schedule) => schedule.target.deadLetterArn),
    ...stack.functions.flatMap(({ asyncInvoke }) => [asyncInvoke.deadLetterArn, asyncInvoke.onFailureArn]),
  ]);
  return new Set(arns.filter((arn) => arn !== undefined).map(nameOf));
}

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
      local: async (method, path) => localPage(cloud as LocalCloud, method, path),
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
