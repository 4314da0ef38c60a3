import { DAY_MS, pointOf, type Region, type Snapshot } from '@smart-vault/core';
import { count } from '../../terminal/words.ts';
import { type DoctorFacts, known, type RegionFacts } from '../facts.ts';
import { type Found, named } from '../finding.ts';

const RECENT_MS = 7 * DAY_MS;

/** Keys that copies of encrypted snapshots cannot be made with: by a dry run, and by copies that failed for it. */
export const unusableKeys = (facts: DoctorFacts): readonly Found[] => [
  ...facts.regions.flatMap((here) => [...refusedKey(facts, here), ...failedForKey(facts, here)]),
  ...strayKeys(facts),
];

const keyName = ({ settings }: DoctorFacts, region: Region): string =>
  settings.kmsKeyIds?.[region] ?? 'alias/aws/ebs';

function refusedKey(facts: DoctorFacts, { region, trials }: RegionFacts): readonly Found[] {
  const refusal = trials.find(({ action }) => action === 'ec2:CopySnapshot')?.refusal;
  // Whether the caller may copy says nothing of the key: the copier has a role of its own.
  if (refusal === undefined || refusal.awsCode === 'UnauthorizedOperation' || refusal.code !== 'DENIED')
    return [];
  return [
    {
      severity: 'problem',
      region,
      what: `EC2 refuses a copy to ${region} with the key ${keyName(facts, region)}: ${refusal.problem}`,
      means: 'No encrypted snapshot gets a copy in this region.',
      fix: fixOf(facts, region),
    },
  ];
}

function failedForKey(facts: DoctorFacts, { region, snapshots }: RegionFacts): readonly Found[] {
  const failed = known(snapshots, []).filter((each) => isKeyFailure(each, facts));
  if (failed.length === 0) return [];
  return [
    {
      severity: 'problem',
      region,
      what: `${count(failed.length, 'snapshot')} in ${region} failed for a key: ${named(failed.map(({ id }) => id))} (${failed[0]?.stateMessage ?? ''})`,
      means: 'Points of volumes that are encrypted with it are not made here, however often it is tried.',
      fix: fixOf(facts, region),
    },
  ];
}

const isKeyFailure = (snapshot: Snapshot, { vault, now }: DoctorFacts): boolean =>
  snapshot.state === 'error' &&
  now - snapshot.startedAt < RECENT_MS &&
  /\b(key|kms)\b/i.test(snapshot.stateMessage ?? '') &&
  pointOf(snapshot, vault).kind === 'owned';

const fixOf = (facts: DoctorFacts, region: Region): string =>
  `aws kms describe-key --region ${region} --key-id ${keyName(facts, region)} ; it must be enabled, and its policy must let the copier's role use it (kmsKeyIds in cdk.json)`;

/** A key for a region that is no destination: mistyped, or left over. */
function strayKeys({ settings, regions, source }: DoctorFacts): readonly Found[] {
  const stray = Object.keys(settings.kmsKeyIds ?? {}).filter(
    (name) => !regions.some(({ region, isSource }) => region === name && !isSource),
  );
  if (stray.length === 0) return [];
  return [
    {
      severity: 'warning',
      region: source,
      what: `kmsKeyIds names keys for ${stray.join(', ')}, which are no destinations`,
      means: 'They are not used; the destination that was meant takes its default key.',
      fix: 'Correct kmsKeyIds in cdk.json, then: pnpm exec cdk deploy --all',
    },
  ];
}
