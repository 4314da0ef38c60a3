#!/usr/bin/env node
import { setTimeout as sleep } from 'node:timers/promises';
import { errorText, isAppError } from '@smart-vault/core';
import { CommanderError } from 'commander';
import { createProgram } from './program.ts';

/** The question could not be answered: wrong usage, no vault, no access. */
const EXIT_UNANSWERED = 2;

const write = (stream: NodeJS.WriteStream, text: string): void => {
  stream.write(`${text}\n`);
};

const program = createProgram({
  // biome-ignore lint/style/noProcessEnv: the edge at which the environment enters
  env: process.env,
  clock: {
    now: () => Date.now(),
    sleep: async (ms) => {
      await sleep(ms);
    },
  },
  output: {
    out: (text) => write(process.stdout, text),
    progress: (text) => write(process.stderr, text),
  },
});

try {
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own complaint, or the help that was asked for.
  const isUsage = error instanceof CommanderError;
  if (!isUsage) write(process.stderr, `smart-vault: ${adviceOn(error)}`);
  process.exitCode = isUsage && error.exitCode === 0 ? 0 : EXIT_UNANSWERED;
}

function adviceOn(error: unknown): string {
  const text = errorText(error);
  if (isAppError(error, 'DENIED')) return `${text}\nThe credentials in use lack this permission.`;
  if (isAppError(error, 'TRANSIENT')) return `${text}\nThe endpoint did not answer; is it the right one?`;
  return text;
}
