import { createInterface } from 'node:readline';
import type { LocalCloud } from './cloud.ts';
import { minute, type Progress } from './progress.ts';

/** Simulated minutes per real second while it serves, unless `--speed` says otherwise. */
export const SERVE_SPEED = 1;
/** As someone without a pnpm of their own runs it. */
const PNPM = 'npx -y pnpm@10.34.9';
const YEARS_MS = 10 * 365 * 24 * 3_600_000;

/** What to try while it is up; every command works as it stands. */
export function serveText(cloud: LocalCloud, speed: number, keys: boolean): string {
  const { sourceRegion, destinations, vault } = cloud.settings;
  const faults = cloud.faults.length > 0 ? cloud.faults.join(', ') : 'none';
  const clock = `${minute(cloud.clock.now())} UTC and runs on at ${speed} simulated minute${speed === 1 ? '' : 's'} per second`;
  return [
    '',
    `The local cloud is up at ${cloud.endpoint}. Its clock stands at ${clock}.`,
    '',
    'Try, in another terminal:',
    `  export AWS_ENDPOINT_URL=${cloud.endpoint} AWS_REGION=${sourceRegion} AWS_DEFAULT_REGION=${sourceRegion} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
    `  ${PNPM} vault status --vault ${vault}          # how the vault stands`,
    `  ${PNPM} vault dlq list --vault ${vault}        # what failed for good, and why`,
    `  curl -X POST ${cloud.endpoint}/_local/faults/lift       # mend the cause`,
    `  ${PNPM} vault dlq redrive --vault ${vault}     # and try again`,
    '  aws ec2 describe-snapshots --owner-ids self --max-items 5',
    `  aws ec2 describe-snapshots --owner-ids self --region ${destinations[0] ?? sourceRegion} --filters Name=status,Values=pending`,
    `  aws sqs list-queues --endpoint-url ${cloud.endpoint}`,
    '  aws cloudwatch describe-alarms --state-value ALARM',
    `  curl ${cloud.endpoint}/_local/status`,
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
