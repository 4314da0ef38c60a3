import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { vault } from '../support/commands.ts';

/** What a shell prints; it fails when there is no such shell. */
function printedBy(shell: string, args: readonly string[], script: string): readonly string[] {
  const { error, status, stdout, stderr } = spawnSync(shell, [...args, '-c', script], { encoding: 'utf8' });
  if (error !== undefined) throw error;
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.split('\n').filter((line) => line !== '');
}

async function script(shell: 'zsh' | 'fish'): Promise<string> {
  const { status, out } = await vault({}, 'completion', shell).ended;
  expect(status).toBe(0);
  return out;
}

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['smart-vault st', ['status']],
  ['smart-vault dlq ', ['list', 'show', 'redrive', 'discard']],
  ['smart-vault dlq redrive --dry', ['--dry-run']],
  ['smart-vault dlq discard --class p', ['permanent']],
  ['smart-vault --region eu-west-1 hold --un', ['--until']],
];

test.each(CASES)('fish completes "%s"', async (line, expected) => {
  const candidates = printedBy('fish', ['--no-config'], `${await script('fish')}\ncomplete -C '${line}'`);

  const words = candidates.map((candidate) => candidate.split('\t')[0]);
  expect(words.filter((word) => word !== 'help').sort()).toEqual([...expected].sort());
});

// zsh itself drops the candidates that do not begin as the word does. Its options are those of bashcompinit.
test.each(CASES)('zsh completes "%s"', async (line, expected) => {
  const words = line.split(' ').map((word) => `'${word}'`);
  const asked = [
    'emulate sh; setopt kshglob noshglob braceexpand ksharrays',
    `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; COMPREPLY=()`,
    `_smart_vault_complete; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ];
  const candidates = printedBy('zsh', ['-f'], [await script('zsh'), ...asked].join('\n'));

  const begun = line.slice(line.lastIndexOf(' ') + 1);
  const kept = candidates.filter((word) => word.startsWith(begun) && (begun !== '' || /^[a-z]/.test(word)));
  expect(kept.filter((word) => word !== 'help').sort()).toEqual([...expected].sort());
});

test('zsh completes the command by that function', async () => {
  expect(printedBy('zsh', ['-f'], `${await script('zsh')}\nprint -r -- "$_comps[smart-vault]"`)).toEqual([
    '_bash_complete -o default -F _smart_vault_complete',
  ]);
});
