import { unitOf } from '../prng.ts';
import type { Duration, Spread } from './knobs.ts';
import type { Account, RegionState } from './region.ts';
import type { SnapshotRecord } from './types.ts';

const DAY_MS = 86_400_000;
const BLOCK_BYTES = 524_288;
const GIB = 1_073_741_824;

/** GiB of a volume that were ever written: the same whenever one asks. */
export function usedGiB({ knobs, seed }: Account, volumeId: string, sizeGiB: number): number {
  const [from, to] = knobs.usedShare;
  return sizeGiB * (from + (to - from) * unitOf(seed, `used/${volumeId}`));
}

/** GiB that changed between two points in time; all that was ever written when there is no earlier one. */
export function changedGiB(account: Account, used: number, from: number | undefined, to: number): number {
  if (from === undefined) return used;
  return used * Math.min(1, (Math.abs(to - from) / DAY_MS) * account.knobs.changedPerDay);
}

/** How long moving this many GiB takes, in whole milliseconds; fixed per id. */
export function durationMs(
  { seed }: Account,
  { baseSeconds, secondsPerGiB, jitter, spread }: Duration,
  id: string,
  gib: number,
) {
  const factor = 1 + jitter * unitOf(seed, `duration/${id}`);
  const seconds = (baseSeconds + secondsPerGiB * gib) * factor;
  return Math.max(
    1,
    Math.round(1000 * (spread === undefined ? seconds : spreadOut(seconds, spread, seed, id))),
  );
}

/** A lognormal draw that belongs to an id. */
function spreadOut(
  median: number,
  { sigma, minSeconds, maxSeconds }: Spread,
  seed: number,
  id: string,
): number {
  const drawn = median * Math.exp(sigma * normalOf(seed, `spread/${id}`));
  return Math.min(maxSeconds, Math.max(minSeconds, drawn));
}

/** A draw from the standard normal distribution that belongs to a label (Box-Muller). */
function normalOf(seed: number, label: string): number {
  const radius = Math.sqrt(-2 * Math.log(1 - unitOf(seed, `${label}/radius`)));
  return radius * Math.cos(2 * Math.PI * unitOf(seed, `${label}/angle`));
}

/** What FullSnapshotSizeInBytes shows for this much written data. */
export const fullSizeBytes = (used: number): number =>
  Math.max(1, Math.ceil((used * GIB) / BLOCK_BYTES)) * BLOCK_BYTES;

/** The progress text: empty at first, `99%` at most while pending. */
export function progressOf({ state, startedAt, truth }: SnapshotRecord, now: number): string {
  if (state === 'completed') return '100%';
  if (state === 'error' || now <= startedAt) return '';
  return `${Math.min(99, Math.floor((100 * (now - startedAt)) / Math.max(1, truth.endsAt - startedAt)))}%`;
}

/**
 * Whether a copy can move changes only: an earlier copy of this volume was completed here, the newest one still
 * exists and is not archived, and all of them have the same key. In its own region with the same key, always.
 * Source: EBS user guide, "Copy an Amazon EBS snapshot".
 */
export function copyIsIncremental(
  destination: RegionState,
  source: { readonly region: string; readonly record: SnapshotRecord },
  keyId: string | undefined,
): boolean {
  if (source.region === destination.name && source.record.kmsKeyId === keyId) return true;
  const chain = destination.chains.get(source.record.truth.lineage);
  const latest = chain?.latest === undefined ? undefined : destination.snapshots.get(chain.latest);
  if (chain === undefined || latest === undefined || latest.storageTier === 'archive') return false;
  return chain.keys.size === 1 && chain.keys.has(keyId ?? '');
}
