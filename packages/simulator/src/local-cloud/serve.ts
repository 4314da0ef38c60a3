import { createInterface } from 'node:readline';
import type { LocalCloud } from './cloud.ts';
import { minute, type Progress } from './progress.ts';

/** Simulated minutes per real second while it serves, unless `--speed` says otherwise. */
export const SERVE_SPEED = 1;
const YEARS_MS = 10 * 365 * 24 * 3_600_000;

/** What to try while it is up; every command works as it stands. */
export function serveText(cloud: LocalCloud, speed: number, keys: boolean): string {
  const { sourceRegion, destinations, vault } = cloud.settings;
  const env = (region: string): string =>
    `AWS_ENDPOINT_URL=${cloud.endpoint} AWS_REGION=${region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`;
  const faults = cloud.faults.length > 0 ? cloud.faults.join(', ') : 'none';
  return [
    '',
    `The local cloud is up at ${cloud.endpoint}. Its clock stands at ${minute(cloud.clock.now())} UTC and runs on at ${speed} simulated minute${speed === 1 ? '' : 's'} per second.`,
    '',
    'Try, in another terminal:',
    `  ${env(sourceRegion)} pnpm vault dlq list --vault ${vault}`,
    `  ${env(sourceRegion)} pnpm vault dlq redrive --vault ${vault}`,
    `  ${env(sourceRegion)} aws ec2 describe-snapshots --owner-ids self --max-items 5`,
    `  ${env(destinations[0] ?? sourceRegion)} aws ec2 describe-snapshots --owner-ids self --filters Name=status,Values=pending`,
    `  ${env(sourceRegion)} aws sqs list-queues`,
    `  ${env(sourceRegion)} aws cloudwatch describe-alarms --state-value ALARM`,
    `  curl ${cloud.endpoint}/_local/status`,
    `  curl -X POST ${cloud.endpoint}/_local/faults/lift`,
    '',
    `Faults that are active: ${faults}.${keys ? ' Press f and Enter to lift them,' : ''} Ctrl-C ${keys ? 'ends' : 'ends it'}.`,
    '',
  ].join('\n');
}

/** Runs on until the signal; a person may lift the faults by a key. */
export async function serve(
  cloud: LocalCloud,
  options: { speed: number; signal: AbortSignal; progress: Progress; input?: NodeJS.ReadableStream },
): Promise<void> {
  const { speed, signal, progress, input } = options;
  const lines = input === undefined ? undefined : createInterface({ input });
  lines?.on('line', (line) => {
    if (line.trim().toLowerCase() !== 'f') return;
    cloud.liftFaults();
    progress.line('The faults are lifted. Redrive the dead letters to heal what they broke.');
  });
  try {
    await cloud.run({
      until: cloud.clock.now() + YEARS_MS,
      speed: (speed * 60_000) / 1_000,
      signal,
      onStep: () => progress.step(),
    });
  } finally {
    lines?.close();
  }
}
