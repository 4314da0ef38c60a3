import type { LogFields } from '@smart-vault/core';
import type { EbsEvent, Ec2World } from '@smart-vault/simulator';
import type { Invocation } from '../environment.ts';
import { COLD_START_MS } from '../lambda.ts';
import type { Observer, ServiceCall } from '../vault-world.ts';
import { DESTINATION, type Fleet, SLOT_MS, SOURCE } from './account.ts';
import { Occupancy } from './occupancy.ts';
import type { Usage } from './prices.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Lambda bills whole milliseconds; a log line has a time, a level and ids around its fields. */
const LOG_LINE_OVERHEAD_BYTES = 180;

/** Counts what a design does to the account, whatever the design. */
export class Meter implements Observer {
  readonly usage: Mutable<Usage> = {
    lambdaMbMs: 0,
    invocations: 0,
    sqsRequests: 0,
    crossRegionEvents: 0,
    snsPublishes: 0,
    logBytes: 0,
  };
  receives = 0;
  billedMs = 0;
  sleptMs = 0;
  /** When the last snapshot was started, and when the last copy had ended; virtual milliseconds since 1970. */
  lastCreateAt = SLOT_MS;
  lastCopyEndedAt = SLOT_MS;
  readonly pending: Occupancy;
  readonly copies: Occupancy;
  readonly #fleet: Fleet;
  readonly #memoryMb: number;
  #ec2: Ec2World | undefined;

  constructor(fleet: Fleet, memoryMb: number, quotas: { readonly pending: number; readonly copies: number }) {
    this.#fleet = fleet;
    this.#memoryMb = memoryMb;
    this.pending = new Occupancy(quotas.pending, SLOT_MS);
    this.copies = new Occupancy(quotas.copies, SLOT_MS);
  }

  /** Begins to count: the work is due now. */
  watch(ec2: Ec2World): void {
    this.#ec2 = ec2;
    this.#look(SLOT_MS);
  }

  afterCall({ service, operation }: ServiceCall): void {
    if (service === 'sqs') {
      this.usage.sqsRequests += 1;
      if (operation === 'ReceiveMessage') this.receives += 1;
    } else if (service === 'sns') this.usage.snsPublishes += 1;
    else if (service === 'ec2' && (operation.startsWith('Create') || operation === 'CopySnapshot'))
      this.#started(operation);
  }

  #started(operation: string): void {
    const now = this.#ec2?.clock.now() ?? SLOT_MS;
    if (operation.startsWith('CreateSnapshot')) this.lastCreateAt = now;
    this.#look(now);
  }

  onEvent(event: EbsEvent): void {
    const now = this.#ec2?.clock.now() ?? SLOT_MS;
    if (event.region !== SOURCE) {
      this.usage.crossRegionEvents += 1;
      this.lastCopyEndedAt = now;
    }
    this.#look(now);
  }

  onReceive(_queue: string, messages: number): void {
    this.receives += 1;
    // A batch is received by one request, and deleted by another.
    this.usage.sqsRequests += messages === 0 ? 1 : 2;
  }

  onDelivered(): void {
    this.usage.sqsRequests += 1;
  }

  onEnd({ startedAt, sleptMs }: Pick<Invocation, 'startedAt' | 'sleptMs'>): void {
    const ms = (this.#ec2?.clock.now() ?? startedAt) - startedAt;
    this.billedMs += ms;
    this.sleptMs += Math.min(ms, sleptMs);
    this.usage.lambdaMbMs += ms * this.#memoryMb;
    this.usage.invocations += 1;
  }

  onLog(_functionName: string, level: string, event: string, fields: LogFields): void {
    if (level === 'debug') return;
    this.usage.logBytes += LOG_LINE_OVERHEAD_BYTES + event.length + JSON.stringify(fields).length;
  }

  /** Bills the starts of execution environments. */
  addColdStarts(count: number): void {
    this.usage.lambdaMbMs += count * COLD_START_MS * this.#memoryMb;
  }

  #look(now: number): void {
    const { stats } = this.#ec2 ?? {};
    if (stats === undefined) return;
    const [source, destination] = [stats.region(SOURCE), stats.region(DESTINATION)];
    this.pending.change(now, source.pending, source.snapshotsStarted < this.#fleet.volumes);
    this.copies.change(now, destination.copiesInFlight, source.completed > destination.copiesStarted);
  }
}
