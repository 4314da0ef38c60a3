import type { LogFields } from '@smart-vault/core';
import type { MessageFacts, ScheduleSpec } from '@smart-vault/simulator';
import type { Call, Environment, Invocation, InvocationEnd } from '../environment.ts';
import { HOUR_MS, type WorldKnobs } from '../packs.ts';
import type { Observer, ServiceCall, VaultWorld } from '../vault-world.ts';
import { Claims } from './claims.ts';
import { judgeCreation } from './creations.ts';
import { DeletionJudge } from './deletions.ts';
import { MessageJudge } from './messages.ts';
import { Reads } from './reads.ts';
import { ReportJudge } from './reports.ts';
import { RingJudge } from './rings.ts';
import { trueSnapshot, vaultSnapshots } from './truth.ts';

/** A promise that was broken. */
export interface Violation {
  /** `I5`, `L2` and so on. */
  readonly promise: string;
  readonly text: string;
  /** Ids of what is concerned. */
  readonly about: readonly string[];
  /** Virtual milliseconds since 1970. */
  readonly at: number;
  /** What it was decided on, as JSON. */
  readonly evidence?: unknown;
}

/** What the oracle is told of the world that it cannot see. */
export interface Circumstances {
  readonly knobs: WorldKnobs;
  /** Promises whose breaking ends the world: for those who only want to know whether it happens. */
  readonly stopAt?: ReadonlySet<string>;
  /** The retention in force, days. */
  retentionDays: number;
  keepMin: number;
}

/** Tags that make a snapshot ours, for the call that creates it. */
const SOURCE_TAGS = [
  'smart-vault:vault',
  'smart-vault:policy',
  'smart-vault:slot',
  'smart-vault:instance',
  'InstanceId',
  'Date',
];
const COPY_TAGS = [...SOURCE_TAGS, 'smart-vault:volume', 'CopiedFrom', 'OriginalSnapshotId'];
const CREATING = new Set(['CreateSnapshot', 'CreateSnapshots', 'CopySnapshot']);
const MUTATING = new Set([...CREATING, 'DeleteSnapshot', 'CreateTags', 'DeleteTags']);
/** Mutating calls for each volume within an hour: a tick every five minutes, events beside it, and four attempts each. */
const CALLS_AN_HOUR = 150;
/** IAM's names where they differ from the call's. */
const ACTION_OF: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/** IAM's actions by service and operation: put together once, as every call asks. */
const ACTIONS = new Map<Call['service'], Map<string, string>>();

function actionOf(service: Call['service'], operation: string): string {
  const ofService = ACTIONS.get(service) ?? new Map<string, string>();
  ACTIONS.set(service, ofService);
  const action = ofService.get(operation) ?? `${service}:${ACTION_OF[operation] ?? operation}`;
  ofService.set(operation, action);
  return action;
}

type Tagged = {
  readonly TagSpecifications?: readonly { readonly Tags?: readonly { Key?: string; Value?: string }[] }[];
};

/** Who made a snapshot, and when. */
interface Making {
  readonly environment: Environment;
  readonly invocation: Invocation | undefined;
  /** Virtual milliseconds since 1970. */
  readonly at: number;
}

/** Holds every promise against what really happens, at the moment at which it happens. */
export class Oracle implements Observer {
  readonly violations: Violation[] = [];
  /** Calls of functions by operation. */
  readonly calls = new Map<string, number>();
  mutatingCalls = 0;
  /** When the last snapshot of a line was deleted by a function, by `region volume`. */
  readonly deletedAt = new Map<string, number>();
  /** Messages that functions sent to queues of work. */
  workSent = 0;
  readonly circumstances: Circumstances;
  readonly #reads = new Reads();
  readonly #deletions: DeletionJudge;
  readonly reports: ReportJudge;
  readonly #claims = new Claims(this);
  readonly #messages = new MessageJudge(this);
  readonly #rings = new RingJudge(this);
  #world!: VaultWorld;
  /** Second snapshots that nobody could have prevented. */
  readonly #surplus = new Set<string>();
  /** Unanswered makings by `region key`: each may be made once more. */
  readonly #credits = new Map<string, number>();
  readonly #makers = new Map<string, Making>();
  /** When functions last deleted a point, virtual milliseconds since 1970, by `region key`. */
  readonly prunedAt = new Map<string, number>();
  /** When the pruner last refused a region's plan, and so rang an alarm. */
  readonly refusedAt = new Map<string, number>();
  /** When EC2 last refused a snapshot for a region's quota, virtual milliseconds since 1970. */
  readonly fullAt = new Map<string, number>();
  readonly lostReports = new Set<string>();
  readonly #strangers = new Set<string>();
  #hour = 0;
  #callsThisHour = 0;
  readonly #lastDisturbed = new Map<string, number>();

