import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PruneDecision, type PruneInputs, planPrune, type Region, type Snapshot } from '../src/index.ts';
import { AWAY, DAY, HOME, HOUR, NOW, VAULT } from './builders.ts';
import { applied, aWorld, daysLater, someJunk, UNLIMITED, withJunk } from './prune-worlds.ts';

/**
 * The promises of deletion, each restated naively: tags are read here as plain strings and slots as plain dates,
 * without any of the code under test.
 */

const tag = (snapshot: Snapshot, key: string): string => snapshot.tags[key] ?? '';
const slotOf = (snapshot: Snapshot): number => Date.parse(tag(snapshot, 'smart-vault:slot'));
const volumeOf = (snapshot: Snapshot): string => tag(snapshot, 'smart-vault:volume') || snapshot.volumeId;
const isOurs = (snapshot: Snapshot): boolean =>
  tag(snapshot, 'smart-vault:vault') === VAULT &&
  !Number.isNaN(slotOf(snapshot)) &&
  tag(snapshot, 'smart-vault:condemned-at') !== 'x';
const isGood = (snapshot: Snapshot): boolean =>
  isOurs(snapshot) && tag(snapshot, 'smart-vault:policy') === 'default' && snapshot.state === 'completed';
const ageDays = (snapshot: Snapshot, now = NOW): number => (now - slotOf(snapshot)) / DAY;

const all = (inputs: PruneInputs): readonly Snapshot[] =>
  inputs.regions.flatMap((region) => region.snapshots);
const inRegion = (inputs: PruneInputs, region: Region): readonly Snapshot[] =>
  inputs.regions.find((each) => each.region === region)?.snapshots ?? [];
const snapshotOf = (inputs: PruneInputs, decision: PruneDecision): Snapshot => {
  const found = all(inputs).find((each) => each.id === decision.snapshotId);
  if (found === undefined) throw new Error(`${decision.snapshotId} is not in the input`);
  return found;
};
const isRemoval = (decision: PruneDecision): boolean =>
  decision.kind === 'condemn' || decision.kind === 'delete';
const removed = (inputs: PruneInputs): readonly Snapshot[] =>
  planPrune(inputs)
    .decisions.filter(isRemoval)
    .map((each) => snapshotOf(inputs, each));
const deleted = (inputs: PruneInputs): readonly Snapshot[] =>
  planPrune(inputs)
    .decisions.filter((each) => each.kind === 'delete')
    .map((each) => snapshotOf(inputs, each));

const forAll = (
  world: fc.Arbitrary<PruneInputs>,
  check: (inputs: PruneInputs) => void,
  numRuns = 300,
): void => fc.assert(fc.property(world, check), { numRuns });

it('decides about every snapshot exactly once: kept and acted on together are the input', () => {
  forAll(aWorld({ problems: true }), (inputs) => {
    const ids = planPrune(inputs).decisions.map((each) => each.snapshotId);

    expect([...ids].sort()).toEqual(
      all(inputs)
        .map((each) => each.id)
        .sort(),
    );
  });
});

it('is not vacuous: the worlds make every kind of decision happen', () => {
  const seen = new Set<string>();
  forAll(aWorld({ problems: true }), (inputs) => {
    for (const { kind, rule } of planPrune(inputs).decisions) seen.add(kind).add(rule);
  });

  expect([...seen].sort()).toEqual(
    [
      'archived',
      'aws-managed',
      'came-back',
      'condemn',
      'delete',
      'duplicate',
      'expired',
      'expired-uncopied',
      'failed',
      'floor',
      'foreign',
      'future',
      'grace',
      'hold',
      'in-image',
      'incomplete',
      'keep',
      'locked',
      'malformed',
      'newest',
      'no-copy',
      'other-policy',
      'pardon',
      'pending',
      'recent-failure',
      'refused',
      'retention',
      'source-first',
      'stale-condemnation',
    ].sort(),
  );
});

describe('I3, only ours', () => {
  it('touches nothing without our vault tag, nor what cannot be read', () => {
    forAll(aWorld(), (inputs) => {
      for (const decision of planPrune(inputs).decisions) {
        if (decision.kind !== 'keep') expect(isOurs(snapshotOf(inputs, decision))).toBe(true);
      }
    });
  });
});

