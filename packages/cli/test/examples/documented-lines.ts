import type { Command } from 'commander';

/**
 * A line that the documentation tells people to type.
 * - `vault`    a command of ours: what stands behind the program's name
 * - `other`    another program's, which the examples before or behind it may need
 */
export interface DocumentedLine {
  readonly kind: 'vault' | 'other';
  readonly text: string;
  /** The document, and the whole line there. */
  readonly where: string;
  readonly line: string;
}

/** How the program is called in the documentation. */
const OURS = /^(?:npx -y pnpm@[\d.]+ vault|pnpm vault|smart-vault|vault) /;
/** How a command is written about rather than given: `dlq show <id>`, `run [--wait]`, `--plan FILE`. */
const USAGE = /[[<|]|\bFILE\b/;

/** Every command that can be run, by its path, such as `dlq list`. */
export function commandPaths(program: Command, before = ''): readonly string[] {
  return program.commands.flatMap((command) => {
    const path = `${before}${command.name()}`;
    return command.commands.length > 0 ? commandPaths(command, `${path} `) : [path];
  });
}

/** The command that a line is of; `undefined` when it begins with none. */
export const pathOf = (line: string, paths: readonly string[]): string | undefined =>
  paths.find((path) => line === path || line.startsWith(`${path} `));

/** The lines of `--help` of every command, in the order of the commands. */
export function linesOfHelp(program: Command): readonly DocumentedLine[] {
  if (program.commands.length > 0) return program.commands.flatMap(linesOfHelp);
  let help = '';
  program.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help.split('\n').flatMap((line): DocumentedLine[] => {
    const example = /^ {2}\$ smart-vault (.*)$/.exec(line)?.[1];
    const other = /^ {2}((?:aws|curl) .*)$/.exec(line)?.[1];
    const text = example ?? other;
    if (text === undefined) return [];
    const kind = example === undefined ? 'other' : 'vault';
    return [{ kind, text, line, where: `${program.name()} --help` }];
  });
}

/**
 * The lines of a markdown document, in its order: every line of its shell blocks; and in its text, code that calls the
 * program by its name, or that is a command with options. A bare name such as `points` only speaks of the command.
 */
export function linesOfMarkdown(
  markdown: string,
  where: string,
  paths: readonly string[],
): readonly DocumentedLine[] {
  const lines = markdown.replaceAll(/\\\n\s*/g, '').split('\n');
  let block: 'sh' | 'other' | undefined;
  return lines.flatMap((line) => {
    const fence = /^```(\w*)/.exec(line);
    if (fence !== null) {
      block = block === undefined ? (fence[1] === 'sh' ? 'sh' : 'other') : undefined;
      return [];
    }
    if (block === 'other') return [];
    if (block === 'sh') return lineOfBlock(line, where);
    return [...line.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => codeInText(code, line, where, paths));
  });
}

function lineOfBlock(line: string, where: string): readonly DocumentedLine[] {
  const typed = line.replace(/\s+#.*$/, '').trim();
  if (typed === '' || typed.startsWith('#')) return [];
  const isOurs = OURS.test(typed);
  return [{ kind: isOurs ? 'vault' : 'other', text: typed.replace(OURS, ''), line, where }];
}

function codeInText(
  code: string,
  line: string,
  where: string,
  paths: readonly string[],
): readonly DocumentedLine[] {
  if (USAGE.test(code)) return [];
  const text = code.replace(OURS, '');
  const path = pathOf(text, paths);
  const isSpokenOf = path === undefined || (text === code && text === path);
  return isSpokenOf ? [] : [{ kind: 'vault', text, line, where }];
}

/** The words of a line, as a shell sees them; quotes are taken away. */
export const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
