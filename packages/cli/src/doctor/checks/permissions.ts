import type { Region } from '@smart-vault/core';
import { type DoctorFacts, type Unanswered, unansweredIn, unansweredOfVault } from '../facts.ts';
import type { Found } from '../finding.ts';

/** What the caller of this command may not do, by answers and by dry runs. Keys have a check of their own. */
export function missingPermissions(facts: DoctorFacts): readonly Found[] {
  return facts.regions.flatMap((here) => {
    const refused = [
      ...unansweredIn(here),
      ...(here.isSource ? unansweredOfVault(facts) : []),
      ...here.trials.flatMap(({ action, refusal }) =>
        refusal === undefined || action === 'ec2:CopySnapshot' ? [] : [refusal],
      ),
    ].filter(({ code }) => code === 'DENIED');
    const byAction = new Map(refused.map((each) => [each.action, each]));
    return [...byAction.values()].map((each) => finding(each, here.region));
  });
}

const finding = ({ action, problem }: Unanswered, region: Region): Found => ({
  severity: 'warning',
  region,
  what: `you may not ${action} in ${region}: ${problem}`,
  means:
    USES[action] ??
    'Commands that need it fail with this refusal, and what it would have told was not checked.',
  fix: `Allow ${action} to the role in use (README of packages/cli, Permissions), or use another with --profile.`,
});

const USES: Readonly<Record<string, string>> = {
  'ec2:CreateTags': 'hold and prune apply will fail: they mark snapshots with tags.',
  'ec2:DeleteTags': 'release and prune apply will fail: they take tags off.',
  'ec2:DeleteSnapshot': 'prune apply cannot delete.',
};
