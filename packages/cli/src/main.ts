#!/usr/bin/env node
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommandLine } from './program.ts';
import { processTerminal } from './terminal/process-terminal.ts';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
// Whoever reads the output has had enough, such as `head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  // biome-ignore lint/style/noProcessEnv: the edge at which the environment enters
  env: process.env,
  clock: {
    now: () => Date.now(),
    sleep: async (ms) => {
      await sleep(ms, undefined, { signal: interrupted.signal });
    },
  },
  terminal: processTerminal(interrupted.signal),
  signal: interrupted.signal,
});
