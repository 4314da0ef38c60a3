import type { LogFields } from '@smart-vault/core';
import type { Invocation } from '../environment.ts';
import { DAY_MS, HOUR_MS } from '../packs.ts';
import type { ServiceCall } from '../vault-world.ts';
import { dueAt } from './due.ts';
import type { Oracle } from './oracle.ts';
import type { Reads } from './reads.ts';
import { isHeld, isOutOfReach, type TrueSnapshot, trueSnapshot, vaultSnapshots } from './truth.ts';

/** What four attempts at a call may take. */
const REPEATED_MS = 60_000;

interface Condemnation {
  /** From when its grace period counts, virtual milliseconds since 1970. */
  readonly at: number;
  readonly by: string;
  /** When a run took it back: one that had looked before, or whose reads lag, cannot know. */
  readonly pardonedAt?: number;
}

interface Problem {
  readonly promise: string;
  readonly text: string;
  readonly about: readonly string[];
}

const VERIFIED_MS = 60_000;
/** The pruner's reason when a plan wants too much. */
const NOT_EXPLAINED = /not explained by ageing/;

/** What is about to be deleted is marked with that, which condemns nobody anew. */
const isMark = ([tag]: readonly { readonly Value?: string }[]): boolean =>
  tag?.Value?.includes('deleted') === true;

/** Judges every condemnation and every deletion by the state of the world right before it. */
export class DeletionJudge {
  readonly #oracle: Oracle;
  readonly #reads: Reads;
  readonly #condemned = new Map<string, Condemnation>();
  /** Deletions that ageing does not explain, by invocation and region. */
  readonly #unexplained = new Map<string, number>();
  /** Marked as deleted before the tag call under way: it condemns nobody, it takes the mark off. */
  readonly #unmarking = new Set<string>();
  #problems: readonly Problem[] = [];
  /** What is being deleted. */
  #deleting: TrueSnapshot | undefined;

  constructor(oracle: Oracle, reads: Reads) {
    this.#oracle = oracle;
    this.#reads = reads;
  }

  before(call: ServiceCall): void {
    const { region, input } = call;
    const { world } = this.#oracle;
    const id = (input as { SnapshotId?: string }).SnapshotId ?? '';
    const record = world.ec2.region(region).snapshots.get(id);
    const snapshot = record && trueSnapshot(world, region, record);
    this.#deleting = snapshot;
    this.#problems = record === undefined ? [] : this.#problemsOf(call, region, id, snapshot);
  }

