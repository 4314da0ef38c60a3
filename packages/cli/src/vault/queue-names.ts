import { isRegion, type Region } from '@smart-vault/core';

/** What a queue is to its vault. */
export type QueueRole =
  | 'volumes'
  | 'volumes-dlq'
  | 'snapshotter-wakeups'
  | 'copier-wakeups'
  | 'copies'
  | 'copies-dlq'
  | 'reports'
  | 'reports-dlq'
  | 'jobs-dlq'
  | 'events-dlq'
  | 'forwarding-dlq';

const PLAIN: Readonly<Record<string, QueueRole>> = {
  'volumes.fifo': 'volumes',
  'volumes-dlq.fifo': 'volumes-dlq',
  'snapshotter-wakeups.fifo': 'snapshotter-wakeups',
  'copier-wakeups.fifo': 'copier-wakeups',
  reports: 'reports',
  'reports-dlq': 'reports-dlq',
  'jobs-dlq': 'jobs-dlq',
  'events-dlq': 'events-dlq',
};

/** A queue's part in the vault, and the destination that it is about. */
export interface QueuePart {
  readonly role: QueueRole;
  readonly destination?: Region;
}

/**
 * What the name says, as `infra/lib/names.ts` makes them; `undefined` for a queue of another vault, whose name may
 * begin with the name of this one.
 */
export function queuePartOf(vault: string, name: string): QueuePart | undefined {
  if (!name.startsWith(`${vault}-`)) return undefined;
  const rest = name.slice(vault.length + 1);
  if (Object.hasOwn(PLAIN, rest)) return { role: PLAIN[rest] as QueueRole };
  const ofRegion = /^(copies|events-dlq)-([a-z0-9-]+?)(-dlq)?$/.exec(rest);
  const destination = ofRegion?.[2];
  if (ofRegion === null || !isRegion(destination)) return undefined;
  if (ofRegion[1] === 'copies') return { role: ofRegion[3] ? 'copies-dlq' : 'copies', destination };
  return ofRegion[3] ? undefined : { role: 'forwarding-dlq', destination };
}

/** The vault that a queue of this name belongs to, if it is the one that every vault has: `<vault>-volumes.fifo`. */
export const vaultOfQueue = (name: string): string | undefined => /^(.+)-volumes\.fifo$/.exec(name)?.[1];
