import { latestSlotAt, parseSchedule, pointOf, slotAt } from '@smart-vault/core';
import { spanText } from '../../terminal/words.ts';
import { type DoctorFacts, FUNCTION_WINDOWS_MS, isKnown, sourceOf } from '../facts.ts';
import type { Found } from '../finding.ts';
import { isSelected } from './selection.ts';

/** Scheduler fires within the minute, and the first snapshots are there a little later. */
const START_MS = 15 * 60_000;

const SCHEDULES: Readonly<Record<string, { readonly suffix: string; readonly means: string }>> = {
  snapshotter: {
    suffix: 'tick-snapshotter-',
    means: 'Snapshots begin only when an event comes, and lost events stop a run.',
  },
  copier: {
    suffix: 'tick-copier-',
    means: 'Copies begin only when an event comes, and lost events stop them.',
  },
  reconciler: {
    suffix: 'reconcile',
    means: 'What an event or a run should have caused and has not is never made up for.',
  },
  pruner: { suffix: 'prune', means: 'Nothing that has expired is deleted, and it goes on costing money.' },
};

/** Functions that their schedule should have called by now, and that nothing has called. */
export function idleFunctions(facts: DoctorFacts): readonly Found[] {
  const { invocations, vault, source, now, createdAt } = facts;
  if (!isKnown(invocations)) return [];
  return Object.entries(FUNCTION_WINDOWS_MS).flatMap(([name, windowMs]) => {
    if ((invocations.value.get(name) ?? 0) > 0 || now - createdAt < windowMs) return [];
    const { suffix, means } = SCHEDULES[name] ?? { suffix: name, means: '' };
    return [
      {
        severity: 'problem',
        region: source,
        what: `the function ${vault}-${name} has not run for ${spanText(windowMs)}: its schedule ${vault}-${suffix}… is off, or what calls it is`,
        means,
        fix:
          `aws scheduler list-schedules --region ${source} --group-name ${vault} --state DISABLED` +
          (suffix.startsWith('tick')
            ? ` ; aws lambda list-event-source-mappings --region ${source} --function-name ${vault}-${name}`
            : '') +
          ' ; what is off is on again after: pnpm exec cdk deploy ' +
          vault,
      },
    ];
  });
}

/** A slot that should have begun, and of which there is no snapshot at all. */
export function missedSlot(facts: DoctorFacts): readonly Found[] {
  const { settings, now, createdAt, fleet, vault, source } = facts;
  const { snapshots } = sourceOf(facts);
  const { schedule, timezone } = settings;
  if (schedule === undefined || timezone === undefined || !isKnown(snapshots) || !isKnown(fleet)) return [];
  const due = latestSlotAt(parseSchedule(schedule, timezone), now - START_MS);
  if (due === undefined || Date.parse(due) < createdAt || !fleet.value.instances.some(isSelected)) return [];
  const has = snapshots.value.some((each) => {
    const ownership = pointOf(each, vault);
    return ownership.kind === 'owned' && ownership.point.slot === due;
  });
  if (has) return [];
  return [
    {
      severity: 'problem',
      region: source,
      what: `the run of ${due} has made no snapshot; the schedule is ${schedule} ${timezone}, and it is ${slotAt(now)}`,
      means: 'No backup was made: the schedule is off, or its calls fail.',
      fix:
        `aws scheduler get-schedule --region ${source} --group-name ${vault} --name ${vault}-backup-default ` +
        '; to back up now: smart-vault run --wait ; letters of jobs: smart-vault dlq list',
    },
  ];
}
