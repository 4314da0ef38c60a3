import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';
import confirm from '@inquirer/confirm';
import select from '@inquirer/select';
import yoctoSpinner from 'yocto-spinner';
import type { Progress, Terminal } from './terminal.ts';

const NO_PROGRESS: Progress = { update: () => {}, end: () => {} };

/** The terminal of this process. */
export function processTerminal(signal: AbortSignal): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    get columns() {
      // Some terminals tell 0.
      return stdout.isTTY && stdout.columns > 0 ? stdout.columns : undefined;
    },
    isTerminal: stdout.isTTY === true,
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    confirm: (question) =>
      confirm({ message: question, default: false }, { output: stderr, signal, clearPromptOnDone: false }),
    choose: (question, choices) =>
      select(
        {
          message: question,
          choices: choices.map(({ value, about }) => ({
            value,
            name: about === '' ? value : `${value}  ${about}`,
          })),
        },
        { output: stderr, signal },
      ),
    startProgress: (text) => (stderr.isTTY === true ? spinner(text) : NO_PROGRESS),
    clear: () => {
      if (stdout.isTTY) stdout.write('\u001b[2J\u001b[3J\u001b[H');
    },
  };
}

function spinner(text: string): Progress {
  const line = yoctoSpinner({ text: fitting(text), stream: process.stderr, handleSignals: false }).start();
  return {
    update: (next) => {
      line.text = fitting(next);
    },
    end: () => void line.stop(),
  };
}

/** One line: a longer one would leave parts of itself behind. */
function fitting(text: string): string {
  const room = (process.stderr.columns ?? 80) - 4;
  const plain = stripVTControlCharacters(text);
  return plain.length <= room ? plain : `${plain.slice(0, Math.max(0, room - 1))}…`;
}
