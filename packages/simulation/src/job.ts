import type { FaultKind } from './fault-catalogue.ts';
import type { Violation } from './oracle/oracle.ts';
import type { PackName } from './packs.ts';

/** Worlds for one worker. */
export interface Batch {
  readonly pack: PackName;
  readonly from: number;
  readonly count: number;
}

/** What a worker says of one batch. */
export interface BatchReport {
  readonly batch: Batch;
  readonly events: number;
  /** How many worlds each fault struck in. */
  readonly struck: Readonly<Partial<Record<FaultKind, number>>>;
  readonly failures: readonly SeedFailure[];
  /** Fingerprint over all worlds of the batch, in order. */
  readonly hash: string;
}

export interface SeedFailure {
  readonly pack: PackName;
  readonly seed: number;
  readonly violations: readonly Violation[];
}
