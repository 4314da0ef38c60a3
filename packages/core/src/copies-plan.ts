import type { ErrorCode } from './errors.ts';
import type { Region, SnapshotId } from './ids.ts';
import type { Snapshot } from './model.ts';
import { type Point, pointKey, pointOf } from './point.ts';
import type { CopySnapshotRequest } from './ports.ts';
import { TAG } from './tag-names.ts';
import { copyDescription, copyTags } from './tags.ts';
import { oneLine } from './text.ts';

/** EC2's reads may lag behind its writes for minutes (aws-facts §4.4); after this long we believe them. */
export const READ_LAG_MS = 6 * 60_000;

/**
 * So old must a message be before we believe that what it names is gone. Its age is told by our clock against SQS's: one that
 * is ahead by up to a quarter of an hour must not take a snapshot for gone that EC2 does not show yet.
 */
const GONE_AFTER_MS = READ_LAG_MS + 15 * 60_000;

/** Failed copies of one snapshot in one destination before an operator is asked. */
export const COPY_ATTEMPTS_MAX = 3;

/** Everything that the plan for one copy rests on. */
export interface CopyPlanInput {
  readonly message: { readonly snapshotId: SnapshotId; readonly attemptsForgiven: number };
  readonly source: Snapshot | undefined;
  /** What the destination holds of this point, in every state; others may be among it. */
  readonly existing: readonly Snapshot[];
  readonly vault: string;
  readonly destination: Region;
  /** The destination's key for encrypted copies; its default key when left out. */
  readonly kmsKeyId?: string;
  readonly messageAgeMs: number;
  /** `COPY_ATTEMPTS_MAX` when left out. */
  readonly attemptsMax?: number;
  readonly now: number;
}

export type CopyPlan =
  | {
      readonly kind: 'copy';
      readonly request: CopySnapshotRequest;
      readonly point: Point;
      readonly reason: string;
    }
  | { readonly kind: 'done'; readonly reason: string }
  | { readonly kind: 'wait'; readonly delaySeconds: number; readonly reason: string }
  | {
      readonly kind: 'dead-letter';
      readonly code: ErrorCode;
      readonly cause: string;
      /** For the letter's `CopyMessage`: a redrive starts with as many attempts as the first time. */
      readonly attemptsForgiven: number;
      readonly reason: string;
    };

const WAIT_SECONDS = 60;

/**
 * What to do about the copy of one snapshot to one destination. The source is only ever copied when a Describe says
 * `completed`: EC2 accepts a pending one, and the copy then ends in `error` (aws-facts §3.3).
 */
export function planCopy(input: CopyPlanInput): CopyPlan {
  const { source, message } = input;
  if (source === undefined) return unseen(input);
  const ownership = pointOf(source, input.vault);
  switch (ownership.kind) {
    case 'foreign':
      return done(`${message.snapshotId} is not of vault ${input.vault}`);
    case 'malformed':
      return done(`${message.snapshotId} cannot be understood: ${oneLine(ownership.problems.join('; '))}`);
    case 'owned':
      return planOwned(input, source, ownership.point);
  }
}

const done = (reason: string): CopyPlan => ({ kind: 'done', reason });
const wait = (reason: string): CopyPlan => ({ kind: 'wait', delaySeconds: WAIT_SECONDS, reason });

function unseen({ message, messageAgeMs }: CopyPlanInput): CopyPlan {
  return messageAgeMs < GONE_AFTER_MS
    ? wait(`${message.snapshotId} cannot be seen yet: reads may lag`)
    : done(`${message.snapshotId} is gone`);
}

function planOwned(input: CopyPlanInput, source: Snapshot, point: Point): CopyPlan {
  if (point.copiedFrom !== undefined) return done(`${source.id} is itself a copy from ${point.copiedFrom}`);
  if (source.region === input.destination) return done(`${source.id} is in ${input.destination} already`);
  if (point.condemnedAt !== undefined) return done(`${source.id} is condemned: it is about to be deleted`);
  if (source.storageTier === 'archive') return done(`${source.id} is archived: EC2 cannot copy it`);
  switch (source.state) {
    case 'pending':
      return wait(`${source.id} is still pending`);
    case 'error':
      return done(`${source.id} has failed: ${oneLine(source.stateMessage ?? 'EC2 gives no reason')}`);
    case 'recoverable':
    case 'recovering':
      return done(`${source.id} is in the Recycle Bin`);
    case 'completed':
      return planCompleted(input, source, point);
  }
}

function planCompleted(input: CopyPlanInput, source: Snapshot, point: Point): CopyPlan {
  const copies = input.existing.filter((copy) => isCopyOf(copy, point, input.vault));
  const standing =
    copies.find((copy) => copy.state === 'completed') ?? copies.find((copy) => copy.state === 'pending');
  if (standing !== undefined) return done(`copy ${standing.id} in ${input.destination} is ${standing.state}`);
  const failed = copies.filter(
    ({ state, tags }) => state === 'error' && tags[TAG.originalSnapshotId] === source.id,
  );
  const attempts = failed.length - input.message.attemptsForgiven;
  if (attempts >= (input.attemptsMax ?? COPY_ATTEMPTS_MAX)) return givenUp(input, failed, attempts);
  const request: CopySnapshotRequest = {
    sourceRegion: source.region,
    sourceSnapshotId: source.id,
    description: copyDescription(source.region, point.slot),
    tags: copyTags(source, point),
    encrypted: source.encrypted,
    ...(source.encrypted && input.kmsKeyId ? { kmsKeyId: input.kmsKeyId } : {}),
  };
  const which = failed.length === 0 ? 'no copy yet' : `${failed.length} copies have failed`;
  return { kind: 'copy', request, point, reason: `${which} in ${input.destination}` };
}

/**
 * Look-alikes do not count: neither what others tagged, nor what we made of another point. A copy of the same point does,
 * whichever snapshot it was made of: a point is needed once.
 */
function isCopyOf(copy: Snapshot, source: Point, vault: string): boolean {
  const ownership = pointOf(copy, vault);
  if (ownership.kind !== 'owned') return false;
  const { point } = ownership;
  return point.copiedFrom === source.region && pointKey(point) === pointKey(source);
}

function givenUp(input: CopyPlanInput, failed: readonly Snapshot[], attempts: number): CopyPlan {
  const [newest] = [...failed].sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? -1 : 1));
  const cause = oneLine(newest?.stateMessage ?? 'EC2 gives no reason', 256);
  return {
    kind: 'dead-letter',
    code: codeOf(cause),
    cause,
    attemptsForgiven: failed.length,
    reason: `${attempts} copies to ${input.destination} have failed; the last: ${cause}`,
  };
}

/** EC2 tells why a copy failed in words only; a key that it may not use is the one that people can mend. */
const codeOf = (cause: string): ErrorCode => (/\bkey\b|kms/i.test(cause) ? 'DENIED' : 'UNKNOWN');
