import { isRegion, type Region } from '@smart-vault/core';
import { type Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from '../command-line/global-options.ts';

/** What `forecast` was asked. */
export interface ForecastOptions {
  readonly fleet?: string;
  readonly volumes?: string;
  readonly settings?: string;
  readonly prices?: string;
  readonly schedule?: string;
  readonly timezone?: string;
  readonly destination?: readonly Region[];
  readonly retentionDays?: number;
  readonly copiesInFlight?: number;
  readonly pendingSnapshots?: number;
  /** From 0 to 1. */
  readonly changedPerDay: number;
  /** From 0 to 1. */
  readonly written: number;
  readonly snapshotSeconds?: number;
  readonly copySeconds?: number;
}

const DAY_SECONDS = 86_400;
const QUOTA_MAX = 1_000_000;

/** Adds the options of `forecast`. */
export function addForecastOptions(command: Command): void {
  command
    .option('--fleet <file>', 'instances, as "aws ec2 describe-instances" prints them; asks AWS nothing')
    .option(
      '--volumes <file>',
      'volumes, as "aws ec2 describe-volumes" prints them; 8 GiB each when left out',
    )
    .option('--settings <file>', "settings of a cdk.json instead of the deployed vault's")
    .option('--schedule <expression>', 'other runs, such as "cron(0 0/6 * * ? *)"')
    .option('--timezone <zone>', 'time zone of the runs')
    .option('--destination <regions>', 'other destinations, separated by commas', regions)
    .option('--retention-days <days>', 'other retention', wholeNumber(1, 36_500))
    .option(
      '--copies-in-flight <number>',
      'other quota of copies at a time per destination',
      wholeNumber(1, QUOTA_MAX),
    )
    .option('--pending-snapshots <number>', 'other quota of pending snapshots', wholeNumber(1, QUOTA_MAX))
    .option('--changed-per-day <share>', 'share of the written data that changes a day', share, 0.03)
    .option('--written <share>', 'share of a volume that was ever written', share, 0.5)
    .option('--snapshot-seconds <seconds>', 'how long each snapshot takes', wholeNumber(1, 7 * DAY_SECONDS))
    .option('--copy-seconds <seconds>', 'how long each copy takes', wholeNumber(1, 7 * DAY_SECONDS))
    .option('--prices <file>', 'JSON with dollars by name; the names are in --json');
}

/** For `argParser`: `3%` or `0.03`. */
function share(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim()) ?? [];
  const value = Number(digits) / (percent === '%' ? 100 : 1);
  if (digits !== undefined && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a share such as 3% or 0.03, from 0 to 100%.');
}

function regions(text: string): readonly Region[] {
  const names = text.split(',').map((name) => name.trim());
  const found = names.filter(isRegion);
  if (found.length === names.length) return [...new Set(found)];
  throw new InvalidArgumentError('Expected AWS regions such as eu-west-1,ap-southeast-2.');
}
