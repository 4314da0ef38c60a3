import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createProgram } from '../src/program.ts';
import { runCommand } from './a-command.ts';

/** What bash offers for the last word of this line. */
async function offered(line: string): Promise<readonly string[]> {
  const { out, status } = await runCommand(['completion', 'bash']);
  expect(status).toBe(0);
  const words = line.split(' ');
  const script = [
    out,
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
    `COMP_CWORD=${words.length - 1}`,
    '_smart_vault_complete',
    `printf '%s\\n' "\${COMPREPLY[@]}"`,
  ].join('\n');
  const bash = spawnSync('bash', ['--norc'], { input: script, encoding: 'utf8' });
  expect(bash.stderr).toBe('');
  return bash.stdout.split('\n').filter((word) => word !== '');
}

test('bash offers the commands, those below a command, and options', async () => {
  expect(await offered('smart-vault st')).toEqual(['status']);
  expect(await offered('smart-vault dlq ')).toEqual(
    expect.arrayContaining(['list', 'show', 'redrive', 'discard']),
  );
  expect(await offered('smart-vault dlq redrive --dry')).toEqual(['--dry-run']);
  expect(await offered('smart-vault points --json --vo')).toEqual(['--volume']);
  expect(await offered('smart-vault --region eu-west-1 hold --un')).toEqual(['--until']);
});

test('bash offers the values of an option, and none that it cannot know', async () => {
  expect(await offered('smart-vault dlq discard --class p')).toEqual(['permanent']);
  expect(await offered('smart-vault points --region ')).toEqual([]);
});

test('bash knows every command that there is', async () => {
  const surroundings = { env: {} } as Parameters<typeof createProgram>[0]['surroundings'];
  const program = createProgram({ surroundings, onExit: () => {} });

  const offeredFirst = await offered('smart-vault ');

  for (const { name } of program.commands.map((command) => ({ name: command.name() }))) {
    expect(offeredFirst).toContain(name);
  }
});

// What the two make of it: tests/shells.
test('zsh loads the completions of bash, and fish has a line for each command and option', async () => {
  expect((await runCommand(['completion', 'zsh'])).out).toContain('bashcompinit');
  const { out } = await runCommand(['completion', 'fish']);
  expect(out).toContain("complete -c smart-vault -f -n '__fish_use_subcommand' -a status -d ");
  expect(out).toMatch(
    /__fish_seen_subcommand_from dlq; and __fish_seen_subcommand_from redrive' -l class -x -a 'retryable /,
  );
});

test('another shell is refused, with those that there are', async () => {
  const { status, err } = await runCommand(['completion', 'tcsh']);

  expect(status).toBe(2);
  expect(err).toContain('bash, zsh, fish');
});
