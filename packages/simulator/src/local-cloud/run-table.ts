import type { LocalCloud } from './cloud.ts';
import { digestTime } from './promises.ts';

/** What became of one run, for the table at the end. */
export interface RunRow {
  readonly slot: string;
  readonly volumes: number;
  readonly snapshots: number;
  /** All destinations together. */
  readonly copies: number;
  /** Of this slot, in all regions, up to now. */
  readonly pruned: number;
  /** OK, PARTIAL or FAILED as the digest says; `not told yet` before it. */
  readonly status: string;
}

/** One row per run, oldest first. */
export function runTable(cloud: LocalCloud): readonly RunRow[] {
  const everything = cloud.history.everything();
  return cloud.history.runs.map((run) => {
    const ofRun = everything.filter((one) => one.slot === run.slot);
    const good = ofRun.filter((one) => one.state === 'completed');
    const digest = cloud.history.messages.find(
      ({ ofAlarm, subject }) => !ofAlarm && subject.includes(digestTime(run.slot)),
    );
    return {
      slot: run.slot,
      volumes: run.volumes.size,
      snapshots: good.filter((one) => one.originalId === undefined).length,
      copies: good.filter((one) => one.originalId !== undefined).length,
      pruned: ofRun.filter((one) => one.deletedAt !== undefined).length,
      status: /\b(OK|PARTIAL|FAILED)\b/.exec(digest?.subject ?? '')?.[1] ?? 'not told yet',
    };
  });
}
