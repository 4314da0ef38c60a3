import { type DoctorFacts, type Unanswered, unansweredIn, unansweredOfVault } from '../facts.ts';
import type { Found } from '../finding.ts';

/** Regions and services that did not answer, whatever the reason but a missing permission. */
export function unreachable(facts: DoctorFacts): readonly Found[] {
  return facts.regions.flatMap(({ region, isSource }, index) => {
    const here = facts.regions[index];
    const failed = [
      ...(here === undefined ? [] : unansweredIn(here)),
      ...(isSource ? unansweredOfVault(facts) : []),
    ].filter(isOutage);
    const [first] = failed;
    if (first === undefined) return [];
    const actions = [...new Set(failed.map(({ action }) => action))].join(', ');
    return [
      {
        severity: 'problem',
        region,
        what: `${region} did not answer ${actions}: ${first.problem}`,
        means: isSource
          ? 'What depends on these answers was not checked.'
          : 'Copies to this region, and restores from it, may not work now; what depends on it was not checked.',
        fix: 'See https://health.aws.amazon.com/health/status and the network of this machine, then run doctor again.',
      },
    ];
  });
}

const isOutage = ({ code }: Unanswered): boolean => code !== 'DENIED' && code !== 'CONFIG';
