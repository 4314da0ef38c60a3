import * as v from 'valibot';
import { AppError } from './errors.ts';
import type { InstanceId, Region, SnapshotId, VolumeId } from './ids.ts';
import {
  runSchema,
  scheduledJobSchema,
  scheduledRunSchema,
  snapshotUnitSchema,
  wakeUpSchema,
} from './message-schemas.ts';
import type { Slot } from './slot.ts';
import { oneLine } from './text.ts';

/** Snapshot one unit for one slot. Queue `volumes.fifo`. */
export interface SnapshotUnitMessage {
  readonly v: 1;
  readonly kind: 'snapshot-unit';
  readonly vault: string;
  readonly policy: string;
  readonly slot: Slot;
  readonly unit: InstanceId | VolumeId;
  readonly instanceId: InstanceId;
  readonly volumeIds: readonly VolumeId[];
  /** When this work was first seen, ms. Survives being sent anew and redriven. */
  readonly firstSeenAt: number;
}

/** Copy one snapshot to the destination of the queue it is in. */
export interface CopyMessage {
  readonly v: 1;
  readonly kind: 'copy';
  readonly vault: string;
  readonly snapshotId: SnapshotId;
  readonly firstSeenAt: number;
  /** Failed copies that existed when it was dead-lettered: a redrive starts counting after them. */
  readonly attemptsForgiven: number;
}

/** A hint that a pump of this region may have something to do. */
export interface WakeUpMessage {
  readonly v: 1;
  readonly kind: 'wake-up';
  readonly region: Region;
  readonly cause: 'event' | 'tick' | 'self' | 'work' | 'redrive';
  readonly id: string;
}

/** One run of a policy, to be reported on. */
export interface RunMessage {
  readonly v: 1;
  readonly kind: 'run';
  readonly vault: string;
  readonly policy: string;
  readonly slot: Slot;
  readonly startedAt: number;
  readonly instances: number;
  readonly units: number;
  readonly volumes: number;
  /** What was scheduled; left out above 200 KB. */
  readonly scheduled?: Readonly<Record<InstanceId, readonly VolumeId[]>>;
  /** How often the reporter has looked at it. */
  readonly check: number;
}

/** Input of the scheduler function, from EventBridge Scheduler. */
export interface ScheduledRun {
  readonly v: 1;
  readonly kind: 'scheduled-run';
  readonly policy: string;
  readonly slot: Slot;
}

/** Input of the reconciler and the pruner. */
export interface ScheduledJob {
  readonly v: 1;
  readonly kind: 'scheduled-job';
  readonly job: 'reconcile' | 'prune';
  readonly at: Slot;
}

export type Message =
  | SnapshotUnitMessage
  | CopyMessage
  | WakeUpMessage
  | RunMessage
  | ScheduledRun
  | ScheduledJob;

/** Names of the string attributes on letters that a pump dead-letters itself. */
export const DEAD_LETTER_ATTRIBUTE = {
  code: 'smart-vault.code',
  cause: 'smart-vault.cause',
  failureClass: 'smart-vault.class',
  attempts: 'smart-vault.attempts',
  failedAt: 'smart-vault.failed-at',
  /** Volume or snapshot ids, separated by spaces. */
  subject: 'smart-vault.subject',
} as const;

/**
 * Attribute of a message about something whose letter lies in the dead-letter queue already, sent by the reconciler.
 * When it dies again it leaves no second letter.
 */
export const HAS_LETTER_ATTRIBUTE = 'smart-vault.has-letter';

/** Characters that a body may have: 256 KB, as EventBridge and SNS have it, is more than any of ours needs. */
const BODY_LENGTH_MAX = 262_144;

/** The message as the body of an SQS message. */
export const encodeMessage = (message: Message): string => JSON.stringify(message);

/** @throws AppError `CONTRACT`, with the path and what was expected there. */
export const parseSnapshotUnit = (body: string): SnapshotUnitMessage =>
  parseShape(snapshotUnitSchema, parseJson(body), 'snapshot-unit message');

/** @throws AppError `CONTRACT`. */
export const parseWakeUp = (body: string): WakeUpMessage =>
  parseShape(wakeUpSchema, parseJson(body), 'wake-up message');

/** @throws AppError `CONTRACT`. */
export const parseRun = (body: string): RunMessage => parseShape(runSchema, parseJson(body), 'run message');

/** The scheduler's input, already an object. @throws AppError `CONTRACT`. */
export const parseScheduledRun = (value: unknown): ScheduledRun =>
  parseShape(scheduledRunSchema, value, 'input of the scheduler');

/** The reconciler's or pruner's input, already an object. @throws AppError `CONTRACT`. */
export const parseScheduledJob = (value: unknown): ScheduledJob =>
  parseShape(scheduledJobSchema, value, 'input of the job');

/** What makes two snapshot-unit messages the same work: `vault/policy/unit/slot`, at most 128 characters. */
export const unitKey = (message: Pick<SnapshotUnitMessage, 'vault' | 'policy' | 'unit' | 'slot'>): string =>
  [message.vault, message.policy, message.unit, message.slot].join('/');

/** @throws AppError `CONTRACT` for a body that is too long or no JSON. */
export function parseJson(body: string): unknown {
  if (body.length > BODY_LENGTH_MAX) {
    throw new AppError('CONTRACT', `body has ${body.length} characters; expected at most ${BODY_LENGTH_MAX}`);
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new AppError('CONTRACT', `body is no JSON: ${oneLine(body.slice(0, 200), 80)}`);
  }
}

/** Reads known fields only, so nothing of the input (`__proto__` included) gets any further than this. */
export function parseShape<T>(schema: v.GenericSchema<unknown, T>, value: unknown, what: string): T {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue) ?? '(root)';
  throw new AppError('CONTRACT', `${what}: ${oneLine(path, 100)}: ${oneLine(issue.message, 300)}`, {
    details: { path },
  });
}
