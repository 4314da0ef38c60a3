import type * as v from 'valibot';
import { AppError } from './errors.ts';
import { type SnapshotId, snapshotIdFromArn } from './ids.ts';
import { copySchema, ebsEventSchema } from './message-schemas.ts';
import { type CopyMessage, parseJson, parseShape } from './messages.ts';

/** What a body in a `copies-<destination>` queue turns out to be: our message, or an EBS event as it came. */
export type CopyWork =
  | { readonly kind: 'copy'; readonly message: CopyMessage }
  | {
      readonly kind: 'event';
      /** At least one, each once. */
      readonly snapshotIds: readonly SnapshotId[];
      readonly sourceEvent: 'createSnapshot' | 'createSnapshots';
    }
  | { readonly kind: 'ignore'; readonly reason: string };

type EbsEvent = v.InferOutput<typeof ebsEventSchema>;

/**
 * Reads the body of a message of a copies queue. An event is a hint, so its result is not looked at: whether the
 * snapshot is good is for a Describe to say. Its ARNs are malformed (aws-facts §1.2): only their last part counts.
 *
 * @throws AppError `CONTRACT` for what is neither.
 */
export function parseCopyWork(body: string): CopyWork {
  const value = parseJson(body);
  if (isObject(value) && value['kind'] === 'copy') {
    return { kind: 'copy', message: parseShape(copySchema, value, 'copy message') };
  }
  return workOf(parseShape(ebsEventSchema, value, 'neither a copy message nor an EBS event'));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function workOf(event: EbsEvent): CopyWork {
  const { detail } = event;
  const name = detail.event;
  if (name !== 'createSnapshot' && name !== 'createSnapshots') {
    return { kind: 'ignore', reason: `event ${event['detail-type']} ${name || '(unnamed)'} starts no copy` };
  }
  const named = [
    ...detail.snapshots.map((each) => each.snapshot_id),
    ...(detail.snapshot_id ? [detail.snapshot_id] : []),
  ];
  const arns = named.length > 0 ? named : event.resources;
  const ids = new Set(arns.map(snapshotIdFromArn).filter((id) => id !== undefined));
  if (ids.size === 0) {
    throw new AppError('CONTRACT', `event ${name}: detail.snapshot_id: expected the ARN of a snapshot`);
  }
  return { kind: 'event', snapshotIds: [...ids], sourceEvent: name };
}
