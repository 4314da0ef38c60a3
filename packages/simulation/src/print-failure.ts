import type { TraceEntry } from './kernel.ts';
import type { Violation } from './oracle/oracle.ts';
import { vaultSnapshots } from './oracle/truth.ts';
import type { Shrunk } from './shrink.ts';

const iso = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
const ENTRIES_MAX = 60;
const FAULTS_MAX = 20;
const LINE_MAX = 220;

/** Everything that somebody needs to understand and to repeat a broken promise. */
export function failureText(violation: Violation, shrunk: Shrunk, corpusFile: string): string {
  const { result, faults, runs } = shrunk;
  const { knobs } = result;
  const same = result.violations.find(({ promise }) => promise === violation.promise) ?? violation;
  return [
    `PROMISE ${same.promise} broken at ${iso(same.at)} UTC (event ${result.events} at the end)`,
    `  ${same.text}`,
    `reproduce : pnpm sim --pack ${knobs.pack} --seed ${knobs.seed}`,
    `shrunk    : pnpm sim --replay ${corpusFile}   (${runs} runs)`,
    `world     : ${knobs.instances.reduce((sum, count) => sum + count, 0)} volumes, ${knobs.chaosHours} h of chaos, ${knobs.destinations} destinations, consistency ${knobs.consistency}, retention ${knobs.retentionDays} d, floor ${knobs.keepMin}, grace ${knobs.graceHours} h, a slot every ${knobs.slotEveryHours} h ${knobs.timezone}`,
    `EC2       : ${JSON.stringify(knobs.ec2)}`,
    `faults    : ${faults.length === 0 ? 'none' : faults.length}`,
    ...faultLines(faults),
    `trace hash: ${result.hash}`,
    'timeline  : what concerns it',
    ...timeline(result.trace, same),
    'at the end:',
    ...inventory(shrunk),
    ...(same.evidence === undefined ? [] : ['evidence  :', JSON.stringify(same.evidence, null, 1)]),
  ].join('\n');
}

/** The file has them all. */
function faultLines(faults: readonly string[]): readonly string[] {
  const hidden = faults.length - FAULTS_MAX;
  const shown = faults.slice(0, FAULTS_MAX).map((id) => `  ${id}`.slice(0, LINE_MAX));
  return hidden > 0 ? [...shown, `  … ${hidden} more in the file`] : shown;
}

/** Entries that name one of the ids concerned, and what faults and people did meanwhile. */
function timeline(trace: readonly TraceEntry[], { about, at }: Violation): readonly string[] {
  const concerns = (entry: TraceEntry): boolean => {
    if (entry.who === 'fault' || entry.who === 'operator' || entry.who === 'world') return true;
    if (entry.about.some((id) => about.includes(id))) return true;
    const text = JSON.stringify(entry.fields ?? '');
    return about.some((id) => text.includes(id));
  };
  const lines = trace.filter((entry) => entry.at <= at && concerns(entry)).map(lineOf);
  const hidden = lines.length - ENTRIES_MAX;
  return hidden > 0 ? [`  … ${hidden} earlier`, ...lines.slice(hidden)] : lines;
}

function lineOf({ at, who, what, about, fields }: TraceEntry): string {
  const more = fields === undefined ? about.join(' ') : JSON.stringify(fields);
  return `  ${iso(at)} ${who.padEnd(11)} ${what} ${more}`.slice(0, LINE_MAX);
}

/** The snapshots of the volumes concerned, as they are at the end. */
function inventory({ result: { world, violations } }: Shrunk): readonly string[] {
  const about = new Set(violations.flatMap((violation) => violation.about));
  return world.facts.regions.flatMap((region) =>
    vaultSnapshots(world, region)
      .filter(({ id, volumeId }) => about.has(id) || about.has(volumeId))
      .sort((a, b) => a.slotMs - b.slotMs)
      .slice(-20)
      .map(
        ({ id, volumeId, slot, record, isCondemned }) =>
          `  ${region} ${slot} ${volumeId} ${id} ${record.state}${isCondemned ? ', condemned' : ''}`,
      ),
  );
}