describe('I4 and I5, the floor and the newest', () => {
  const groups = (inputs: PruneInputs, usable: (snapshot: Snapshot) => boolean): Map<string, Snapshot[]> => {
    const found = new Map<string, Snapshot[]>();
    for (const snapshot of all(inputs)) {
      if (!isGood(snapshot) || !usable(snapshot)) continue;
      const key = `${snapshot.region} ${volumeOf(snapshot)}`;
      found.set(key, [...(found.get(key) ?? []), snapshot]);
    }
    return found;
  };
  const slots = (snapshots: readonly Snapshot[]): number => new Set(snapshots.map(slotOf)).size;

  it('leave the points of at least keepMin slots in every volume and region, or as many as there were', () => {
    forAll(aWorld({ limits: UNLIMITED }), (inputs) => {
      const gone = new Set(removed(inputs));
      for (const good of groups(
        inputs,
        (each) => slotOf(each) <= NOW && each.storageTier === 'standard',
      ).values()) {
        const left = good.filter((each) => !gone.has(each));
        expect(slots(left)).toBeGreaterThanOrEqual(
          Math.min(slots(good.filter(isNotManaged)), inputs.policy.keepMin),
        );
      }
    });
  });

  it('never delete a good one of a volume that is left with fewer than keepMin, duplicates counted', () => {
    forAll(aWorld({ limits: UNLIMITED }), (inputs) => {
      const gone = new Set(deleted(inputs));
      for (const good of groups(inputs, () => true).values()) {
        const left = good.filter((each) => !gone.has(each));
        if (left.length < good.length) expect(left.length).toBeGreaterThanOrEqual(inputs.policy.keepMin);
      }
    });
  });

  it('never touch the last good one of the newest slot', () => {
    forAll(aWorld({ limits: UNLIMITED }), (inputs) => {
      const gone = new Set(removed(inputs));
      for (const good of groups(inputs, (each) => slotOf(each) <= NOW).values()) {
        const newest = Math.max(...good.map(slotOf));
        const holders = good.filter((each) => slotOf(each) === newest);
        expect(holders.filter((each) => !gone.has(each)).length).toBeGreaterThanOrEqual(1);
      }
    });
  });

  const isNotManaged = (snapshot: Snapshot): boolean =>
    !Object.keys(snapshot.tags).some((key) => key.startsWith('aws:'));
});

describe('I6, replica first', () => {
  it('lets a good source go only with a good copy in every destination, or after twice the retention with every destination in sight', () => {
    forAll(aWorld({ limits: UNLIMITED, problems: true }), (inputs) => {
      for (const source of removed(inputs)) {
        if (source.region !== HOME || source.state !== 'completed') continue;
        for (const destination of inputs.policy.destinations) {
          const inventory = inputs.regions.find((each) => each.region === destination);
          expect(inventory?.problem).toBeUndefined();
          const copied = inRegion(inputs, destination).some(
            (each) => isGood(each) && volumeOf(each) === volumeOf(source) && slotOf(each) === slotOf(source),
          );
          if (!copied) expect(ageDays(source)).toBeGreaterThanOrEqual(2 * inputs.policy.retentionDays);
        }
      }
    });
  });

  it('says so when a source goes uncopied, and never otherwise', () => {
    forAll(aWorld({ limits: UNLIMITED }), (inputs) => {
      for (const decision of planPrune(inputs).decisions) {
        if (!isRemoval(decision) || decision.region !== HOME || decision.rule === 'failed') continue;
        const source = snapshotOf(inputs, decision);
        const isCopied = inputs.policy.destinations.every((destination) =>
          inRegion(inputs, destination).some(
            (each) => isGood(each) && volumeOf(each) === volumeOf(source) && slotOf(each) === slotOf(source),
          ),
        );
        expect(decision.rule === 'expired-uncopied').toBe(!isCopied);
      }
    });
  });

  it('lists deletions of sources before those of copies, and deletes no only copy of a source that stays', () => {
    forAll(aWorld({ limits: UNLIMITED }), (inputs) => {
      const gone = new Set(deleted(inputs));
      const order = planPrune(inputs)
        .decisions.filter((each) => each.kind === 'delete')
        .map((each) => Number(each.region !== HOME));
      expect(order).toEqual([...order].sort());
      for (const copy of gone) {
        if (
          copy.region === HOME ||
          copy.state !== 'completed' ||
          ageDays(copy) >= 2 * inputs.policy.retentionDays
        )
          continue;
        const same = (each: Snapshot): boolean =>
          isGood(each) && volumeOf(each) === volumeOf(copy) && slotOf(each) === slotOf(copy);
        const sourceStays = inRegion(inputs, HOME).some((each) => same(each) && !gone.has(each));
        const anotherCopy = inRegion(inputs, copy.region).some((each) => same(each) && !gone.has(each));
        expect(sourceStays && !anotherCopy).toBe(false);
      }
    });
  });
});