  after({ error }: ServiceCall): void {
    if (error === undefined) {
      if (this.#deleting !== undefined) this.#noteDeleted(this.#deleting);
      for (const { promise, text, about } of this.#problems) this.#oracle.broken(promise, text, about);
    }
    this.#problems = [];
  }

  #noteDeleted({ region, volumeId, key, id }: TrueSnapshot): void {
    // Should somebody take it back, it has to be condemned anew.
    this.#condemned.delete(`${region} ${id}`);
    this.#oracle.deletedAt.set(`${region} ${volumeId}`, this.#now());
    this.#oracle.prunedAt.set(`${region} ${key}`, this.#now());
  }

  beforeTags(call: ServiceCall): void {
    const { Tags = [], Resources = [] } = call.input as {
      Tags?: readonly { Key?: string; Value?: string }[];
      Resources?: readonly string[];
    };
    const others = Tags.filter(({ Key }) => Key !== 'smart-vault:condemned-at');
    if (others.length > 0)
      this.#oracle.broken(
        'I2',
        `${call.operation} of ${others.map(({ Key }) => Key).join(', ')} in a second call`,
        Resources,
      );
    if (call.operation === 'DeleteTags') return;
    const { world } = this.#oracle;
    this.#unmarking.clear();
    for (const id of Resources) {
      const record = world.ec2.region(call.region).snapshots.get(id);
      if (record?.tags.get('smart-vault:condemned-at')?.includes('deleted')) this.#unmarking.add(id);
      const snapshot = record && trueSnapshot(world, call.region, record);
      if (record !== undefined && snapshot === undefined && !this.#wasDisturbed(call, undefined))
        this.#oracle.broken('I3', `condemned ${id}, which is not the vault's or cannot be understood`, [id]);
      if (snapshot !== undefined && this.#isNewest(call, snapshot))
        this.#oracle.broken(
          'I5',
          `condemned ${id}, the newest good one of ${snapshot.volumeId} in ${call.region}`,
          [id, snapshot.volumeId],
        );
      if (snapshot !== undefined && !this.#unmarking.has(id) && !this.#wasDisturbed(call, snapshot))
        for (const { promise, text, about } of this.#tooEarly(snapshot, 'condemned'))
          this.#oracle.broken(promise, text, about);
      if (snapshot !== undefined && !this.#unmarking.has(id) && !isMark(Tags))
        for (const { promise, text, about } of this.#cap(call, snapshot, 'condemned'))
          this.#oracle.broken(promise, text, about);
      for (const { promise, text, about } of this.#closed(call, [call.region]))
        this.#oracle.broken(promise, text, about);
    }
  }

  afterTags({ operation, input, region, error, environment }: ServiceCall): void {
    if (error !== undefined) return;
    const { Resources = [], Tags = [] } = input as {
      Resources?: readonly string[];
      Tags?: readonly { Key?: string; Value?: string }[];
    };
    if (operation === 'CreateTags' && isMark(Tags)) return;
    for (const id of Resources) {
      if (operation === 'CreateTags' && this.#unmarking.has(id)) continue;
      const key = `${region} ${id}`;
      const earlier = this.#condemned.get(key);
      if (operation === 'CreateTags')
        this.#condemned.set(key, {
          at: this.#decidedAt(Tags),
          by: environment.invocation?.label ?? '',
        });
      else if (earlier !== undefined) this.#condemned.set(key, { ...earlier, pardonedAt: this.#now() });
    }
  }

  /** When a call that condemns was decided on, by its own tag: a repeated or slow one takes effect so much later, and no more. */
  #decidedAt(tags: readonly { readonly Value?: string }[]): number {
    const told = Math.max(...tags.map(({ Value = '' }) => Date.parse(Value)));
    const earliest = this.#now() - REPEATED_MS - this.#oracle.slownessMs;
    return told > earliest && told < this.#now() ? told : this.#now();
  }

  ended(invocation: Invocation): void {
    for (const key of this.#unexplained.keys())
      if (key.startsWith(`${invocation.label} `)) this.#unexplained.delete(key);
  }

  #now(): number {
    return this.#oracle.world.kernel.now();
  }

  #problemsOf(
    call: ServiceCall,
    region: string,
    id: string,
    snapshot: TrueSnapshot | undefined,
  ): readonly Problem[] {
    if (snapshot === undefined) {
      if (this.#wasDisturbed(call, undefined)) return [];
      return [
        {
          promise: 'I3',
          text: `deleted ${id} in ${region}, which is not the vault's or cannot be understood`,
          about: [id],
        },
      ];
    }
    return [
      ...this.#verified(call, snapshot),
      ...this.#twoPhases(call, snapshot),
      ...this.#handsOff(call, snapshot),
      ...this.#closed(
        call,
        region === this.#oracle.world.facts.source ? this.#oracle.world.facts.regions : [region],
      ),
      ...(snapshot.isGood ? this.#lastOnes(call, snapshot) : []),
      ...this.#cap(call, snapshot, 'deleted'),
    ];
  }

  /** I3: looked up by id within a minute. */
  #verified({ environment, region }: ServiceCall, { id }: TrueSnapshot): readonly Problem[] {
    const seen = this.#reads.seenById(environment.invocation, region, id);
    // Throttled, a delete is repeated; a slow one takes effect later than it was sent.
    if (seen !== undefined && this.#now() - seen <= VERIFIED_MS + this.#oracle.slownessMs) return [];
    return [
      {
        promise: 'I3',
        text: `deleted ${id} without having looked it up by its id within a minute`,
        about: [id],
      },
    ];
  }

  /** I7: condemned for the grace period, by another run. */
  #twoPhases({ environment, region }: ServiceCall, { id, record }: TrueSnapshot): readonly Problem[] {
    // What failed holds nothing that anybody might want back.
    const graceHours = record.state === 'error' ? 0 : this.#oracle.circumstances.knobs.graceHours;
    const condemned = this.#condemned.get(`${region} ${id}`);
    const about = [id];
    const looked = this.#reads.seenById(environment.invocation, region, id) ?? this.#now();
    const { pardonedAt = Number.POSITIVE_INFINITY } = condemned ?? {};
    if (pardonedAt < looked - this.#oracle.lagMs)
      return [{ promise: 'I7', text: `deleted ${id}, which had been pardoned`, about }];
    if (condemned === undefined) {
      // Of a snapshot that a person made with this tag: what people write themselves they must have meant.
      if (record.tags.has('smart-vault:condemned-at') && !this.#oracle.isMadeByFunction(id)) return [];
      return [{ promise: 'I7', text: `deleted ${id}, which no run had condemned`, about }];
    }
    const waited = this.#now() - condemned.at;
    if (waited + this.#oracle.skewMs < graceHours * HOUR_MS)
      return [
        {
          promise: 'I7',
          text: `deleted ${id} ${Math.round(waited / 60_000)} min after it was condemned; the grace period is ${graceHours} h`,
          about,
        },
      ];
    if (condemned.by === environment.invocation?.label)
      return [{ promise: 'I7', text: `condemned and deleted ${id} in one run`, about }];
    return [];
  }

  /**
   * I10: not what a person, EC2 or another service keeps. The pruner looks at each snapshot right before: what was so
   * then, and could be seen, binds it.
   */
  #handsOff({ environment, region }: ServiceCall, snapshot: TrueSnapshot): readonly Problem[] {
    if (!isHeld(this.#oracle.world, snapshot)) return [];
    const { id, volumeId } = snapshot;
    const looked =
      this.#reads.seenById(environment.invocation, region, id) ??
      environment.invocation?.startedAt ??
      this.#now();
    if (this.#oracle.disturbedAt(region, volumeId) >= looked - this.#oracle.lagMs) return [];
    return [
      { promise: 'I10', text: `deleted ${id}, which is held or not the vault's to delete`, about: [id] },
    ];
  }

  /** I9: nothing in a region that could not be read, and no source while a destination cannot be. */
  #closed({ environment, region }: ServiceCall, places: readonly string[]): readonly Problem[] {
    for (const place of places) {
      const gap = this.#reads.gapIn(environment.invocation, place);
      if (gap !== undefined)
        return [
          {
            promise: 'I9',
            text: `removed something in ${region} though a listing was not complete: ${gap}`,
            about: [],
          },
        ];
    }
    return [];
  }

  /** I4, I5, I6 and I13: floor, newest, replica first, and not before its time. */
  #lastOnes(call: ServiceCall, snapshot: TrueSnapshot): readonly Problem[] {
    if (this.#wasDisturbed(call, snapshot)) return [];
    const { world, circumstances } = this.#oracle;
    const { region, id, volumeId } = snapshot;
    const about = [id, volumeId];
    const line = this.#line(snapshot);
    const left = new Set(line.filter((one) => one.id !== id).map(({ slot }) => slot));
    const sameSlot = left.has(snapshot.slot);
    const problems: Problem[] = [...this.#tooEarly(snapshot, 'deleted')];
    if (!sameSlot && snapshot.slotMs <= this.#now() && left.size < Math.max(1, circumstances.keepMin))
      problems.push({
        promise: 'I4',
        text: `deleted ${id}: ${left.size} good points of ${volumeId} are left in ${region}, the floor is ${circumstances.keepMin}`,
        about,
      });
    if (this.#isNewest(call, snapshot))
      problems.push({
        promise: 'I5',
        text: `deleted ${id}, the newest good one of ${volumeId} in ${region}`,
        about,
      });
    if (region === world.facts.source && !sameSlot) problems.push(...this.#replicaFirst(snapshot));
    return problems;
  }

  /** I13: age alone lets go of a good point, and only once its retention is over. Of two for one slot one may go. */
  #tooEarly(snapshot: TrueSnapshot, what: 'condemned' | 'deleted'): readonly Problem[] {
    const { id, volumeId, slot, slotMs, isGood, region } = snapshot;
    const { retentionDays } = this.#oracle.circumstances;
    const early = slotMs + retentionDays * DAY_MS - this.#now() - this.#oracle.skewMs;
    if (!isGood || early <= 0) return [];
    if (this.#line(snapshot).some((one) => one.slot === slot && one.id !== id)) return [];
    return [
      {
        promise: 'I13',
        text: `${what} ${id} of ${volumeId} in ${region} ${Math.ceil(early / 60_000)} min before its ${retentionDays} days are over`,
        about: [id, volumeId],
      },
    ];
  }

  #replicaFirst({ id, key, slotMs, volumeId }: TrueSnapshot): readonly Problem[] {
    const { world, circumstances } = this.#oracle;
    const givenUp = slotMs + 2 * circumstances.retentionDays * DAY_MS;
    if (this.#now() + this.#oracle.skewMs >= givenUp) return [];
    return world.facts.destinations
      .filter(
        (destination) => !vaultSnapshots(world, destination).some((copy) => copy.key === key && copy.isGood),
      )
      .filter((destination) => !this.#oracle.isDisturbed(destination, volumeId, this.#now() - 10 * 60_000))
      .map((destination) => ({
        promise: 'I6',
        text: `deleted the source ${id} of ${volumeId} though ${destination} has no good copy of it`,
        about: [id, volumeId],
      }));
  }

  /** I8: what ageing does not explain is condemned, and goes, in small numbers only, or not at all. */
  #cap(call: ServiceCall, snapshot: TrueSnapshot, what: 'condemned' | 'deleted'): readonly Problem[] {
    if (!snapshot.isGood || this.#isExplained(snapshot)) return [];
    const { region } = snapshot;
    const key = `${call.environment.invocation?.label ?? ''} ${region} ${what}`;
    const count = (this.#unexplained.get(key) ?? 0) + 1;
    this.#unexplained.set(key, count);
    const here = vaultSnapshots(this.#oracle.world, region).length;
    const ours = what === 'deleted' ? here + count - 1 : here;
    const allowed = Math.max(10, Math.min(200, Math.ceil(0.2 * ours)));
    if (count <= allowed) return [];
    return [
      {
        promise: 'I8',
        text: `one run ${what} ${count} of ${ours} snapshots in ${region} that ageing does not explain; ${allowed} are allowed`,
        about: [],
      },
    ];
  }

  /** L3: a plan is refused for what ageing does not explain only where there is such a thing. */
  refused({ region, reason }: LogFields): void {
    if (!NOT_EXPLAINED.test(String(reason))) return;
    const { world, circumstances } = this.#oracle;
    const place = String(region);
    const overdueMs = circumstances.knobs.graceHours * HOUR_MS + 3 * DAY_MS - this.#oracle.skewMs;
    const here = vaultSnapshots(world, place).filter(({ isGood }) => isGood);
    const slots = new Map<string, number>();
    for (const { key } of here) slots.set(key, (slots.get(key) ?? 0) + 1);
    const unexplained = here.filter(
      ({ key, slotMs }) =>
        (slots.get(key) ?? 0) > 1 || this.#now() - slotMs - circumstances.retentionDays * DAY_MS > overdueMs,
    );
    // Another run may have deleted some since this one looked; ten are no mass deletion in any vault.
    if (unexplained.length > 3 || this.#oracle.isAnyDisturbed(place, this.#now() - HOUR_MS)) return;
    this.#oracle.broken(
      'L3',
      `the pruner refused its plan for ${place} (${String(reason)}), and ${unexplained.length} of ${here.length} snapshots there are of that kind`,
      [],
    );
  }

  /** Due for some days at most: then as many have become due as were made in that time. */
  #isExplained(snapshot: TrueSnapshot): boolean {
    const { circumstances, world } = this.#oracle;
    const line = this.#line(snapshot);
    if (line.some(({ id, slot }) => slot === snapshot.slot && id !== snapshot.id)) return false;
    const explainedMs = circumstances.knobs.graceHours * HOUR_MS + 5 * DAY_MS;
    const expiredAt = snapshot.slotMs + circumstances.retentionDays * DAY_MS;
    if (this.#now() - expiredAt <= explainedMs) return true;
    const all = new Map(world.facts.regions.map((region) => [region, vaultSnapshots(world, region)]));
    return this.#now() - dueAt(this.#oracle, all, line, snapshot) <= explainedMs;
  }

  /** Good points of the same volume, policy and region up to now. What nobody can restore at once is no point to count on. */
  #line({ region, volumeId, policy }: TrueSnapshot): readonly TrueSnapshot[] {
    return vaultSnapshots(this.#oracle.world, region).filter(
      (one) =>
        one.isGood &&
        !isOutOfReach(one.record) &&
        one.volumeId === volumeId &&
        one.policy === policy &&
        one.slotMs <= this.#now() + this.#oracle.skewMs,
    );
  }

  #isNewest(call: ServiceCall, snapshot: TrueSnapshot): boolean {
    if (!snapshot.isGood || this.#wasDisturbed(call, snapshot)) return false;
    const line = this.#line(snapshot);
    if (line.some((one) => one.slot === snapshot.slot && one.id !== snapshot.id)) return false;
    return snapshot.slotMs <= this.#now() && line.every((one) => one.slotMs <= snapshot.slotMs);
  }

  /** Whether somebody else acted so lately that this invocation could not know. */
  #wasDisturbed({ environment, region }: ServiceCall, snapshot: TrueSnapshot | undefined): boolean {
    const since = environment.invocation?.startedAt ?? this.#now();
    if (snapshot !== undefined) return this.#oracle.isDisturbed(region, snapshot.volumeId, since);
    return this.#oracle.isAnyDisturbed(region, since);
  }
}
