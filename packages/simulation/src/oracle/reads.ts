import type { Call, Environment, Invocation } from '../environment.ts';
import type { ServiceCall } from '../vault-world.ts';

interface ReadState {
  /** Listings by `region operation` whose last page is an error, or that went round in a circle. */
  readonly incomplete: Map<string, string>;
  /** When a snapshot was last looked up by its id, and shown. */
  readonly seenById: Map<string, number>;
  /** Tokens given so far, by `region operation`. */
  readonly tokens: Map<string, Set<string>>;
}

type Listing = {
  readonly NextToken?: string;
  readonly Snapshots?: readonly { readonly SnapshotId?: string }[];
};
type Filtered = { readonly NextToken?: string; readonly Filters?: readonly { readonly Name?: string }[] };

/** What each invocation of the pruner has read, and what of it failed. */
export class Reads {
  /** Kept beyond an invocation's end: what it did last may take effect only then. */
  readonly #states = new WeakMap<Invocation, ReadState>();

  note({ environment, operation, region, input, output, error }: ServiceCall, now: number): void {
    const { invocation } = environment;
    if (
      environment.functionName !== 'pruner' ||
      invocation === undefined ||
      !operation.startsWith('Describe')
    )
      return;
    const state = this.#of(invocation);
    const listing = `${region} ${operation}`;
    if (error !== undefined) {
      state.incomplete.set(listing, error.name);
      return;
    }
    const { NextToken: given, Filters = [] } = input as Filtered;
    const { NextToken: next, Snapshots = [] } = output as Listing;
    if (given === undefined) state.tokens.set(listing, new Set());
    const tokens = state.tokens.get(listing) ?? new Set();
    if (next !== undefined && (tokens.has(next) || next === given))
      state.incomplete.set(listing, 'a token came twice');
    else if (state.incomplete.get(listing) !== 'a token came twice') state.incomplete.delete(listing);
    if (next !== undefined) state.tokens.set(listing, tokens.add(next));
    if (operation !== 'DescribeSnapshots' || !Filters.some(({ Name }) => Name === 'snapshot-id')) return;
    for (const { SnapshotId } of Snapshots)
      if (SnapshotId !== undefined) state.seenById.set(`${region} ${SnapshotId}`, now);
  }

  /** A read that never reached EC2: until it is repeated with success, its listing is not complete. */
  refused({ functionName, invocation }: Environment, { region, operation }: Call, error: Error): void {
    if (functionName !== 'pruner' || invocation === undefined || !operation.startsWith('Describe')) return;
    this.#of(invocation).incomplete.set(`${region} ${operation}`, error.name);
  }

  /** Why what the invocation knows of a region is not complete; `undefined` when it is. */
  gapIn(invocation: Invocation | undefined, region: string): string | undefined {
    if (invocation === undefined) return undefined;
    for (const [listing, why] of this.#of(invocation).incomplete)
      if (listing.startsWith(`${region} `)) return `${listing}: ${why}`;
    return undefined;
  }

  /** When the invocation last saw this very snapshot, looked up by its id. */
  seenById(invocation: Invocation | undefined, region: string, id: string): number | undefined {
    return invocation && this.#of(invocation).seenById.get(`${region} ${id}`);
  }

  #of(invocation: Invocation): ReadState {
    let state = this.#states.get(invocation);
    if (state === undefined) {
      state = { incomplete: new Map(), seenById: new Map(), tokens: new Map() };
      this.#states.set(invocation, state);
    }
    return state;
  }
}
