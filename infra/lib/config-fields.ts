import { isRegion } from '@smart-vault/core';
import * as v from 'valibot';

/**
 * The settings of a deployment: one entry per field, each with what it means, what is allowed and a default.
 * `config.ts` checks values against it, and the table in this package's README is checked against it.
 */

/** How the text of a `-c smartVault.<field>=<text>` override becomes a value. */
export type OverrideForm = 'text' | 'number' | 'list' | 'pairs';

export interface Field<T = unknown> {
  readonly schema: v.GenericSchema<unknown, T>;
  /** Left out for a field that must be given. */
  readonly default?: T;
  /** What is allowed, in words that fit behind "allowed:". */
  readonly allowed: string;
  /** A value that is right, for the fix in an error. */
  readonly example: T;
  readonly meaning: string;
  readonly override: OverrideForm;
}

const field = <T>(spec: Field<T>): Field<T> => spec;

const wholeNumber = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const region = v.pipe(
  v.string(),
  v.check((value) => isRegion(value)),
);
const eventBridgeExpression = v.pipe(v.string(), v.regex(/^(cron|rate)\([^()]+\)$/));

/**
 * Queues, functions, schedules and rules are named after it, messages and tags carry it (40 characters there). With 32
 * the longest of them, the schedule of the snapshotter's tick in a region such as ap-southeast-3, has just the 64
 * characters that are allowed; longer regions have a rule in `config.ts`. `default` is the name of a schedule group
 * that every account has already.
 */
const VAULT = /^(?!default$)[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const EMAIL = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
/** A key id or the ARN of a key. Not an alias: IAM does not grant by alias. */
const KMS_KEY =
  /^(?:arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/)?(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** The retention periods that CloudWatch Logs offers, in days. */
export const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name) && name.length <= 50;
  } catch {
    return false;
  }
}

