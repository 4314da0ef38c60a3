import {
  assessRun,
  HOUR_MS,
  type InstanceId,
  type Policy,
  parseSchedule,
  pointOf,
  type Region,
  type RunAssessment,
  type RunMessage,
  type Slot,
  slotMs,
  type VaultSettings,
  type VolumeId,
} from '@smart-vault/core';
import { asDeadLetter } from '../dlq/dead-letters.ts';
import { isAnswered } from '../vault/ask-regions.ts';
import type { StatusFacts } from './gather.ts';

/** What a stack has when it does not tell, see `infra/README.md`. */
const DEFAULTS = { runDeadlineHours: 6, retentionDays: 7, keepMin: 3, graceHours: 24 };

/** A run, as EC2 tells of it now. */
export interface SlotAssessment {
  readonly assessment: RunAssessment;
  /** The schedule has no such slot: somebody asked for it. */
  readonly onDemand: boolean;
}

type RunFacts = Pick<
  StatusFacts,
  'vault' | 'instances' | 'volumes' | 'selection' | 'sourceSnapshots' | 'destinations' | 'letters'
>;

/** The newest runs, newest first. */
export function recentRuns(facts: RunFacts, now: number, max: number): readonly SlotAssessment[] {
  const isScheduled = scheduleTest(facts.vault.settings);
  return slotsIn(facts)
    .slice(0, max)
    .map((slot) => {
      const onDemand = !isScheduled(slot);
      const scheduled = scheduledOf(facts, slot, onDemand);
      return { assessment: assessSlot(facts, slot, now, scheduled), onDemand };
    });
}

/** The newest slot that everything selected owes a point for; a run on demand may have been for a part only. */
export function newestScheduledSlot(facts: RunFacts): Slot | undefined {
  const isScheduled = scheduleTest(facts.vault.settings);
  return slotsIn(facts).find(isScheduled);
}

/**
 * One slot, by the core's own assessment.
 * @param scheduled what the run was about; left out, everything that is selected now
 */
export function assessSlot(
  facts: RunFacts,
  slot: Slot,
  now: number,
  scheduled?: RunMessage['scheduled'],
): RunAssessment {
  const { vault, destinations, letters, volumes, instances, selection, sourceSnapshots } = facts;
  const { settings } = vault;
  const startedAt = slotMs(slot);
  const deadlineHours = settings.runDeadlineHours ?? DEFAULTS.runDeadlineHours;
  return assessRun({
    instances,
    selection,
    sourceSnapshots,
    volumesNow: volumes,
    run: {
      ...{ v: 1, kind: 'run', vault: vault.name, policy: vault.policy, slot, startedAt },
      ...{ instances: 0, units: 0, volumes: 0, check: 0 },
      ...(scheduled !== undefined && { scheduled }),
    },
    copies: new Map(destinations.filter(isAnswered).map(({ region, value }) => [region, value])),
    deadLetters: letters.flatMap(({ queue, read }) => read.map((letter) => asDeadLetter(queue.name, letter))),
    policy: policyOf(vault.policy, settings, vault.destinations),
    now,
    deadlineMs: startedAt + deadlineHours * HOUR_MS,
  });
}

/** Only its destinations matter for an assessment. */
const policyOf = (
  name: string,
  settings: Partial<VaultSettings>,
  destinations: readonly Region[],
): Policy => ({
  name,
  tagKey: 'backup',
  tagValue: 'true',
  consistency: settings.consistency ?? 'instance',
  retentionDays: settings.retentionDays ?? DEFAULTS.retentionDays,
  keepMin: settings.keepMin ?? DEFAULTS.keepMin,
  graceHours: settings.graceHours ?? DEFAULTS.graceHours,
  destinations,
});

/** Slots that the source region has snapshots of, or letters about; newest first. */
function slotsIn({ vault, sourceSnapshots, letters }: RunFacts): readonly Slot[] {
  const ofPoints = sourceSnapshots.flatMap((snapshot) => {
    const ownership = pointOf(snapshot, vault.name);
    return ownership.kind === 'owned' && ownership.point.policy === vault.policy
      ? [ownership.point.slot]
      : [];
  });
  const ofLetters = letters.flatMap(({ read }) =>
    read.flatMap(({ slot }) => (slot === undefined ? [] : [slot])),
  );
  return [...new Set([...ofPoints, ...ofLetters])].sort().reverse();
}

/** Without a known schedule every slot counts as scheduled. */
function scheduleTest({ schedule, timezone }: Partial<VaultSettings>): (slot: Slot) => boolean {
  if (schedule === undefined || timezone === undefined) return () => true;
  const parsed = parseSchedule(schedule, timezone);
  return (slot) => parsed.latestAt(slotMs(slot)) === slotMs(slot);
}

/**
 * What a run was about: nobody has written it down, so it is what has a snapshot of the slot, a letter about it and,
 * unless it was on demand, a selected volume that had a point by then. A volume that was tagged later is not missed.
 */
function scheduledOf(facts: RunFacts, slot: Slot, onDemand: boolean): NonNullable<RunMessage['scheduled']> {
  const { vault, selection, sourceSnapshots, letters } = facts;
  const selected = new Map<string, InstanceId>(
    selection.units.flatMap(({ instanceId, volumeIds }) => volumeIds.map((id) => [id, instanceId] as const)),
  );
  const owners = new Map<VolumeId, InstanceId>();
  for (const snapshot of sourceSnapshots) {
    const ownership = pointOf(snapshot, vault.name);
    if (ownership.kind !== 'owned' || ownership.point.policy !== vault.policy) continue;
    const { point } = ownership;
    const isKnown = !onDemand && point.slot < slot && selected.has(point.volumeId);
    if (point.slot === slot || isKnown) owners.set(point.volumeId, point.instanceId);
  }
  for (const letter of letters.flatMap(({ read }) => read)) {
    if (letter.slot !== slot) continue;
    for (const id of letter.subjects) {
      const instanceId = selected.get(id);
      if (instanceId !== undefined) owners.set(id as VolumeId, instanceId);
    }
  }
  const scheduled: Record<InstanceId, VolumeId[]> = {};
  for (const [volumeId, instanceId] of owners) {
    scheduled[instanceId] = [...(scheduled[instanceId] ?? []), volumeId];
  }
  return scheduled;
}
