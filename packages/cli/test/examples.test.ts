import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FaultName, type LocalCloud, synthesize } from '@smart-vault/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProgram } from '../src/program.ts';
import { useLocalCredentials } from './a-command.ts';
import { CHECKS } from './examples/checks.ts';
import {
  commandPaths,
  type DocumentedLine,
  linesOfHelp,
  linesOfMarkdown,
  pathOf,
  wordsOf,
} from './examples/documented-lines.ts';
import {
  haveDeadLetters,
  isNeeded,
  lettersIn,
  pass,
  startSampleCloud,
  typed,
  typedForOthers,
} from './examples/sample-cloud.ts';
import { truthOf } from './examples/world-truth.ts';

// Every command line of the help and the documents is typed as it stands, in the order of its document: those about
// dead letters on the local cloud with `--fault copy-denied`, all others on the one without faults.

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const RUNBOOK = 'docs/runbook';
const surroundings = { env: {}, terminal: { columns: 100 } } as Parameters<
  typeof createProgram
>[0]['surroundings'];
const program = createProgram({ surroundings, onExit: () => {} });
const PATHS = commandPaths(program);
const HELP = linesOfHelp(program);

/** The README is the last, as it ends with the loss of the source region. */
const LINES: readonly DocumentedLine[] = [
  ...HELP,
  ...[
    'docs/restore.md',
    ...readdirSync(join(REPOSITORY, RUNBOOK)).map((name) => `${RUNBOOK}/${name}`),
    'packages/cli/README.md',
    'README.md',
  ].flatMap((name) => linesOfMarkdown(readFileSync(join(REPOSITORY, name), 'utf8'), name, PATHS)),
].filter((line) => line.kind === 'vault' || isNeeded(line));

const isAboutDeadLetters = ({ text }: DocumentedLine): boolean => /^dlq |\/faults\/lift$/.test(text);
const titled = (lines: readonly DocumentedLine[]) =>
  lines.map((line) => [`${line.where}: ${line.text}`, line] as const);

let assembly: string;
const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'smart-vault-examples-'));
beforeAll(async () => {
  useLocalCredentials();
  // As `start` does.
  assembly = await synthesize({ retentionDays: 2 });
  // Some examples leave a file for the next one.
  process.chdir(folder);
}, 300_000);
afterAll(() => {
  process.chdir(home);
  for (const made of [assembly, folder]) rmSync(made, { recursive: true, force: true });
});

const WORLDS: readonly (readonly [string, readonly FaultName[], readonly DocumentedLine[]])[] = [
  ['on the local cloud with --fault copy-denied', ['copy-denied'], LINES.filter(isAboutDeadLetters)],
  ['on the local cloud', [], LINES.filter((line) => !isAboutDeadLetters(line))],
];

describe.each(WORLDS)('%s', (_where, faults, lines) => {
  let cloud: LocalCloud;
  beforeAll(async () => {
    cloud = await startSampleCloud(assembly, faults);
  }, 300_000);
  afterAll(() => cloud?.close());

  test.each(titled(lines))(
    '%s',
    async (_title, line) => {
      if (faults.length > 0) await haveDeadLetters(cloud);
      await (line.kind === 'vault' ? runLine(line, cloud) : typedForOthers(line, cloud));
    },
    120_000,
  );
});

async function runLine({ text, line }: DocumentedLine, cloud: LocalCloud): Promise<void> {
  const words = wordsOf(text);
  const path = pathOf(words.join(' '), PATHS) ?? '(none of ours)';
  const check = CHECKS[path];
  if (check === undefined) throw new Error(`the command ${path} has no check in examples/checks.ts`);
  if (line.includes('(stop it first')) stopInstance(cloud, words);
  // People type slowly: two runs are not of the same second.
  await pass(cloud, 60_000);
  const [before, lettersBefore] = [truthOf(cloud), lettersIn(cloud)];
  const ended = await typed(text, cloud);
  expect(ended.out + ended.err).not.toMatch(/^\s+at |add --help|not expected/m);
  check({ words, ended, cloud, before, after: truthOf(cloud), lettersBefore });
}

/** The documentation says where an instance has to be stopped. */
function stopInstance({ world, settings }: LocalCloud, words: readonly string[]): void {
  for (const id of words.filter((word) => word.startsWith('i-')))
    world.operator.setInstanceState(settings.sourceRegion, id, 'stopped');
}

test('every command has an example in its help', () => {
  const shown = HELP.flatMap(({ kind, text }) => (kind === 'vault' ? (pathOf(text, PATHS) ?? []) : []));

  expect([...new Set(shown)]).toEqual(PATHS);
});

test('nothing that is to be pasted is abbreviated', () => {
  expect(LINES.filter(({ text }) => /…|\.\.\./.test(text))).toEqual([]);
});
