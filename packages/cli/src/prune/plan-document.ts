import {
  AppError,
  isRegion,
  isSnapshotId,
  type PruneDecision,
  type PruneInputs,
  planPrune,
  type Region,
  type RegionInventory,
  type Snapshot,
  type SnapshotId,
} from '@smart-vault/core';
import { assertPlan } from '@smart-vault/pruner';
import * as v from 'valibot';
import { canonicalJson, hashOf } from './canonical.ts';

const FORMAT = 'smart-vault prune plan';
const VERSION = 1;
/** Hexadecimal characters of a snapshot's fingerprint. */
const FINGERPRINT_LENGTH = 16;

const region = v.custom<Region>((it) => typeof it === 'string' && isRegion(it), 'expected a region');
const snapshotId = v.custom<SnapshotId>(
  (it) => typeof it === 'string' && isSnapshotId(it),
  'expected a snapshot id',
);
const text = v.pipe(v.string(), v.minLength(1));
const count = v.pipe(v.number(), v.minValue(0));

const decision = v.strictObject({
  snapshotId,
  region,
  kind: v.picklist(['keep', 'condemn', 'pardon', 'delete']),
  rule: text,
  reason: text,
  sizeGiB: count,
  slot: v.optional(text),
  volumeId: v.optional(text),
  /** Of everything that the rules look at but its state: tags, tier, locks, images. */
  fingerprint: v.pipe(v.string(), v.length(FINGERPRINT_LENGTH)),
});

const document = v.strictObject({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  vault: text,
  source: region,
  /** The instant that it was planned for, ISO 8601. */
  at: v.pipe(v.string(), v.isoTimestamp()),
  policy: v.strictObject({
    name: text,
    tagKey: text,
    tagValue: text,
    consistency: v.picklist(['instance', 'volume']),
    retentionDays: count,
    keepMin: count,
    graceHours: count,
    destinations: v.array(region),
  }),
  limits: v.strictObject({ deletesPerRunMax: count, deleteShareMax: count }),
  regions: v.array(v.strictObject({ region, snapshots: count, problem: v.optional(v.string()) })),
  /** One per snapshot, in the order of the pruner: sources first, oldest slot first. */
  decisions: v.array(decision),
  refusals: v.array(v.strictObject({ region, reason: v.string() })),
});
const signed = v.strictObject({ ...document.entries, hash: v.string() });

/** One snapshot in a plan, and what it looked like. */
export type PlannedDecision = Readonly<v.InferOutput<typeof decision>>;

/** A plan as it is written to a file. The same inventory at the same `at` gives the same bytes. */
export type PlanDocument = Readonly<v.InferOutput<typeof signed>>;

/** Plans as the pruner does, and checks the plan as it does. Pure. */
export function planDocument(inputs: PruneInputs): PlanDocument {
  const plan = planPrune(inputs);
  assertPlan(inputs, plan);
  const fingerprints = fingerprintsOf(inputs.regions);
  const unsigned: v.InferOutput<typeof document> = {
    format: FORMAT,
    version: VERSION,
    vault: inputs.vault,
    source: inputs.source,
    at: new Date(inputs.now).toISOString(),
    policy: { ...inputs.policy, destinations: [...inputs.policy.destinations] },
    limits: { ...inputs.limits },
    regions: inputs.regions.map(({ region: name, snapshots, problem }) => ({
      region: name,
      snapshots: snapshots.length,
      ...(problem !== undefined && { problem }),
    })),
    decisions: plan.decisions.map((each) => ({
      ...each,
      fingerprint: fingerprints.get(keyOf(each)) ?? '',
    })),
    refusals: plan.refusals.map((each) => ({ ...each })),
  };
  return { ...unsigned, hash: hashOf(unsigned) };
}

const keyOf = ({ region: where, snapshotId: id }: Pick<PruneDecision, 'region' | 'snapshotId'>): string =>
  `${where} ${id}`;

/** By region and id. */
export function fingerprintsOf(regions: readonly RegionInventory[]): ReadonlyMap<string, string> {
  return new Map(
    regions.flatMap((inventory) =>
      inventory.snapshots.map((snapshot) => [
        keyOf({ region: inventory.region, snapshotId: snapshot.id }),
        fingerprintOf(snapshot, inventory),
      ]),
    ),
  );
}

const fingerprintOf = (
  { id, tags, sizeGiB, startedAt, storageTier, encrypted }: Snapshot,
  { inImages, locked }: RegionInventory,
): string =>
  hashOf([tags, sizeGiB, startedAt, storageTier, encrypted, inImages.has(id), locked.has(id)]).slice(
    0,
    FINGERPRINT_LENGTH,
  );

/** The text of a plan file. */
export const writePlan = (plan: PlanDocument): string => `${canonicalJson(plan, 1)}\n`;

/** @throws AppError `INVALID` for what is no plan of this version, or was changed since it was written */
export function readPlan(given: string, file: string): PlanDocument {
  const result = v.safeParse(signed, parsed(given, file));
  if (!result.success) {
    const [issue] = result.issues;
    const where = v.getDotPath(issue) ?? 'the file';
    throw new AppError(
      'INVALID',
      `${file} is no plan of this version: ${where}: ${issue.message}; plan again`,
    );
  }
  const { hash, ...unsigned } = result.output;
  if (hashOf(unsigned) === hash) return result.output;
  throw new AppError(
    'INVALID',
    `${file} was changed since it was written (its hash does not match): a plan is carried out as it is, or made again`,
  );
}

function parsed(given: string, file: string): unknown {
  try {
    return JSON.parse(given);
  } catch (cause) {
    throw new AppError('INVALID', `${file} is no JSON; expected what prune plan --out wrote`, { cause });
  }
}
