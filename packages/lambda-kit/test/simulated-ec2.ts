import type { ConnectionOptions } from '@smart-vault/aws';
import type { Clock, Region } from '@smart-vault/core';
import {
  type EbsEvent,
  type Ec2Knobs,
  Ec2World,
  ec2Knobs,
  handleEc2Request,
  parseFleet,
  Rng,
  VirtualClock,
} from '@smart-vault/simulator';
import type { JobContext } from '../src/index.ts';
import { createFakeLog, NOON } from './fakes.ts';

const LATENCY_MS = 150;

/** The simulator's EC2 behind the real SDK client: only the HTTP connection is ours. */
export class SimulatedEc2 {
  readonly world: Ec2World;
  readonly log = createFakeLog();
  readonly events: EbsEvent[] = [];
  /** Operations whose next answer gets lost on its way, after EC2 has carried them out. */
  readonly losesAnswerOf = new Set<string>();
  readonly #time = new VirtualClock(NOON);

  /** Whoever sleeps lets the time pass. */
  readonly clock: Clock = {
    now: () => this.#time.now(),
    sleep: async (ms) => this.advance(ms),
  };

  constructor(knobs: Partial<Ec2Knobs> = {}) {
    this.world = new Ec2World({
      clock: this.#time,
      rng: new Rng(7),
      accountId: '000000000000',
      knobs: ec2Knobs(knobs),
      onEvent: (event) => void this.events.push(event),
    });
  }

  advance(ms: number): void {
    this.#time.advanceTo(this.#time.now() + ms);
  }

  /** Lets the time pass until EC2 has something to tell, or a tick of five minutes is due. */
  advanceToNextEvent(): void {
    const tick = this.#time.now() + 300_000;
    this.#time.advanceTo(Math.min(this.#time.nextDue() ?? tick, tick));
  }

  /** Options for the adapters: this EC2 in place of the network. */
  connection(region: Region): ConnectionOptions {
    const handle = async ({ body = '' }: { body?: string }) => ({ response: this.#answer(region, body) });
    return {
      region,
      backOff: { sleep: (ms) => this.clock.sleep(ms), random: () => 0.5 },
      transport: {
        requestHandler: { handle, updateHttpClientConfig: () => {}, httpHandlerConfigs: () => ({}) },
        credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      } as unknown as NonNullable<ConnectionOptions['transport']>,
    };
  }

  /** The invocation around a pump. */
  context(remainingMs = 300_000): JobContext {
    const startedAt = this.clock.now();
    return {
      clock: this.clock,
      log: this.log,
      remainingMs: () => remainingMs - (this.clock.now() - startedAt),
    };
  }

  /** Instances in the shape of `aws ec2 describe-instances`. */
  loadFleet(region: Region, instances: readonly object[], volumes?: readonly object[]): void {
    const text = { instances: JSON.stringify({ Instances: instances }), region };
    const fleet = parseFleet(volumes ? { ...text, volumes: JSON.stringify({ Volumes: volumes }) } : text);
    this.world.operator.loadFleet(fleet);
  }

  /** The truth, whatever a reader would see. */
  snapshots(region: Region) {
    return [...this.world.region(region).snapshots.values()];
  }

  logged(event: string) {
    return this.log.lines.filter((line) => line.event === event).map(({ fields }) => fields);
  }

  #answer(region: Region, body: string) {
    this.advance(LATENCY_MS);
    const form = new URLSearchParams(body);
    const answer = handleEc2Request(this.world, { region, form });
    if (this.losesAnswerOf.delete(form.get('Action') ?? '')) {
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    }
    return { statusCode: answer.status, headers: answer.headers, body: Buffer.from(answer.body) };
  }
}