describe('I7, two phases', () => {
  it('deletes only what was condemned a grace ago, and what it would condemn today', () => {
    forAll(aWorld({ limits: UNLIMITED }), (inputs) => {
      const innocent: PruneInputs = {
        ...inputs,
        regions: inputs.regions.map((region) => ({
          ...region,
          snapshots: region.snapshots.map((each) => {
            const { 'smart-vault:condemned-at': at, ...tags } = each.tags;
            return at === undefined || at === 'x' ? each : { ...each, tags };
          }),
        })),
      };
      const condemned = new Set(
        planPrune(innocent)
          .decisions.filter((each) => each.kind === 'condemn')
          .map((each) => each.snapshotId),
      );
      for (const snapshot of deleted(inputs)) {
        const at = Date.parse(tag(snapshot, 'smart-vault:condemned-at'));
        const grace = snapshot.state === 'error' ? 0 : inputs.policy.graceHours * HOUR;
        expect(NOW - at).toBeGreaterThanOrEqual(grace);
        expect(NOW - at).toBeLessThanOrEqual(grace + 7 * DAY);
        expect(condemned).toContain(snapshot.id);
      }
    });
  });

  it('condemns only what is not condemned, and pardons only what is', () => {
    forAll(aWorld(), (inputs) => {
      for (const decision of planPrune(inputs).decisions) {
        const isCondemned = tag(snapshotOf(inputs, decision), 'smart-vault:condemned-at') !== '';
        if (decision.kind === 'condemn') expect(isCondemned).toBe(false);
        if (decision.kind === 'pardon') expect(isCondemned).toBe(true);
      }
    });
  });
});

describe('I8, the cap', () => {
  it('does not act at all on more than the limit that had to go long ago', () => {
    forAll(
      aWorld(),
      (inputs) => {
        const plan = planPrune(inputs);
        for (const { region, snapshots } of inputs.regions) {
          const acted = plan.decisions
            .filter((each) => each.region === region && isRemoval(each))
            .map((each) => snapshotOf(inputs, each));
          const ours = snapshots.filter(isOurs).length;
          const allowed = Math.max(
            10,
            Math.min(inputs.limits.deletesPerRunMax, Math.floor(inputs.limits.deleteShareMax * ours)),
          );
          // Without floor or copies in the way, ageing explains what expired within the grace and two days.
          const late = acted.filter(
            (each) =>
              each.state === 'completed' &&
              floorReleased(inputs, each) + inputs.policy.graceHours * HOUR + 96 * HOUR < NOW,
          );
          const copied = inputs.policy.destinations.length > 0;
          if (!copied) expect(late.length).toBeLessThanOrEqual(allowed);
          // What failed holds nothing, and the cap is not for it.
          if (plan.refusals.some((each) => each.region === region))
            expect(acted.filter(({ state }) => state !== 'error')).toEqual([]);
        }
      },
      500,
    );
  });

  /** The later of its expiry and the arrival of the keepMin-th newer point. */
  function floorReleased(inputs: PruneInputs, snapshot: Snapshot): number {
    const arrivals = new Map<number, number>();
    for (const each of inRegion(inputs, snapshot.region)) {
      const isManaged = Object.keys(each.tags).some((key) => key.startsWith('aws:'));
      if (!isGood(each) || isManaged || each.storageTier !== 'standard' || slotOf(each) > NOW) continue;
      if (volumeOf(each) !== volumeOf(snapshot) || slotOf(each) <= slotOf(snapshot)) continue;
      arrivals.set(
        slotOf(each),
        Math.min(arrivals.get(slotOf(each)) ?? Number.POSITIVE_INFINITY, each.completedAt ?? 0),
      );
    }
    const newer = [...arrivals].sort(([a], [b]) => a - b);
    return Math.max(
      slotOf(snapshot) + inputs.policy.retentionDays * DAY,
      newer[inputs.policy.keepMin - 1]?.[1] ?? 0,
    );
  }
});

