import { AppError, errorText } from '@smart-vault/core';
import * as v from 'valibot';
import {
  FIELD_NAMES,
  FIELDS,
  type FieldName,
  type LOG_RETENTION_DAYS,
  type OverrideForm,
} from './config-fields.ts';
import { boundedNames } from './names.ts';
import { deployedSchedule, longestGapHours } from './schedule-expression.ts';

/** A deployment, checked. What each field means stands beside it in `config-fields.ts`. */
export interface VaultConfig {
  readonly vault: string;
  readonly sourceRegion: string;
  readonly destinationRegions: readonly string[];
  readonly retentionDays: number;
  readonly schedule: string;
  readonly pruneSchedule: string;
  readonly timezone: string;
  readonly consistency: 'instance' | 'volume';
  readonly alertEmails: readonly string[];
  readonly prunerMode: 'live' | 'dry-run';
  readonly graceHours: number;
  readonly keepMin: number;
  readonly deletesPerRunMax: number;
  readonly deleteShareMax: number;
  readonly pendingSnapshotsMax: number;
  readonly copiesInFlightMax: number;
  readonly rpoHours: number;
  readonly runDeadlineHours: number;
  readonly kmsKeyIds: Readonly<Record<string, string>>;
  readonly logRetentionDays: (typeof LOG_RETENTION_DAYS)[number];
}

/** One thing that is wrong, with what an operator needs to mend it. */
export interface ConfigProblem {
  readonly field: string;
  readonly problem: string;
  readonly fix: string;
}

/** The context key of cdk.json that holds the settings; an override is `-c smartVault.<field>=<value>`. */
export const CONTEXT_KEY = 'smartVault';

/**
 * The settings from CDK context: the object `smartVault` of cdk.json, and over it the `smartVault.<field>`
 * keys of the command line, where a list is separated by commas and a map is written `region=key,region=key`.
 *
 * @throws AppError `CONFIG` listing every problem at once.
 */
export function configFromContext(context: Readonly<Record<string, unknown>>): VaultConfig {
  const settings = context[CONTEXT_KEY] ?? {};
  if (!isRecord(settings)) {
    throw failed([
      { field: CONTEXT_KEY, problem: `is ${show(settings)}; allowed: an object`, fix: 'see infra/README.md' },
    ]);
  }
  const prefix = `${CONTEXT_KEY}.`;
  const overrides = Object.entries(context)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), fromCommandLine(key.slice(prefix.length), value)]);
  return parseConfig({ ...settings, ...Object.fromEntries(overrides) });
}

function fromCommandLine(name: string, value: unknown): unknown {
  if (typeof value !== 'string' || !isFieldName(name)) return value;
  return overrideValue(FIELDS[name].override, value);
}

function overrideValue(form: OverrideForm, text: string): unknown {
  const items = text.split(',').filter((item) => item !== '');
  switch (form) {
    case 'text':
      return text;
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'list':
      return items;
    case 'pairs':
      return Object.fromEntries(
        items.map((item) => [item.split('=')[0], item.split('=').slice(1).join('=')]),
      );
  }
}

/**
 * Checks settings and fills in the defaults: every field by itself, then the rules between fields.
 *
 * @throws AppError `CONFIG` whose message lists every problem and whose details hold them as `problems`.
 */
export function parseConfig(settings: Readonly<Record<string, unknown>>): VaultConfig {
  const values: Record<string, unknown> = {};
  const problems = [...unknownFields(settings)];
  for (const name of FIELD_NAMES) {
    const value = settings[name] ?? defaultOf(name, settings);
    const result = v.safeParse<v.GenericSchema>(FIELDS[name].schema, value);
    if (result.success) values[name] = result.output;
    else problems.push(wrongValue(name, value));
  }
  problems.push(...RULES.flatMap((rule) => rule(values as Partial<VaultConfig>)));
  if (problems.length > 0) throw failed(problems);
  return Object.freeze(values) as unknown as VaultConfig;
}

function defaultOf(name: FieldName, settings: Readonly<Record<string, unknown>>): unknown {
  if (name === 'keepMin')
    return Math.min(3, Number(settings['retentionDays'] ?? FIELDS.retentionDays.default) || 3);
  const { default: value } = FIELDS[name] as { readonly default?: unknown };
  return value;
}

function unknownFields(settings: Readonly<Record<string, unknown>>): readonly ConfigProblem[] {
  return Object.keys(settings)
    .filter((name) => !isFieldName(name))
    .map((name) => ({
      field: name,
      problem: `is not a setting; allowed: ${FIELD_NAMES.join(', ')}`,
      fix: 'correct its spelling or remove it',
    }));
}

function wrongValue(name: FieldName, value: unknown): ConfigProblem {
  const { allowed, example } = FIELDS[name];
  const problem =
    value === undefined ? `is missing; allowed: ${allowed}` : `is ${show(value)}; allowed: ${allowed}`;
  return {
    field: name,
    problem,
    fix: `set it in cdk.json, for example "${name}": ${JSON.stringify(example)}`,
  };
}

