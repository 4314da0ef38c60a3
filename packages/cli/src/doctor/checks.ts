import { silentAlarms } from './checks/alarms.ts';
import { wrongClock } from './checks/clock.ts';
import { forgottenCopies, spentQuotas } from './checks/copies.ts';
import { otherVaults, undeployedDestinations, wrongQueues } from './checks/deployment.ts';
import { deafRules } from './checks/events.ts';
import { unusableKeys } from './checks/keys.ts';
import { waitingLetters } from './checks/letters.ts';
import { missingPermissions } from './checks/permissions.ts';
import { unreachable } from './checks/reachability.ts';
import { idleFunctions, missedSlot } from './checks/schedules.ts';
import { leftOut, unselected } from './checks/selection.ts';
import { lapsedHolds, orphans, pruning } from './checks/snapshots.ts';
import { unheardTopics } from './checks/subscribers.ts';
import { blockedVolumes, crowdedVolumes } from './checks/volumes.ts';
import type { DoctorFacts } from './facts.ts';
import type { Finding, Found, Severity } from './finding.ts';

/** One check: what it looks for, and how. Pure: it looks at the facts and at nothing else. */
interface Check {
  readonly id: string;
  /** What is as it should be when it finds nothing. */
  readonly about: string;
  readonly run: (facts: DoctorFacts) => readonly Found[];
}

/** Every check. A new one is a function in `checks/`, named here. */
export const CHECKS: readonly Check[] = [
  { id: 'reachability', about: 'every region answers', run: unreachable },
  { id: 'permissions', about: 'you may do what this command does', run: missingPermissions },
  { id: 'queues', about: 'queues are there, and as they should be', run: wrongQueues },
  { id: 'destinations', about: 'the vault is deployed in every destination', run: undeployedDestinations },
  { id: 'other-vaults', about: 'no other vault looks at the same instances', run: otherVaults },
  { id: 'alarms', about: 'alarms are there and tell somebody', run: silentAlarms },
  { id: 'subscribers', about: 'somebody hears of alarms and digests', run: unheardTopics },
  { id: 'schedules', about: 'schedules call their functions', run: idleFunctions },
  { id: 'last-run', about: 'the last run has begun', run: missedSlot },
  { id: 'events', about: 'events arrive', run: deafRules },
  { id: 'copies', about: 'every good snapshot gets its copies', run: forgottenCopies },
  { id: 'quotas', about: 'quotas leave room', run: spentQuotas },
  { id: 'keys', about: 'keys can be used', run: unusableKeys },
  { id: 'dead-letters', about: 'nothing has failed for good', run: waitingLetters },
  { id: 'selection', about: 'tags select what they are meant to', run: unselected },
  { id: 'left-out', about: 'everything of selected instances is backed up', run: leftOut },
  { id: 'blocked-volumes', about: 'no failed snapshot blocks its volume', run: blockedVolumes },
  { id: 'crowded-volumes', about: "volumes' tags fit on their snapshots", run: crowdedVolumes },
  { id: 'orphans', about: 'every snapshot can be understood', run: orphans },
  { id: 'holds', about: 'no hold is left over', run: lapsedHolds },
  { id: 'pruning', about: 'what has expired is deleted', run: pruning },
  { id: 'clock', about: 'the clock of this machine is right', run: wrongClock },
];

const GRAVITY: Readonly<Record<Severity, number>> = { problem: 0, warning: 1, note: 2 };

/** Runs every check. The gravest findings come first; among equals the order of the checks stays. Pure. */
export const examine = (facts: DoctorFacts): readonly Finding[] =>
  CHECKS.flatMap(({ id, run }) => run(facts).map((found) => ({ check: id, ...found }))).sort(
    (a, b) => GRAVITY[a.severity] - GRAVITY[b.severity],
  );
