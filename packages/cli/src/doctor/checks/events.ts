import { pointOf, type Region, type Snapshot } from '@smart-vault/core';
import { count } from '../../terminal/words.ts';
import {
  type DoctorFacts,
  isKnown,
  METRICS_LATE_MS,
  placeOf,
  type RegionFacts,
  RULE_WINDOW_MS,
  sourceOf,
} from '../facts.ts';
import type { Found } from '../finding.ts';
import { copyRule, forwardRule, snapshotRules } from '../names.ts';

/** Rules that have invoked nothing, though snapshots or copies have ended: switched off, or without their targets. */
export function deafRules(facts: DoctorFacts): readonly Found[] {
  const source = sourceOf(facts);
  const ended = endedIn(facts, source);
  const deaf = ended === 0 ? [] : snapshotRules(placeOf(facts)).filter((name) => isDeaf(source, name));
  return [
    ...deaf.map((name) =>
      finding(
        name,
        source.region,
        `${count(ended, 'snapshot')} ended`,
        'The end of snapshots is not heard of: runs and copies go on only every five minutes, by ticks.',
      ),
    ),
    ...facts.regions.filter(({ isSource }) => !isSource).flatMap((here) => forwarding(facts, source, here)),
  ];
}

function forwarding(facts: DoctorFacts, source: RegionFacts, here: RegionFacts): readonly Found[] {
  const ended = endedIn(facts, here);
  if (ended === 0) return [];
  const seen = `${count(ended, 'copy', 'copies')} ended`;
  const means =
    'The end of copies is not heard of in the source region: copies go on only every five minutes, by ticks.';
  if (isDeaf(here, forwardRule(facts.vault)))
    return [finding(forwardRule(facts.vault), here.region, seen, means)];
  const rule = copyRule(facts.vault, here.region);
  return isDeaf(source, rule) ? [finding(rule, source.region, seen, means)] : [];
}

const isDeaf = ({ rules }: RegionFacts, name: string): boolean =>
  isKnown(rules) && rules.value.get(name) === 0;

const finding = (name: string, region: Region, seen: string, means: string): Found => ({
  severity: 'problem',
  region,
  what: `the EventBridge rule ${name} in ${region} has invoked nothing for a day, though ${seen}`,
  means,
  fix: `aws events enable-rule --region ${region} --name ${name}`,
});

/** Snapshots of ours that have ended within the time for which rules were counted. */
function endedIn({ vault, now, createdAt }: DoctorFacts, { snapshots }: RegionFacts): number {
  if (!isKnown(snapshots)) return 0;
  const to = now - METRICS_LATE_MS;
  // A rule counts from a little before: what ended at the edge must be in both.
  const from = Math.max(createdAt, to - RULE_WINDOW_MS + 3_600_000);
  const isRecent = ({ completedAt = 0 }: Snapshot): boolean => completedAt >= from && completedAt <= to;
  return snapshots.value.filter((each) => isRecent(each) && pointOf(each, vault).kind === 'owned').length;
}
