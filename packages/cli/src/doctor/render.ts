import type { CommandContext } from '../command-line/context.ts';
import { count } from '../terminal/words.ts';
import { CHECKS } from './checks.ts';
import type { Finding, Severity } from './finding.ts';

/** The findings in words: commands are never cut, so that they can be copied. */
export function renderFindings(findings: readonly Finding[], { colors }: CommandContext): string {
  const number = (severity: Severity): number => findings.filter((each) => each.severity === severity).length;
  const paint = { problem: colors.red, warning: colors.yellow, note: colors.dim } as const;
  const head =
    number('problem') + number('warning') === 0
      ? `${colors.green('HEALTHY')}: ${count(CHECKS.length, 'check')}, nothing wrong`
      : `${colors.red('ATTENTION')}: ${count(number('problem'), 'problem')}, ${count(number('warning'), 'warning')}`;
  const notes = number('note') === 0 ? '' : `; ${count(number('note'), 'note')}`;
  const sections = findings.map(({ check, severity, what, means, fix }) =>
    [
      `${paint[severity](severity.toUpperCase())} (${check}) ${what}`,
      `  ${means}`,
      ...fix.split(' ; ').map((line, index) => `  ${index === 0 ? 'Fix: ' : '     '}${line}`),
    ].join('\n'),
  );
  return [`${head}${notes}.`, ...sections].join('\n\n');
}