export const FIELDS = {
  vault: field({
    schema: v.pipe(v.string(), v.regex(VAULT)),
    default: 'smart-vault',
    allowed:
      'up to 32 lower-case letters, digits and hyphens, starting with a letter, not ending with a hyphen, not default',
    example: 'smart-vault',
    meaning: 'Name of this deployment. It begins the name of every resource and marks every snapshot.',
    override: 'text',
  }),
  sourceRegion: field({
    schema: region,
    allowed: 'an AWS region',
    example: 'us-east-1',
    meaning: 'Where the instances are.',
    override: 'text',
  }),
  destinationRegions: field({
    schema: v.pipe(
      v.array(region),
      v.minLength(1),
      v.maxLength(8),
      v.check((regions) => new Set(regions).size === regions.length),
    ),
    allowed: 'a list of 1 to 8 different AWS regions',
    example: ['eu-west-1'],
    meaning: 'Where every snapshot is copied to.',
    override: 'list',
  }),
  retentionDays: field({
    schema: wholeNumber(1, 3650),
    default: 7,
    allowed: 'a whole number of days from 1 to 3650',
    example: 7,
    meaning: 'How long a recovery point is kept, counted from its slot.',
    override: 'number',
  }),
  schedule: field({
    schema: eventBridgeExpression,
    default: 'cron(0 3 * * ? *)',
    allowed:
      'an EventBridge Scheduler expression, cron(minute hour day month weekday year), or rate(n unit) that divides a day',
    example: 'cron(0 3 * * ? *)',
    meaning: 'When instances are backed up. A rate begins at midnight UTC.',
    override: 'text',
  }),
  pruneSchedule: field({
    schema: eventBridgeExpression,
    default: 'cron(0 0/6 * * ? *)',
    allowed:
      'an EventBridge Scheduler expression, cron(minute hour day month weekday year), or rate(n unit) that divides a day',
    example: 'cron(0 0/6 * * ? *)',
    meaning:
      'When expired snapshots are condemned and deleted. Several times a day, so that a grace period is not stretched to the next day.',
    override: 'text',
  }),
  timezone: field({
    schema: v.pipe(v.string(), v.check(isTimezone)),
    default: 'UTC',
    allowed: 'an IANA time zone',
    example: 'Europe/Berlin',
    meaning: 'Time zone of both schedules.',
    override: 'text',
  }),
  consistency: field<'instance' | 'volume'>({
    schema: v.picklist(['instance', 'volume']),
    default: 'instance',
    allowed: 'instance or volume',
    example: 'instance',
    meaning: 'Whether the volumes of an instance are snapshotted at one instant or each on its own.',
    override: 'text',
  }),
  alertEmails: field({
    schema: v.pipe(v.array(v.pipe(v.string(), v.regex(EMAIL))), v.maxLength(20)),
    default: [],
    allowed: 'a list of up to 20 e-mail addresses',
    example: ['ops@example.com'],
    meaning: 'Who gets the digest of each run and the alarms. Each address confirms once per region.',
    override: 'list',
  }),
  prunerMode: field<'live' | 'dry-run'>({
    schema: v.picklist(['live', 'dry-run']),
    default: 'live',
    allowed: 'live or dry-run',
    example: 'dry-run',
    meaning:
      'dry-run only reports what would be deleted; the role then has no right to tag or delete either.',
    override: 'text',
  }),
  graceHours: field({
    schema: wholeNumber(0, 720),
    default: 24,
    allowed: 'a whole number of hours from 0 to 720',
    example: 24,
    meaning: 'How long a condemned snapshot waits before it is deleted.',
    override: 'number',
  }),
  keepMin: field({
    schema: wholeNumber(1, 1000),
    allowed: 'a whole number from 1 to 1000',
    example: 3,
    meaning: 'How many good snapshots of a volume stay in each region, whatever their age.',
    override: 'number',
  }),
  deletesPerRunMax: field({
    schema: wholeNumber(1, 10_000),
    default: 200,
    allowed: 'a whole number from 1 to 10000',
    example: 200,
    meaning: 'How many deletions that ageing does not explain one run may make in a region.',
    override: 'number',
  }),
  deleteShareMax: field({
    schema: v.pipe(v.number(), v.minValue(0.001), v.maxValue(1)),
    default: 0.2,
    allowed: 'a number from 0.001 to 1',
    example: 0.2,
    meaning: 'The same cap as a share of the vault in that region; the smaller one counts.',
    override: 'number',
  }),
  pendingSnapshotsMax: field({
    schema: wholeNumber(1, 1000),
    default: 100,
    allowed: 'a whole number from 1 to 1000',
    example: 100,
    meaning: 'Quota of the account: snapshots that may be pending at once in the source region.',
    override: 'number',
  }),
  copiesInFlightMax: field({
    schema: wholeNumber(1, 1000),
    default: 20,
    allowed: 'a whole number from 1 to 1000',
    example: 20,
    meaning: 'Quota of the account: copies that may be in progress at once to one destination.',
    override: 'number',
  }),
  rpoHours: field({
    schema: wholeNumber(1, 8760),
    default: 26,
    allowed: 'a whole number of hours from 1 to 8760',
    example: 26,
    meaning: 'How old the newest recovery point of a volume may get before an alarm.',
    override: 'number',
  }),
  runDeadlineHours: field({
    schema: wholeNumber(1, 72),
    default: 6,
    allowed: 'a whole number of hours from 1 to 72',
    example: 6,
    meaning: 'How long a run may take, copies included, before it is reported as late.',
    override: 'number',
  }),
  kmsKeyIds: field<Record<string, string>>({
    schema: v.record(v.string(), v.pipe(v.string(), v.regex(KMS_KEY))),
    default: {},
    allowed: 'key ids or key ARNs by destination region (no aliases)',
    example: { 'eu-west-1': '1234abcd-12ab-34cd-56ef-1234567890ab' },
    meaning: "Key for the copies of encrypted snapshots; without one, the region's default EBS key.",
    override: 'pairs',
  }),
  logRetentionDays: field({
    schema: v.picklist(LOG_RETENTION_DAYS),
    default: 90,
    allowed: `one of ${LOG_RETENTION_DAYS.join(', ')}`,
    example: 90,
    meaning: 'How long logs are kept.',
    override: 'number',
  }),
} as const;

export type FieldName = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[];
