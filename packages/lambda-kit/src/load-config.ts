import { AppError } from '@smart-vault/core';
import * as v from 'valibot';

/** Environment variables as Node gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A valibot object; its keys stand for environment variables, and every value comes in as a string. */
export type EnvironmentSchema = v.GenericSchema & { readonly entries: v.ObjectEntries };

/** One thing that is wrong with the environment. */
export interface ConfigProblem {
  /** The environment variable, or several joined by a space. */
  readonly name: string;
  /** As found, quoted and cut; `not set`; or `hidden` for a secret. */
  readonly value: string;
  readonly allowed: string;
  readonly fix: string;
}

const VALUE_CHARS_MAX = 120;
const SECRET = /SECRET|TOKEN|PASSWORD|CREDENTIAL/;
const FIX =
  "set it in the function's environment (the CDK stack writes it: check its config and deploy again)";

/**
 * Reads a function's configuration from its environment, once, at module load.
 *
 * The key `volumesQueueUrl` reads `VOLUMES_QUEUE_URL`, unless the entry has a `v.title('NAME')`; an entry's
 * `v.description` is what an operator is told is allowed. An empty variable counts as not set.
 *
 * @throws AppError `CONFIG` with every problem at once, in the message and as `details.problems`.
 */
export function loadConfig<const Schema extends EnvironmentSchema>(
  schema: Schema,
  env: Environment,
): Readonly<v.InferOutput<Schema>> {
  const result = v.safeParse(schema, readVariables(schema.entries, env));
  if (result.success) return Object.freeze(result.output as v.InferOutput<Schema> & object);

  const problems = result.issues.map((issue) => problemOf(issue, schema.entries, env));
  const lines = problems.map(
    ({ name, value, allowed, fix }) => `${name} is ${value}; allowed: ${allowed}; fix: ${fix}`,
  );
  throw new AppError('CONFIG', `the environment has ${problems.length} problem(s):\n${lines.join('\n')}`, {
    details: { problems },
  });
}

function readVariables(entries: v.ObjectEntries, env: Environment): Readonly<Record<string, string>> {
  const found = Object.entries(entries).flatMap(([key, entry]) => {
    const value = env[variableOf(key, entry)]?.trim();
    return value ? [[key, value] as const] : [];
  });
  return Object.fromEntries(found);
}

function problemOf(issue: v.BaseIssue<unknown>, entries: v.ObjectEntries, env: Environment): ConfigProblem {
  const key = String(issue.path?.[0]?.key ?? '');
  const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
  if (!entry) return { name: 'environment', value: 'inconsistent', allowed: issue.message, fix: FIX };

  const name = variableOf(key, entry);
  // A rule between several variables speaks for itself; a rule of one variable is described by its entry.
  const allowed =
    issue.type === 'partial_check'
      ? issue.message
      : (describe(entry, v.getDescription) ?? issue.expected ?? issue.message);
  return { name, value: shown(name, env[name]), allowed, fix: FIX };
}

function shown(name: string, value: string | undefined): string {
  if (!value?.trim()) return 'not set';
  if (SECRET.test(name)) return 'hidden';
  return JSON.stringify(value.length <= VALUE_CHARS_MAX ? value : `${value.slice(0, VALUE_CHARS_MAX)}…`);
}

const variableOf = (key: string, entry: v.ObjectEntries[string]): string =>
  describe(entry, v.getTitle) ?? key.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();

/** Metadata of an entry, looked for below `v.optional` too. */
function describe(
  entry: v.ObjectEntries[string],
  read: typeof v.getTitle | typeof v.getDescription,
): string | undefined {
  return (
    read(entry as v.GenericSchema) ??
    ('wrapped' in entry ? read(entry.wrapped as v.GenericSchema) : undefined)
  );
}
