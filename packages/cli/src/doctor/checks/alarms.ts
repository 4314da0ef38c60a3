import { HOUR_MS } from '@smart-vault/core';
import { type DoctorFacts, isKnown, placeOf } from '../facts.ts';
import { type Found, named } from '../finding.ts';
import { alarmNamesIn } from '../names.ts';

const RPO_HOURS = 26;

/** Alarms that are missing, silenced, tell nobody, or have had no data for too long. */
export function silentAlarms(facts: DoctorFacts): readonly Found[] {
  return facts.regions.flatMap(({ region, alarms, isSource, queues }) => {
    if (!isKnown(alarms)) return [];
    // Nothing at all is there: the check of the deployment says so.
    if (!isSource && isKnown(queues) && queues.value.length === 0) return [];
    const there = new Set(alarms.value.map(({ name }) => name));
    const missing = alarmNamesIn(placeOf(facts), region).filter((name) => !there.has(name));
    const silenced = alarms.value.filter(({ actionsEnabled }) => !actionsEnabled).map(({ name }) => name);
    const mute = alarms.value
      .filter(({ actions, actionsEnabled }) => actionsEnabled && actions.length === 0)
      .map(({ name }) => name);
    const patienceMs = (facts.settings.rpoHours ?? RPO_HOURS) * HOUR_MS;
    const blind = alarms.value
      .filter(
        ({ state, since }) => state === 'INSUFFICIENT_DATA' && facts.now - (since ?? facts.now) > patienceMs,
      )
      .map(({ name }) => name);
    const finding = (severity: Found['severity'], what: string, means: string, fix: string): Found => ({
      severity,
      region,
      what,
      means,
      fix,
    });
    return [
      ...(missing.length === 0
        ? []
        : [
            finding(
              'problem',
              `missing alarms: ${named(missing)}`,
              'Nobody will be told of what they watch.',
              `pnpm exec cdk deploy ${isSource ? facts.vault : `${facts.vault}-${region}`}`,
            ),
          ]),
      ...(silenced.length === 0
        ? []
        : [
            finding(
              'problem',
              `alarms whose actions are switched off: ${named(silenced)}`,
              'They ring, and nobody is told.',
              `aws cloudwatch enable-alarm-actions --region ${region} --alarm-names ${silenced.join(' ')}`,
            ),
          ]),
      ...(mute.length === 0
        ? []
        : [
            finding(
              'problem',
              `alarms without an action: ${named(mute)}`,
              'They ring, and nobody is told.',
              `pnpm exec cdk deploy ${isSource ? facts.vault : `${facts.vault}-${region}`}`,
            ),
          ]),
      ...(blind.length === 0
        ? []
        : [
            finding(
              'warning',
              `alarms that have had no data for more than ${patienceMs / HOUR_MS} hours: ${named(blind)}`,
              'What they watch is not measured: no run is reported, or the metrics do not come.',
              `aws cloudwatch describe-alarms --region ${region} --alarm-names ${blind.join(' ')}`,
            ),
          ]),
    ];
  });
}
