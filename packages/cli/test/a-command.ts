import { runCommandLine } from '../src/program.ts';
import type { Choice, Terminal } from '../src/terminal/terminal.ts';

/** What a command printed, and how it ended. */
export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** Every text that the line of progress had. */
  readonly progress: readonly string[];
  readonly questions: readonly string[];
}

export interface CommandSetup {
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970; stands still when it is a number. */
  readonly now?: number | (() => number);
  /** Called instead of waiting. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** A terminal of this width, with somebody at it; without one, output goes to a pipe. */
  readonly columns?: number;
  /** What the person at the terminal answers. */
  readonly answer?: boolean;
  /** What the person chooses; without it nothing may be asked. */
  readonly choose?: (question: string, choices: readonly Choice[]) => string;
  readonly signal?: AbortSignal;
  readonly requestTimeoutMs?: number;
}

/** Runs a command line in this process, with everything around it replaced. */
export async function runCommand(args: readonly string[], setup: CommandSetup = {}): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const progress: string[] = [];
  const questions: string[] = [];
  const { columns, now = 0 } = setup;
  const terminal: Terminal = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    columns,
    isTerminal: columns !== undefined,
    canAsk: setup.answer !== undefined,
    confirm: async (question) => {
      questions.push(question);
      return setup.answer ?? false;
    },
    choose: async (question, choices) => {
      questions.push(question);
      const choice = setup.choose?.(question, choices);
      if (choice === undefined) throw new Error(`nobody chooses: ${question}`);
      return choice;
    },
    startProgress: (text) => {
      progress.push(text);
      return { update: (next) => void progress.push(next), end: () => {} };
    },
    clear: () => {},
  };
  const status = await runCommandLine(args, {
    env: setup.env ?? {},
    clock: {
      now: typeof now === 'number' ? () => now : now,
      sleep: setup.sleep ?? (async () => {}),
    },
    terminal,
    signal: setup.signal ?? new AbortController().signal,
    ...(setup.requestTimeoutMs !== undefined && { requestTimeoutMs: setup.requestTimeoutMs }),
  });
  return { status, out: out.join('\n'), err: err.join('\n'), progress, questions };
}

/** The SDK of the commands takes its credentials from the environment, as it does at a user's. */
export function useLocalCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] = 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
}
