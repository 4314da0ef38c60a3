import type { Ec2World } from '@smart-vault/simulator';
import { DESTINATION, type Fleet, SLOT_MS, SOURCE } from './account.ts';
import type { Meter } from './meter.ts';
import { dollarsOf, type Usage } from './prices.ts';

/** Designs that are compared. */
export type DesignName = 'smart vault' | 'original loop' | 'plain fan-out';

/** What one design did with one fleet. */
export interface ScaleResult {
  readonly design: DesignName;
  readonly fleet: Fleet;
  /** Volumes that have a good snapshot and a good copy in the end. */
  readonly protectedVolumes: number;
  /** From the slot to the last start of a snapshot, and to the end of the last copy, seconds. */
  readonly creatingSeconds: number;
  readonly makespanSeconds: number;
  readonly ec2Calls: number;
  readonly mutatingCalls: number;
  readonly throttledCalls: number;
  readonly pendingUse: number;
  readonly copySlotUse: number;
  readonly pendingMost: number;
  readonly copiesMost: number;
  readonly billedMs: number;
  readonly sleptMs: number;
  readonly receives: number;
  readonly usage: Usage;
  readonly dollars: number;
  readonly deadLetters: number;
  /** Means that EC2 took in this run, seconds. */
  readonly snapshotSeconds: number;
  readonly copySeconds: number;
  /** What is worth telling beside the numbers. */
  readonly notes: readonly string[];
}

/** Reads the result off the account and the meter. */
export function resultOf(
  design: DesignName,
  fleet: Fleet,
  { ec2, meter, deadLetters, notes = [] }: Ended,
): ScaleResult {
  const apis = ec2.stats.apis();
  const sum = (pick: (api: (typeof apis)[number]) => number): number =>
    apis.reduce((total, api) => total + pick(api), 0);
  const [source, destination] = [ec2.stats.region(SOURCE), ec2.stats.region(DESTINATION)];
  return {
    design,
    fleet,
    protectedVolumes: protectedVolumes(ec2),
    creatingSeconds: (meter.lastCreateAt - SLOT_MS) / 1000,
    makespanSeconds: (meter.lastCopyEndedAt - SLOT_MS) / 1000,
    ec2Calls: sum(({ calls }) => calls),
    mutatingCalls: sum(({ operation, calls }) => (operation.startsWith('Describe') ? 0 : calls)),
    throttledCalls: sum(({ throttled }) => throttled),
    pendingUse: meter.pending.utilisation,
    copySlotUse: meter.copies.utilisation,
    pendingMost: source.pendingMax,
    copiesMost: destination.copiesInFlightMax,
    billedMs: meter.billedMs,
    sleptMs: meter.sleptMs,
    receives: meter.receives,
    usage: { ...meter.usage },
    dollars: dollarsOf(meter.usage),
    deadLetters,
    snapshotSeconds: meanSeconds(ec2, SOURCE),
    copySeconds: meanSeconds(ec2, DESTINATION),
    notes,
  };
}

export interface Ended {
  readonly ec2: Ec2World;
  readonly meter: Meter;
  readonly deadLetters: number;
  readonly notes?: readonly string[];
}

/** Volumes with a completed copy of a completed snapshot. */
function protectedVolumes(ec2: Ec2World): number {
  const volumes = new Set<string>();
  for (const { state, truth } of ec2.region(DESTINATION).snapshots.values()) {
    if (state === 'completed') volumes.add(truth.lineage);
  }
  return volumes.size;
}

/** How long snapshots of a region held their permits on average; members of a set until all of them have ended. */
function meanSeconds(ec2: Ec2World, region: string): number {
  let [total, count] = [0, 0];
  for (const { startedAt, completedAt } of ec2.region(region).snapshots.values()) {
    if (completedAt === undefined) continue;
    total += completedAt - startedAt;
    count += 1;
  }
  return count === 0 ? 0 : total / count / 1000;
}
