import type { LogFields } from '@smart-vault/core';
import type { EbsEvent } from '@smart-vault/simulator';
import type { Invocation } from '../environment.ts';
import type { Kernel } from '../kernel.ts';
import { COLD_START_MS } from '../lambda.ts';
import type { Observer, ServiceCall, VaultWorld } from '../vault-world.ts';
import { NO_USAGE, type Usage } from './prices.ts';

/** A log line has a time, a level and ids around its fields. */
const LOG_LINE_OVERHEAD_BYTES = 180;

/** Counts what a world uses of the services that are paid by use. */
export class UsageMeter implements Observer {
  readonly #kernel: Kernel;
  readonly #source: string;
  readonly #usage: { -readonly [K in keyof Usage]: Usage[K] } = { ...NO_USAGE };
  #world: VaultWorld | undefined;

  constructor(kernel: Kernel, source: string) {
    this.#kernel = kernel;
    this.#source = source;
  }

  /** The world whose calls it counts. */
  watch(world: VaultWorld): void {
    this.#world = world;
  }

  /** All so far. */
  total(): Usage {
    let lambdaMbMs = this.#usage.lambdaMbMs;
    for (const { opened, spec } of this.#world?.functions.values() ?? [])
      lambdaMbMs += opened * COLD_START_MS * spec.memoryMb;
    return { ...this.#usage, lambdaMbMs };
  }

  afterCall({ service }: ServiceCall): void {
    if (service === 'sqs') this.#usage.sqsRequests += 1;
    else if (service === 'sns') this.#usage.snsPublishes += 1;
    else if (service === 'cloudwatch') this.#usage.metricRequests += 1;
  }

  onEvent({ region }: EbsEvent): void {
    if (region !== this.#source) this.#usage.crossRegionEvents += 1;
  }

  /** A batch is received by one request and deleted by another; idle polls are counted elsewhere. */
  onReceive(_queue: string, messages: number): void {
    if (messages > 0) this.#usage.sqsRequests += 2;
  }

  onDelivered(): void {
    this.#usage.sqsRequests += 1;
  }

  onEnd({ startedAt, functionName }: Invocation): void {
    const memoryMb = this.#world?.functions.get(functionName)?.spec.memoryMb ?? 0;
    this.#usage.lambdaMbMs += (this.#kernel.now() - startedAt) * memoryMb;
    this.#usage.invocations += 1;
  }

  onLog(_functionName: string, level: string, event: string, fields: LogFields): void {
    if (level === 'debug') return;
    this.#usage.logBytes += LOG_LINE_OVERHEAD_BYTES + event.length + JSON.stringify(fields).length;
  }
}
