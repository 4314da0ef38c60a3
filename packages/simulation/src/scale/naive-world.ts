import { type EbsEvent, Ec2World, ec2Knobs, Rng, SqsService } from '@smart-vault/simulator';
import { ACCOUNT, queueUrl } from '../account.ts';
import { Chaos } from '../chaos.ts';
import type { Environment } from '../environment.ts';
import { Kernel } from '../kernel.ts';
import { type AnyHandler, LambdaFunction } from '../lambda.ts';
import { addFleet, type Fleet, knobsFor, SLOT_MS, scaleLatencies } from './account.ts';
import type { Meter } from './meter.ts';
import { NaiveClient } from './naive-calls.ts';
import { meterOf } from './run-vault.ts';

/** Far more callbacks than either design takes, per volume. */
const EVENTS_PER_VOLUME_MAX = 5_000;
/** Lambda's default. */
const MEMORY_MB = 128;

/** The same account as the vault's, with nothing deployed yet. It begins at the slot. */
export class NaiveWorld {
  readonly kernel: Kernel;
  readonly ec2: Ec2World;
  readonly sqs: SqsService;
  readonly meter: Meter;
  readonly volumes: readonly string[];
  readonly chaos: Chaos;
  readonly #seed: number;
  readonly #functions: LambdaFunction[] = [];

  constructor(fleet: Fleet, seed: number, onEvent: (event: EbsEvent) => void) {
    this.#seed = seed;
    this.kernel = new Kernel(SLOT_MS, EVENTS_PER_VOLUME_MAX * (fleet.volumes + 1_000));
    this.chaos = new Chaos({ seed, chances: {} });
    this.meter = meterOf(fleet, MEMORY_MB);
    const { clock } = this.kernel;
    this.ec2 = new Ec2World({
      clock,
      rng: new Rng(seed).fork('ec2'),
      accountId: ACCOUNT,
      knobs: ec2Knobs(knobsFor(fleet)),
      onEvent: (event) => {
        this.meter.onEvent(event);
        onEvent(event);
      },
    });
    this.sqs = new SqsService({ clock, seed, accountId: ACCOUNT, queueUrl });
    this.volumes = addFleet(this.ec2, fleet);
    this.meter.watch(this.ec2);
  }

  /** A function of so many minutes, with a plain client of its own in every environment. */
  addFunction(
    name: string,
    timeoutMs: number,
    open: (client: NaiveClient, environment: Environment) => AnyHandler,
  ) {
    const { kernel, chaos, ec2, meter } = this;
    const created = new LambdaFunction({
      kernel,
      chaos,
      latencyMs: scaleLatencies(this.#seed),
      unanswered: () => {},
      refused: () => {},
      spec: {
        name,
        arn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`,
        timeoutMs,
        memoryMb: MEMORY_MB,
        variables: {},
        asyncRetriesMax: 0,
        asyncMaxAgeMs: 0,
      },
      open: (environment) => {
        const rng = new Rng(this.#seed).fork(`retries ${name} ${created.opened}`);
        return open(new NaiveClient(environment, ec2, meter, rng), environment);
      },
      onEnd: (invocation) => meter.onEnd(invocation),
      bury: () => {},
    });
    this.#functions.push(created);
    return created;
  }

  /** Bills the cold starts. */
  end(): void {
    for (const { opened } of this.#functions) this.meter.addColdStarts(opened);
  }
}