describe('I9, fail closed', () => {
  it('does nothing in a region whose inventory is not complete, and says so', () => {
    forAll(aWorld({ problems: true }), (inputs) => {
      const plan = planPrune(inputs);
      for (const { region, problem } of inputs.regions) {
        if (problem === undefined) continue;
        expect(plan.refusals.map((each) => each.region)).toContain(region);
        expect(plan.decisions.filter((each) => each.region === region && each.kind !== 'keep')).toEqual([]);
      }
    });
  });

  it('does nothing anywhere with a policy that would delete everything', () => {
    forAll(
      aWorld(),
      (inputs) => {
        for (const change of [
          { retentionDays: 0 },
          { keepMin: 0 },
          { retentionDays: Number.NaN },
          { graceHours: Number.NaN },
        ]) {
          const { decisions } = planPrune({ ...inputs, policy: { ...inputs.policy, ...change } });
          expect(decisions.filter((each) => each.kind !== 'keep')).toEqual([]);
        }
      },
      50,
    );
  });

  it('does nothing when the clock has jumped by years, either way', () => {
    fc.assert(
      fc.property(
        aWorld({ limits: UNLIMITED }),
        fc.integer({ min: 2, max: 10_000 }),
        fc.constantFrom(-1, 1),
        (inputs, years, way) => {
          const jumped = daysLater(inputs, way * years * 366);
          const isOld = all(inputs).some(isOurs);
          if (isOld) expect(removed(jumped)).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('I10, hands off', () => {
  it('neither condemns nor deletes what is held, locked, in an AMI, archived, pending or of another service or policy', () => {
    forAll(aWorld({ limits: UNLIMITED }), (inputs) => {
      for (const snapshot of removed(inputs)) {
        const inventory = inputs.regions.find((each) => each.region === snapshot.region);
        expect(['', '2026-11-01']).toContain(tag(snapshot, 'backup:hold'));
        expect(Object.keys(snapshot.tags).filter((key) => key.startsWith('aws:'))).toEqual([]);
        expect(tag(snapshot, 'smart-vault:policy')).toBe('default');
        expect(inventory?.locked.has(snapshot.id)).toBe(false);
        expect(inventory?.inImages.has(snapshot.id)).toBe(false);
        expect(snapshot.storageTier).toBe('standard');
        expect(['completed', 'error']).toContain(snapshot.state);
        expect(slotOf(snapshot) > NOW && snapshot.state === 'completed').toBe(false);
      }
    });
  });

  it('never removes a young good point but for a twin that stays', () => {
    forAll(aWorld({ limits: UNLIMITED }), (inputs) => {
      const gone = new Set(removed(inputs));
      for (const snapshot of gone) {
        if (snapshot.state !== 'completed' || ageDays(snapshot) >= inputs.policy.retentionDays) continue;
        const twins = inRegion(inputs, snapshot.region).filter(
          (each) =>
            isGood(each) &&
            volumeOf(each) === volumeOf(snapshot) &&
            slotOf(each) === slotOf(snapshot) &&
            !gone.has(each),
        );
        expect(twins.length).toBeGreaterThan(0);
      }
    });
  });
});

describe('I12, pure decisions', () => {
  it('do not depend on the order of anything', () => {
    fc.assert(
      fc.property(
        aWorld({ problems: true }),
        fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
        (inputs, dice) => {
          const shuffled = <T>(list: readonly T[]): T[] =>
            list
              .map((each, index) => ({ each, key: dice[index % dice.length] ?? 0 }))
              .sort((a, b) => a.key - b.key)
              .map(({ each }) => each);
          const mixed = {
            ...inputs,
            regions: shuffled(
              inputs.regions.map((region) => ({ ...region, snapshots: shuffled(region.snapshots) })),
            ),
          };

          expect(planPrune(mixed)).toEqual(planPrune(inputs));
        },
      ),
    );
  });

  it('remove no more when retention or the floor is raised', () => {
    fc.assert(
      fc.property(
        aWorld({ limits: UNLIMITED }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 3 }),
        (inputs, days, points) => {
          const { policy } = inputs;
          const raised = {
            ...inputs,
            policy: {
              ...policy,
              retentionDays: policy.retentionDays + days,
              keepMin: policy.keepMin + points,
            },
          };
          const before = new Set(removed(inputs).map((each) => each.id));

          for (const snapshot of removed(raised)) expect(before).toContain(snapshot.id);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keep a hold, a lock or an AMI from ever removing more', () => {
    fc.assert(
      fc.property(aWorld({ limits: UNLIMITED }), fc.nat(), (inputs, at) => {
        const snapshots = all(inputs);
        const chosen = snapshots[at % Math.max(1, snapshots.length)];
        const held = {
          ...inputs,
          regions: inputs.regions.map((region) => ({
            ...region,
            snapshots: region.snapshots.map((each) =>
              each === chosen ? { ...each, tags: { ...each.tags, 'backup:hold': 'x' } } : each,
            ),
          })),
        };
        const before = new Set(removed(inputs).map((each) => each.id));

        for (const snapshot of removed(held)) expect(before).toContain(snapshot.id);
      }),
      { numRuns: 500 },
    );
  });

  it('do not let junk remove a good point that age keeps', () => {
    fc.assert(
      fc.property(
        aWorld({ limits: UNLIMITED }),
        someJunk,
        fc.constantFrom<Region>(HOME, AWAY),
        (inputs, junk, region) => {
          const before = new Set(removed(inputs).map((each) => each.id));
          const mine = new Set(all(inputs).map((each) => each.id));

          for (const snapshot of removed(withJunk(inputs, region, junk))) {
            if (!mine.has(snapshot.id) || before.has(snapshot.id) || snapshot.state !== 'completed') continue;
            // Newly removed: only for age. (A source duplicate whose point "has a copy" now is no loss either.)
            const isTwin = inRegion(inputs, snapshot.region).some(
              (each) =>
                each !== snapshot &&
                isGood(each) &&
                volumeOf(each) === volumeOf(snapshot) &&
                slotOf(each) === slotOf(snapshot),
            );
            if (!isTwin) expect(ageDays(snapshot)).toBeGreaterThanOrEqual(inputs.policy.retentionDays);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('over time', () => {
  it('comes to rest: after a few runs at the same moment nothing is left to do', () => {
    forAll(aWorld({ limits: UNLIMITED }), (start) => {
      let inputs = start;
      for (let run = 0; run < 6; run += 1) inputs = applied(inputs, planPrune(inputs).decisions);

      expect(planPrune(inputs).decisions.filter((each) => each.kind !== 'keep')).toEqual([]);
    });
  });

  it('forgets nothing: a vault without new backups ends with its floor and what is protected', () => {
    forAll(
      aWorld({ limits: UNLIMITED }),
      (start) => {
        let inputs = start;
        for (let run = 0; run < 45; run += 1) {
          inputs = applied(inputs, planPrune(inputs).decisions);
          inputs = daysLater(inputs, 1);
        }

        const free = all(inputs).filter(
          (each) =>
            isGood(each) &&
            each.storageTier === 'standard' &&
            !['x'].includes(tag(each, 'backup:hold')) &&
            !Object.keys(each.tags).some((key) => key.startsWith('aws:')) &&
            !inputs.regions.some((region) => region.locked.has(each.id) || region.inImages.has(each.id)),
        );
        const perVolume = Map.groupBy(free, (each) => `${each.region} ${volumeOf(each)}`);
        for (const left of perVolume.values())
          expect(new Set(left.map(slotOf)).size).toBeLessThanOrEqual(inputs.policy.keepMin);
      },
      50,
    );
  }, 60_000);
});