  constructor(circumstances: Circumstances) {
    this.circumstances = circumstances;
    this.#deletions = new DeletionJudge(this, this.#reads);
    this.reports = new ReportJudge(this);
  }

  /** Once the world is made. */
  watch(world: VaultWorld): void {
    this.#world = world;
  }

  get world(): VaultWorld {
    return this.#world;
  }

  broken(promise: string, text: string, about: readonly string[], evidence?: unknown): void {
    if (this.circumstances.stopAt?.has(promise)) this.#world.kernel.halt();
    this.violations.push({
      promise,
      text,
      about,
      at: this.#world.kernel.now(),
      ...(evidence === undefined ? {} : { evidence }),
    });
  }

  /** A person did something to a volume's snapshots: for a while, functions may not know it yet. */
  disturbed(region: string, volumeId: string | undefined, about: readonly string[] = []): void {
    for (const id of about) this.#strangers.add(id);
    this.#lastDisturbed.set(`${region} ${volumeId ?? '*'}`, this.#world.kernel.now());
  }

  /** Whether somebody else changed this line so lately that a function could not know. */
  isDisturbed(region: string, volumeId: string, since: number): boolean {
    return this.disturbedAt(region, volumeId) >= since - this.lagMs - 60_000;
  }

  /** When somebody else last changed this line, virtual milliseconds since 1970. */
  disturbedAt(region: string, volumeId: string): number {
    return Math.max(
      this.#lastDisturbed.get(`${region} ${volumeId}`) ?? Number.NEGATIVE_INFINITY,
      this.#lastDisturbed.get(`${region} *`) ?? Number.NEGATIVE_INFINITY,
    );
  }

  /** A snapshot that a person has touched: what becomes of it is not for the vault alone to say. */
  isStranger(id: string): boolean {
    return this.#strangers.has(id) || id.startsWith('snap-00000000');
  }

  /** Whether a function has made it, and not a person. */
  isMadeByFunction(id: string): boolean {
    return this.#makers.has(id);
  }

