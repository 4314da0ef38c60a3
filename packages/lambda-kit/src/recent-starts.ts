import {
  type Clock,
  READ_LAG_MS,
  type Snapshot,
  type SnapshotId,
  type SnapshotStore,
} from '@smart-vault/core';

interface Start {
  readonly snapshot: Snapshot;
  readonly at: number;
  /** EC2 has shown it in another state than `pending`, which it never takes back. */
  ended: boolean;
}

/**
 * What this execution environment has started lately in one region. EC2's listings lag behind by up to minutes;
 * added to a listing, this memory closes the gap for as long as the environment lives. A cold start loses it:
 * then the work's visibility timeout, which is longer than the lag, keeps a second start away.
 */
export class RecentStarts {
  readonly #clock: Clock;
  readonly #started = new Map<SnapshotId, Start>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers a snapshot as the create or copy call answered it. */
  add(snapshot: Snapshot): void {
    this.#started.set(snapshot.id, { snapshot, at: this.#clock.now(), ended: false });
  }

  /** The listed snapshots, and those of ours that the listing does not show (yet). */
  complete(listed: readonly Snapshot[]): readonly Snapshot[] {
    const ids = new Set(listed.map((snapshot) => snapshot.id));
    return [
      ...listed,
      ...this.#remembered().flatMap(({ snapshot }) => (ids.has(snapshot.id) ? [] : [snapshot])),
    ];
  }

  /**
   * How many snapshots of a kind are in progress in the region: the pending ones that EC2 lists, and those that we
   * have started and that it neither lists as pending nor knows to have ended. It is asked about each end once.
   */
  async countPending(store: SnapshotStore, isOfKind: (snapshot: Snapshot) => boolean): Promise<number> {
    const pending = (await store.listPendingSnapshots()).filter(isOfKind);
    const ids = new Set(pending.map((snapshot) => snapshot.id));
    const unlisted = this.#remembered().filter(({ snapshot, ended }) => !ended && !ids.has(snapshot.id));
    if (unlisted.length === 0) return pending.length;

    const found = await store.findSnapshots(unlisted.map(({ snapshot }) => snapshot.id));
    const over = new Set(found.flatMap(({ id, state }) => (state === 'pending' ? [] : [id])));
    for (const start of unlisted) start.ended = over.has(start.snapshot.id);
    return pending.length + unlisted.filter(({ ended }) => !ended).length;
  }

  #remembered(): readonly Start[] {
    const since = this.#clock.now() - READ_LAG_MS;
    for (const [id, { at }] of this.#started) if (at < since) this.#started.delete(id);
    return [...this.#started.values()];
  }
}