/** What must hold between fields. Each skips what is not there, as that has been reported already. */
const RULES: readonly ((config: Partial<VaultConfig>) => readonly ConfigProblem[])[] = [
  function copiesGoElsewhere({ sourceRegion, destinationRegions = [] }) {
    if (sourceRegion === undefined || !destinationRegions.includes(sourceRegion)) return [];
    return [
      {
        field: 'destinationRegions',
        problem: `holds the source region ${sourceRegion}; allowed: other regions than sourceRegion`,
        fix: `remove ${sourceRegion} from it`,
      },
    ];
  },
  function regionsShareAPartition({ sourceRegion, destinationRegions = [] }) {
    if (sourceRegion === undefined) return [];
    const strangers = destinationRegions.filter(
      (region) => partitionOf(region) !== partitionOf(sourceRegion),
    );
    return strangers.map((region) => ({
      field: 'destinationRegions',
      problem: `holds ${region}, which is in another partition than ${sourceRegion}; allowed: regions of one partition`,
      fix: `remove ${region} from it: AWS copies no snapshots between partitions`,
    }));
  },
  function namesFit({ vault, sourceRegion, destinationRegions = [] }) {
    if (vault === undefined || sourceRegion === undefined) return [];
    const tooLong = boundedNames(vault, { source: sourceRegion, destinations: destinationRegions }).flatMap(
      ({ kind, max, names }) =>
        names.filter((name) => name.length > max).map((name) => ({ kind, max, name })),
    );
    const [worst] = tooLong.sort((a, b) => b.name.length - b.max - (a.name.length - a.max));
    if (worst === undefined) return [];
    const { kind, max, name } = worst;
    const fitting = vault.length - (name.length - max);
    const allowed = `${kind} names of up to ${max} characters`;
    return [
      {
        field: 'vault',
        problem: `is ${show(vault)}, which makes the name ${name} of ${name.length} characters; allowed: ${allowed}`,
        fix:
          fitting > 0
            ? `shorten it to ${fitting} characters in these regions`
            : 'check the names of the regions',
      },
    ];
  },
  function keysBelongToDestinations({ kmsKeyIds = {}, destinationRegions = [] }) {
    return Object.entries(kmsKeyIds)
      .filter(([region, key]) => !destinationRegions.includes(region) || !keyIsIn(key, region))
      .map(([region, key]) => ({
        field: 'kmsKeyIds',
        problem: destinationRegions.includes(region)
          ? `has for ${region} the key ${key} of another region; allowed: a key of the destination itself`
          : `has a key for ${region}, which is no destination; allowed: ${destinationRegions.join(', ')}`,
        fix: destinationRegions.includes(region) ? `name a key in ${region}` : `remove ${region} from it`,
      }));
  },
  function schedulesMakeSense({ schedule, pruneSchedule, timezone }) {
    if (timezone === undefined) return [];
    return Object.entries({ schedule, pruneSchedule }).flatMap(([field, expression]) => {
      const problem = expression === undefined ? undefined : scheduleProblem(expression, timezone);
      return problem === undefined
        ? []
        : [{ field, problem, fix: `set it to ${SCHEDULE_EXAMPLE}, for example` }];
    });
  },
  function rpoOutlastsTheSchedule({ schedule, timezone, rpoHours }) {
    if (schedule === undefined || timezone === undefined || rpoHours === undefined) return [];
    if (scheduleProblem(schedule, timezone) !== undefined) return [];
    const gapHours = Math.ceil(longestGapHours({ expression: schedule, timezone }) ?? 0);
    if (rpoHours >= gapHours) return [];
    return [
      {
        field: 'rpoHours',
        problem: `is ${rpoHours}, but ${schedule} leaves up to ${gapHours} hours between runs; allowed: ${gapHours} or more`,
        fix: `set it to ${gapHours + 2}, or run more often`,
      },
    ];
  },
];

function scheduleProblem(expression: string, timezone: string): string | undefined {
  try {
    deployedSchedule({ expression, timezone });
    return undefined;
  } catch (error) {
    return `is wrong: ${errorText(error)}`;
  }
}

const SCHEDULE_EXAMPLE = FIELDS.schedule.example;

const partitionOf = (region: string): string =>
  /^(cn|us-gov|us-iso[a-z]*|eu-isoe|eusc)-/.exec(region)?.[1] ?? 'aws';

/** True for a bare key id, of which nobody can tell where it is. */
const keyIsIn = (key: string, region: string): boolean =>
  !key.startsWith('arn:') || key.split(':')[3] === region;

function failed(problems: readonly ConfigProblem[]): AppError {
  const lines = problems.map(({ field, problem, fix }) => `- ${field} ${problem}; fix: ${fix}`);
  const heading = `the configuration of the vault has ${problems.length} problem${problems.length === 1 ? '' : 's'}`;
  return new AppError('CONFIG', [`${heading}:`, ...lines].join('\n'), { details: { problems } });
}

const isFieldName = (name: string): name is FieldName => Object.hasOwn(FIELDS, name);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const show = (value: unknown): string => JSON.stringify(value) ?? String(value);
