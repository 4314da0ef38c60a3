import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const START = 'packages/simulator/src/local-cloud/main.ts';
const VAULT = 'packages/cli/src/main.ts';

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  text(): string;
  /** Resolves with the match once standard output holds it; rejects when the command ends without. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  /** The same for standard error, where progress goes. */
  told(pattern: RegExp): Promise<RegExpMatchArray>;
  readonly ended: Promise<CommandResult>;
}

/** `pnpm start …` without pnpm around it. */
export const start = (...args: string[]): RunningCommand => run([START, ...args]);

/** `pnpm vault …` without pnpm around it. */
export const vault = (env: Readonly<Record<string, string>>, ...args: string[]): RunningCommand =>
  run([VAULT, ...args], env);

/** Runs Node with exactly this environment. */
export const spawnText = (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CommandResult> => spawnNode(args, environment).ended;

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand =>
  spawnNode(args, { ...process.env, NO_COLOR: '1', ...env });

function spawnNode(args: readonly string[], env: NodeJS.ProcessEnv): RunningCommand {
  const child = spawn(process.execPath, [...args], {
    cwd: REPOSITORY,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
    for (const listener of listeners) listener();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8');
    for (const listener of listeners) listener();
  });
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, out, err }));
  });
  const seen = (pattern: RegExp, text: () => string): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = text().match(pattern);
        if (match === null) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`ended without printing ${pattern}:\n${out}\n${err}`)), reject);
    });
  return {
    child,
    text: () => out,
    printed: (pattern) => seen(pattern, () => out),
    told: (pattern) => seen(pattern, () => err),
    ended,
  };
}
