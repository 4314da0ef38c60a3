import type { Clock } from '@smart-vault/core';
import type { Terminal } from '../terminal/terminal.ts';

/** The outside of the command: everything that a test replaces. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C: commands that wait or watch end, and say what goes on without them. */
  readonly signal: AbortSignal;
  /** How long one answer of AWS may take; 15 s when left out. */
  readonly requestTimeoutMs?: number;
}

/**
 * How this command is called, for the examples that it prints: by its own name, or as the workspace's script for
 * someone who has no pnpm of their own.
 */
export const commandName = (env: Surroundings['env']): string =>
  env['npm_lifecycle_event'] === 'vault' ? 'npx -y pnpm@10.34.9 vault' : 'smart-vault';
