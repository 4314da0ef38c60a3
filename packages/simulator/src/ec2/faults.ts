import { unitOf } from '../prng.ts';
import { Ec2Error } from './errors.ts';
import type { TagMap } from './types.ts';

/** One API call, as faults see it. */
export interface FaultCall {
  /** `CreateSnapshot`, `DescribeVolumes` and so on. */
  readonly operation: string;
  readonly region: string;
  /** What it acts on: a volume, an instance, a snapshot (for copies the source); empty for listings. */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A snapshot or a copy that is being started, as faults see it. */
export interface FaultStart {
  readonly region: string;
  readonly snapshotId: string;
  /** The volume whose data it holds, also for copies when it is known. */
  readonly volumeId: string;
  /** Set for copies. */
  readonly source?: { readonly region: string; readonly snapshotId: string };
  readonly tags: TagMap;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** An active fault in words. */
export interface ActiveFault {
  readonly id: string;
  readonly text: string;
}

/** Part of the calls: a share from 0 to 1, or every nth. */
export type Part = { readonly share: number } | { readonly every: number };

type Hit = (call: FaultCall) => Ec2Error | undefined;
type Cause = (start: FaultStart) => string | undefined;
interface Fault {
  readonly id: string;
  readonly text: string;
  readonly onCall?: Hit;
  readonly onSnapshot?: Cause;
  readonly onCopy?: Cause;
}

/**
 * What goes wrong. Draws belong to a label (`operation/region/subject/attempt`), not to a sequence, so that
 * taking one fault away leaves the others where they were.
 */
export class Faults {
  readonly #seed: number;
  readonly #accountId: string;
  readonly #active = new Map<string, Fault>();
  #count = 0;

  constructor(seed: number, accountId: string) {
    this.#seed = seed;
    this.#accountId = accountId;
  }

  /** `UnauthorizedOperation` for these calls. @param operation `*` for all @returns the fault's id */
  deny(operation: string, where: (call: FaultCall) => boolean = always, text = 'some calls'): string {
    return this.#add(`${operation} is denied for ${textOf(where, text)}`, {
      onCall: (call) =>
        concerns(operation, call) && where(call) ? unauthorized(call, this.#accountId) : undefined,
    });
  }

  /** `RequestLimitExceeded` for part of the calls. @param operation `*` for all @returns the fault's id */
  throttle(operation: string, part: Part): string {
    const id = this.#nextId();
    const takes = this.#picker(id, part);
    return this.#add(`${operation} is throttled: ${partText(part)}`, {
      onCall: (call) => (concerns(operation, call) && takes(call) ? requestLimitExceeded() : undefined),
    });
  }

  /** Any other error for these calls. @returns the fault's id */
  fail(
    operation: string,
    error: Ec2Error,
    where: (call: FaultCall) => boolean = always,
    text = 'some calls',
  ) {
    return this.#add(`${operation} fails with ${error.code} for ${textOf(where, text)}`, {
      onCall: (call) => (concerns(operation, call) && where(call) ? error : undefined),
    });
  }

  /** The region's API answers nothing but 503. @returns the fault's id */
  outage(region: string): string {
    const error = new Ec2Error('Unavailable', 'The server is overloaded and cannot handle the request.', 503);
    return this.#add(`${region} is down`, { onCall: (call) => (call.region === region ? error : undefined) });
  }

  /** These snapshots are accepted and end in `error`, with this StateMessage. @returns the fault's id */
  failSnapshots(
    where: (start: FaultStart) => boolean = always,
    cause = 'An internal error has occurred',
  ): string {
    return this.#add(`snapshots of ${textOf(where, 'some volumes')} fail: ${cause}`, {
      onSnapshot: (start) => (where(start) ? cause : undefined),
    });
  }

  /** These copies are accepted and end in `error`, with this StateMessage. @returns the fault's id */
  failCopies(
    where: (start: FaultStart) => boolean = always,
    cause = 'Given key ID is not accessible',
  ): string {
    return this.#add(`copies of ${textOf(where, 'some snapshots')} fail: ${cause}`, {
      onCopy: (start) => (where(start) ? cause : undefined),
    });
  }

  /** Ends one. Does nothing when it is over already. */
  lift(id: string): void {
    this.#active.delete(id);
  }

  /** Ends all. */
  liftAll(): void {
    this.#active.clear();
  }

  /** Those that are active, in words, in the order in which they began. */
  list(): readonly ActiveFault[] {
    return [...this.#active.values()].map(({ id, text }) => ({ id, text }));
  }

  /** The error that a call meets, if any. For the model. */
  ofCall(call: FaultCall): Ec2Error | undefined {
    return this.#first((fault) => fault.onCall?.(call));
  }

  /** Why a snapshot that begins now will fail, if it will. For the model. */
  ofSnapshot(start: FaultStart): string | undefined {
    return this.#first((fault) => fault.onSnapshot?.(start));
  }

  /** Why a copy that begins now will fail, if it will. For the model. */
  ofCopy(start: FaultStart): string | undefined {
    return this.#first((fault) => fault.onCopy?.(start));
  }

  #first<R>(ask: (fault: Fault) => R | undefined): R | undefined {
    if (this.#active.size === 0) return undefined;
    for (const fault of this.#active.values()) {
      const answer = ask(fault);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  #nextId = (): string => `fault-${this.#count + 1}`;

  #add(text: string, fault: Omit<Fault, 'id' | 'text'>): string {
    const id = this.#nextId();
    this.#count += 1;
    this.#active.set(id, { id, text, ...fault });
    return id;
  }

  #picker(id: string, part: Part): (call: FaultCall) => boolean {
    const attempts = new Map<string, number>();
    let calls = 0;
    return ({ operation, region, subject }) => {
      calls += 1;
      if ('every' in part) return calls % Math.max(1, Math.round(part.every)) === 0;
      const label = `${operation}/${region}/${subject}`;
      const attempt = (attempts.get(label) ?? 0) + 1;
      attempts.set(label, attempt);
      return unitOf(this.#seed, `${id}/${label}/${attempt}`) < part.share;
    };
  }
}

const always = (): boolean => true;
const concerns = (operation: string, call: FaultCall) => operation === '*' || operation === call.operation;
const textOf = (where: unknown, some: string): string =>
  where === always ? some.replace('some', 'all') : some;
const partText = (part: Part): string =>
  'every' in part ? `every call no. ${part.every}` : `${Math.round(part.share * 100)} % of the calls`;

/** EC2's answer when an API's token bucket is empty. */
export const requestLimitExceeded = (): Ec2Error =>
  new Ec2Error('RequestLimitExceeded', 'Request limit exceeded.', 503);

function unauthorized({ operation, region, subject }: FaultCall, account: string): Ec2Error {
  const resource = subject === '' ? '*' : arnOf(region, account, subject);
  return new Ec2Error(
    'UnauthorizedOperation',
    'You are not authorized to perform this operation. ' +
      `User: arn:aws:sts::${account}:assumed-role/smart-vault/session is not authorized ` +
      `to perform: ec2:${operation} on resource: ${resource} because no identity-based policy allows the ec2:${operation} action`,
    403,
  );
}

function arnOf(region: string, account: string, id: string): string {
  const type = TYPES.find(([prefix]) => id.startsWith(prefix))?.[1] ?? 'instance';
  const owned = type !== 'snapshot' && type !== 'image';
  return `arn:aws:ec2:${region}:${owned ? account : ''}:${type}/${id}`;
}

const TYPES = [
  ['snap-', 'snapshot'],
  ['vol-', 'volume'],
  ['ami-', 'image'],
] as const;
