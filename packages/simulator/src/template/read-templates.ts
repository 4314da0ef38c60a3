import { AppError } from '@smart-vault/core';
import { type Assembly, loadAssembly } from './assembly.ts';
import type { StackModel } from './model.ts';
import { readStack } from './read-stack.ts';
import type { TemplateProblem } from './template-types.ts';

/** How ids look where the templates are to run. */
export interface ReadTemplatesOptions {
  /** Twelve digits. */
  readonly accountId: string;
  /** Default `aws`. */
  readonly partition?: string;
  /** A stack's region; default is the one that the manifest gives it. */
  readonly regionOf?: (stack: string) => string | undefined;
  /** What `Ref` of a queue gives: the URL by which functions reach it. */
  readonly queueUrl: (queue: { name: string; region: string; accountId: string }) => string;
  /** Values for template parameters, by name; others take their defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Reads what `cdk synth` wrote: every stack's template and its assets, intrinsics resolved, as typed resources.
 * @param source the directory (`cdk.out`), or what was loaded from it
 * @throws AppError `CONFIG` that names every resource type, property and intrinsic which the local cloud would have to
 *   ignore (stack, logical id, type)
 */
export function readTemplates(
  source: string | Assembly,
  options: ReadTemplatesOptions,
): readonly StackModel[] {
  const assembly = typeof source === 'string' ? loadAssembly(source) : source;
  const { accountId, partition = 'aws' } = options;
  const readings = assembly.stacks.map((stack) => {
    const region = options.regionOf?.(stack.name) ?? stack.region;
    if (region === undefined) {
      const problem = {
        stack: stack.name,
        logicalId: '',
        type: 'stack',
        text: 'has no region; give it one by regionOf',
      };
      return { model: undefined, problems: [problem] };
    }
    const queueUrl = (name: string): string => options.queueUrl({ name, region, accountId });
    return readStack(
      stack.template,
      { stack: stack.name, region, accountId, partition, queueUrl },
      {
        findAsset: (key) => stack.assets[key],
        ...(options.parameters && { parameters: options.parameters }),
      },
    );
  });
  const problems = readings.flatMap((reading) => reading.problems);
  if (problems.length > 0) throw unreadable(problems);
  return readings.flatMap(({ model }) => model ?? []);
}

function unreadable(problems: readonly TemplateProblem[]): AppError {
  const lines = [
    ...new Set(
      problems.map(({ stack, logicalId, type, text }) => `- ${stack}/${logicalId} (${type}): ${text}`),
    ),
  ];
  const message = `the templates hold ${lines.length} thing(s) that the local cloud does not know:\n${lines.join('\n')}`;
  return new AppError('CONFIG', message, { details: { problems } });
}
