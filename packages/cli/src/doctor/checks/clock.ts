import { spanText } from '../../terminal/words.ts';
import type { DoctorFacts } from '../facts.ts';
import type { Found } from '../finding.ts';

/** AWS refuses requests that are five minutes off, unless the SDK corrects them. */
const SKEW_MS = 60_000;

/** A clock of this machine that is wrong. */
export function wrongClock({ clockBehindMs, isOtherEndpoint }: DoctorFacts): readonly Found[] {
  if (Math.abs(clockBehindMs) < SKEW_MS) return [];
  const direction = clockBehindMs > 0 ? 'behind' : 'ahead of';
  return [
    {
      // The local cloud has a time of its own, and there is nothing wrong with that.
      severity: isOtherEndpoint ? 'note' : 'warning',
      region: null,
      what: `the clock of this machine is ${spanText(Math.abs(clockBehindMs))} ${direction} that of ${isOtherEndpoint ? 'the endpoint' : 'AWS'}`,
      means:
        "This command goes by AWS's time; other tools may be refused (RequestTimeTooSkewed), and logs here are wrong.",
      fix: 'Set it: timedatectl set-ntp true',
    },
  ];
}