  /** A report that somebody else threw away: nobody can be told of that run any more. */
  reportLost(body: string): void {
    const slot = /"slot":"([^"]+)"/.exec(body)?.[1];
    if (slot !== undefined) this.lostReports.add(slot);
  }

  /** Whether a copy was there, and a function has deleted it. */
  wasPrunedThere(region: string, key: string): boolean {
    return this.prunedAt.has(`${region} ${key}`);
  }

  /** The same for a snapshot whose line nobody knows any more. */
  isAnyDisturbed(region: string, since: number): boolean {
    for (const [line, at] of this.#lastDisturbed)
      if (line.startsWith(`${region} `) && at >= since - this.lagMs - 60_000) return true;
    return false;
  }

  get lagMs(): number {
    return this.#world.ec2.knobs.readLagMaxMs;
  }

  /** By how much a call may take effect later than it was made. */
  get slownessMs(): number {
    const { chances } = this.circumstances.knobs;
    // What a function did last before Lambda ended it takes effect up to its whole timeout later.
    if ((chances.timeout ?? 0) > 0) return 930_000;
    return (chances['slow-call'] ?? 0) > 0 ? 630_000 : 30_000;
  }

  /** By how much an environment's clock may be wrong. */
  get skewMs(): number {
    return (this.circumstances.knobs.chances['clock-skew'] ?? 0) > 0 ? 31 * 60_000 : 1_000;
  }

  beforeCall(call: ServiceCall): void {
    this.#allowed(call);
    this.#claims.before(call);
    if (call.service === 'sqs') this.#messages.before(call);
    if (call.service !== 'ec2') return;
    if (call.operation === 'DeleteSnapshot') this.#deletions.before(call);
    else if (call.operation === 'CreateTags' || call.operation === 'DeleteTags')
      this.#deletions.beforeTags(call);
    else if (CREATING.has(call.operation)) this.#bornOwned(call);
  }

  afterCall(call: ServiceCall): void {
    this.#claims.after(call);
    const { operation, service } = call;
    this.calls.set(operation, (this.calls.get(operation) ?? 0) + 1);
    if (service === 'sqs') {
      this.#messages.after(call);
      if (operation === 'SendMessageBatch' && call.error === undefined && this.#isWork(call))
        this.workSent += 1;
      return;
    }
    if (service === 'sns' && call.error === undefined) this.reports.published(call);
    if (service === 'cloudwatch' && call.environment.functionName === 'reporter')
      this.reports.numbersTold(call);
    if (service !== 'ec2') return;
    this.#reads.note(call, this.#world.kernel.now());
    if (!MUTATING.has(operation)) return;
    this.#world.kernel.note(
      call.environment.functionName,
      `${operation}${call.error ? ` → ${call.error.name}` : ''}`,
      [],
      call.input,
    );
    if (call.error?.name === 'SnapshotLimitExceeded') this.fullAt.set(call.region, this.#world.kernel.now());
    this.mutatingCalls += 1;
    this.#noStorm(call);
    if (operation === 'DeleteSnapshot') this.#deletions.after(call);
    if (operation === 'CreateTags' || operation === 'DeleteTags') this.#deletions.afterTags(call);
    if (CREATING.has(operation) && call.error === undefined) this.#onlyOne(call);
  }

  /** A call was refused before it reached its service. */
  refused(environment: Environment, call: Call, error: Error): void {
    this.#reads.refused(environment, call, error);
  }

  /** A making took effect, and whoever made it will never know. */
  unanswered(call: Call, output: unknown): void {
    if (!CREATING.has(call.operation)) return;
    for (const id of madeIds(output)) {
      const record = this.#world.ec2.region(call.region).snapshots.get(id);
      const made = record && trueSnapshot(this.#world, call.region, record);
      if (made === undefined || this.#surplus.has(id)) continue;
      const key = `${call.region} ${made.key}`;
      this.#credits.set(key, (this.#credits.get(key) ?? 0) + 1);
    }
  }

  onEnd(invocation: Invocation, end: InvocationEnd): void {
    this.#rings.ended(invocation, end);
    this.#deletions.ended(invocation);
    this.reports.ended(invocation);
    this.#messages.ended(invocation);
  }

  onLog(functionName: string, level: string, event: string, fields: LogFields): void {
    if (level !== 'debug') this.#world.kernel.note(functionName, event, [], fields);
    if (event === 'prune.refused') {
      this.refusedAt.set(String(fields['region']), this.#world.kernel.now());
      this.#deletions.refused(fields);
    }
    if (event === 'message.dead-lettered') this.#deadLettered(fields);
    this.reports.logged(functionName, level, event, fields);
    this.#claims.logged(functionName, event, fields);
    this.#messages.logged(event, fields);
    this.#rings.logged(functionName, level, event, fields);
  }

  onDeadLetter(queue: string, message: MessageFacts): void {
    this.#messages.moved(queue, message);
  }

  onCounted(environment: Environment, name: string, value: number): void {
    this.#rings.counted(environment, name, value);
  }

  onLetters(queue: string): void {
    this.#rings.lettersIn(queue);
  }

  onMeasured(environment: Environment, name: string, value: number): void {
    this.reports.measured(name, value);
    this.#rings.measured(environment, name, value);
  }

  onSchedule(spec: ScheduleSpec, scheduledMs: number): void {
    if (spec.target.arn.endsWith('-scheduler')) this.reports.runScheduled(scheduledMs);
  }

  /** X1: only what the function's role allows. */
  #allowed({ environment, service, operation }: ServiceCall): void {
    const action = actionOf(service, operation);
    if (this.#world.allowedActions.get(environment.functionName)?.has(action)) return;
    this.broken('X1', `${environment.functionName} called ${action}, which its role does not allow`, []);
  }

  /** I2: all of our tags in the call itself. */
  #bornOwned({ operation, input }: ServiceCall): void {
    const tags = new Set(
      (input as Tagged).TagSpecifications?.flatMap(({ Tags = [] }) => Tags.map(({ Key }) => Key)),
    );
    const missing = (operation === 'CopySnapshot' ? COPY_TAGS : SOURCE_TAGS).filter((key) => !tags.has(key));
    if (missing.length > 0) this.broken('I2', `${operation} without the tags ${missing.join(', ')}`, []);
  }

  /** I1: a second one for the same key only after an answer was lost. */
  #onlyOne(call: ServiceCall): void {
    const { region, output, environment } = call;
    const { invocation } = environment;
    const now = this.#world.kernel.now();
    const made = new Set(madeIds(output));
    for (const id of made) this.#makers.set(id, { environment, invocation, at: now });
    const here = vaultSnapshots(this.#world, region);
    const own = here.filter(({ id }) => made.has(id));
    judgeCreation(this, call, own);
    for (const snapshot of own) {
      const rivals = here.filter(
        (other) =>
          other.key === snapshot.key &&
          !made.has(other.id) &&
          other.record.state !== 'error' &&
          !other.isCondemned,
      );
      if (rivals.length === 0) continue;
      const key = `${region} ${snapshot.key}`;
      const credits = this.#credits.get(key) ?? 0;
      // Without an answer one has to look again, after EC2's reads have caught up; not to repeat the call at once.
      const isRepeated = rivals.some(({ id }) => {
        const making = this.#makers.get(id);
        if (making === undefined || invocation === undefined) return false;
        // An environment that is still there remembers what it got no answer to.
        const isKnown = making.environment === environment && now - making.at <= this.lagMs;
        return making.invocation === invocation || isKnown;
      });
      if (rivals.length === 1 && rivals.every(({ id }) => this.#couldNotBeSeen(id, call, now))) continue;
      if (rivals.every(({ id }) => this.#cameAfterSending(id, environment))) {
        // Nobody's answer allows a third one.
        this.#surplus.add(snapshot.id);
        continue;
      }
      if (credits > 0 && !isRepeated) this.#credits.set(key, credits - 1);
      else if (!this.isDisturbed(region, snapshot.volumeId, this.#world.kernel.now() - HOUR_MS))
        this.broken(
          'I1',
          `${snapshot.id} is a second snapshot of ${snapshot.volumeId} for ${snapshot.slot} in ${region}; ${rivals[0]?.id} is ${rivals[0]?.record.state}`,
          [snapshot.id, ...rivals.map(({ id }) => id), snapshot.volumeId],
        );
    }
  }

  /**
   * EC2's reads lag behind, and its copies take no client token: of two messages about one snapshot, another
   * environment cannot know what the first one's made a moment ago. Where nothing goes wrong there are no two, so there
   * it is not forgiven. That the surplus copy is pruned is checked at the end.
   */
  #couldNotBeSeen(id: string, { environment, operation }: ServiceCall, now: number): boolean {
    const making = this.#makers.get(id);
    if (making === undefined || operation !== 'CopySnapshot' || this.circumstances.knobs.pack === 'calm')
      return false;
    return making.environment !== environment && now - making.at <= this.lagMs;
  }

  /**
   * EC2's creates take no client token: a request that is still on its way when its sender dies cannot be called back,
   * and whoever works on the message next cannot see it. (That the surplus one is pruned is checked at the end.)
   */
  #cameAfterSending(rival: string, { sentBeforeDeath }: Environment): boolean {
    const making = this.#makers.get(rival);
    return making !== undefined && sentBeforeDeath !== undefined && making.at > sentBeforeDeath - this.lagMs;
  }

  #isWork({ input }: ServiceCall): boolean {
    const url = (input as { QueueUrl?: string }).QueueUrl ?? '';
    return (
      url.endsWith(this.#world.facts.volumesQueue) ||
      [...this.#world.facts.copiesQueues.values()].some((name) => url.endsWith(name))
    );
  }

  /** L5: however broken the world, calls that change something keep to what ticks and events explain. */
  #noStorm({ environment: { functionName }, operation, error }: ServiceCall): void {
    // A snapshot goes only once: however many there are, that is no storm.
    if (operation === 'DeleteSnapshot' && error === undefined) return;
    // At the very end passes are demanded one right after the other: whether they come to rest is L7.
    if (this.#world.schedulesAreOff) return;
    const hour = Math.floor(this.#world.kernel.now() / HOUR_MS);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#callsThisHour = 0;
    }
    this.#callsThisHour += 1;
    const volumes = this.circumstances.knobs.instances.reduce((sum, count) => sum + count, 0);
    if (this.#callsThisHour === CALLS_AN_HOUR * (volumes + 2))
      this.broken(
        'L5',
        `${this.#callsThisHour} mutating calls within an hour, the last ${functionName}'s ${operation}, for ${volumes} volumes`,
        [],
      );
  }

  /** L6: nothing dies of a quota or a throttle. */
  #deadLettered(fields: LogFields): void {
    const code = String(fields['errorCode']);
    if (code === 'THROTTLED' || code === 'LIMIT_EXCEEDED' || code === 'VOLUME_BUSY')
      this.broken('L6', `a message died of ${code}: ${String(fields['cause'])}`, asIds(fields['subject']));
  }
}

const asIds = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** Ids of what a making call made. */
function madeIds(output: unknown): readonly string[] {
  const { SnapshotId, Snapshots } = (output ?? {}) as {
    SnapshotId?: string;
    Snapshots?: readonly { SnapshotId?: string }[];
  };
  return [SnapshotId, ...(Snapshots ?? []).map((one) => one.SnapshotId)].filter((id) => id !== undefined);
}
