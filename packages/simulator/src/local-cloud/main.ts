import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { AppError, isAppError } from '@smart-vault/core';
import { createLocalCloud, type LocalCloud } from './cloud.ts';
import { loadFleet } from './load-fleet.ts';
import { parseCommandLine, type StartOptions } from './options.ts';
import { Progress, type Screen } from './progress.ts';
import { renderReport } from './report.ts';
import { prepareSampleAccount } from './sample-account.ts';
import { sampleScenario } from './sample-scenario.ts';
import { SERVE_SPEED, serve, serveText } from './serve.ts';
import { type Summary, summarize } from './summary.ts';
import { cdkContext, sourceRegionOf, synthesize } from './synthesize.ts';

const INTERRUPTED = 130;
/** After the days, at most this long until nothing is under way any more. */
const QUIET_WITHIN_MS = 12 * 3_600_000;
const QUIET_STEP_MS = 5 * 60_000;

/** `pnpm start`. @returns the exit status */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(args);
  if (parsed.kind === 'stop') {
    (parsed.exitStatus === 0 ? process.stdout : process.stderr).write(parsed.text);
    return parsed.exitStatus;
  }
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await start(parsed.options, stop.signal);
  } catch (error) {
    if (!isAppError(error)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return 2;
  }
}

async function start(options: StartOptions, signal: AbortSignal): Promise<number> {
  const screen = terminal();
  const fleet = loadFleet(options, sourceRegionOf(cdkContext()));
  if (options.json !== undefined) checkWritable(options.json);
  screen.write('Bundling the functions and synthesizing the CDK app ...\n');
  const assembly = await synthesize({ retentionDays: options.retentionDays }, signal);
  let cloud: LocalCloud | undefined;
  let progress: Progress | undefined;
  try {
    if (signal.aborted) return INTERRUPTED;
    cloud = await createLocalCloud({
      assembly,
      fleet,
      seed: options.seed,
      port: options.port,
      faults: options.faults,
      ...(options.fleet === undefined ? { onInvocationEnd: sampleScenario() } : {}),
      ...(options.verbose
        ? {
            onLine: (name: string, line: string, at: number) =>
              progress?.line(`${new Date(at).toISOString()} ${name} ${line}`),
          }
        : {}),
    });
    if (options.fleet === undefined) prepareSampleAccount(cloud);
    progress = new Progress(screen, cloud);
    screen.write(introduction(cloud, fleet.instances.length, fleet.volumes.length, options));
    await runDays(cloud, options, signal, progress);
    return await finish(cloud, options, signal, screen, progress);
  } finally {
    await cloud?.close();
    rmSync(assembly, { recursive: true, force: true });
  }
}

async function runDays(
  cloud: LocalCloud,
  options: StartOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<void> {
  const speed = options.speed === undefined ? {} : { speed: options.speed * 60 };
  const onStep = (): void => progress.step();
  await cloud.run({ days: options.days, signal, onStep, ...speed });
  const limit = cloud.clock.now() + QUIET_WITHIN_MS;
  while (!cloud.isQuiet() && !signal.aborted && cloud.clock.now() < limit) {
    await cloud.run({ until: cloud.clock.now() + QUIET_STEP_MS, signal, onStep, ...speed });
  }
  progress.end();
}

async function finish(
  cloud: LocalCloud,
  options: StartOptions,
  signal: AbortSignal,
  screen: Screen,
  progress: Progress,
): Promise<number> {
  const interrupted = signal.aborted;
  const summary = summarize(cloud, { interrupted, faults: options.faults });
  const serving = options.serve && !interrupted;
  screen.write(renderReport(summary, { color: screen.color, serving }));
  if (options.json !== undefined) writeJson(options.json, summary);
  if (interrupted) return INTERRUPTED;
  if (serving) {
    const keys = process.stdin.isTTY === true;
    const speed = options.speed ?? SERVE_SPEED;
    screen.write(serveText(cloud, speed, keys));
    await serve(cloud, { speed, signal, progress, ...(keys ? { input: process.stdin } : {}) });
    progress.end();
    screen.write('Ended.\n');
  }
  return summary.allKept ? 0 : 1;
}

/** Finds out before a minute of work, not after it. */
function checkWritable(path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('INVALID', `cannot write ${path}: ${why}`, { cause: error });
  }
}

function writeJson(path: string, summary: Summary): void {
  writeFileSync(path, `${JSON.stringify(summary, undefined, 2)}\n`);
}

function introduction(cloud: LocalCloud, instances: number, volumes: number, options: StartOptions): string {
  const { vault, sourceRegion, destinations, retentionDays } = cloud.settings;
  const resources = cloud.stacks.map(({ name, region }) => `${name} (${region})`).join(', ');
  return (
    `Stacks: ${resources}; ${cloud.functions.list().length} functions, ${cloud.queues.names().length} queues.\n` +
    `Vault ${vault}: ${sourceRegion} to ${destinations.join(', ')}, kept for ${retentionDays} days.\n` +
    `Account: ${instances} instances, ${volumes} volumes, ${cloud.foreign.length} snapshots of other people's.\n` +
    `Simulating ${options.days} day${options.days === 1 ? '' : 's'}${options.faults.length > 0 ? ` with ${options.faults.join(', ')}` : ''}:\n\n`
  );
}

function terminal(): Screen {
  // biome-ignore lint/style/noProcessEnv: NO_COLOR and CI are how a terminal says what it wants.
  const { NO_COLOR, CI, TERM } = process.env;
  const plain = NO_COLOR !== undefined || CI !== undefined || TERM === 'dumb';
  const live = process.stdout.isTTY === true && !plain;
  return {
    live,
    color: live,
    columns: () => process.stdout.columns ?? 80,
    write: (text) => {
      process.stdout.write(text);
    },
  };
}

process.exitCode = await main(process.argv.slice(2));
