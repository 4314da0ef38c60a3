import { AppError, type Clock, isRegion, type Region } from '@smart-vault/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type DlqContext, dlqList, dlqRedrive, type Output } from './dlq/command.ts';
import type { VaultLocation } from './dlq/vault-queues.ts';

/** The outside of the command: everything that a test replaces. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly output: Output;
}

interface GlobalOptions {
  vault: string;
  region?: Region;
  endpointUrl?: string;
  json?: boolean;
}

/** The command line of `smart-vault`. */
export function createProgram(surroundings: Surroundings): Command {
  const program = new Command('smart-vault')
    .description('Look after a Smart Vault: its dead letters, and what becomes of them.')
    .showHelpAfterError('(add --help for what is allowed)')
    .exitOverride();
  addDlqCommands(program, surroundings);
  return program;
}

function addDlqCommands(program: Command, surroundings: Surroundings): void {
  const dlq = program
    .command('dlq')
    .description('dead letters: work that failed five times, or cannot succeed');
  withGlobals(dlq.command('list'))
    .description('show the dead letters of every queue of the vault, with their causes')
    .option('--max <n>', 'letters shown of each queue', positiveInteger, 20)
    .addHelpText('after', '\nExample:\n  $ smart-vault dlq list --vault smart-vault --region us-east-1')
    .action(async ({ max, ...globals }: GlobalOptions & { max: number }) =>
      dlqList(contextOf(globals, surroundings), max),
    );
  withGlobals(dlq.command('redrive'))
    .description('move the dead letters back to the queues they came from; twice changes nothing')
    .option('--dry-run', 'only say what would be moved')
    .option(
      '--per-second <n>',
      'letters moved a second, 500 at most; SQS chooses when it is left out',
      perSecond,
    )
    .addHelpText('after', '\nExample:\n  $ smart-vault dlq redrive --dry-run')
    .action(
      async ({ dryRun, perSecond, ...globals }: GlobalOptions & { dryRun?: boolean; perSecond?: number }) =>
        dlqRedrive(contextOf(globals, surroundings), {
          dryRun: dryRun ?? false,
          ...(perSecond !== undefined && { perSecond }),
        }),
    );
}

function withGlobals(command: Command): Command {
  return command
    .option('--vault <name>', 'name of the vault', 'smart-vault')
    .addOption(
      new Option('--region <region>', "the vault's source region (default: AWS_REGION)").argParser(region),
    )
    .option('--endpoint-url <url>', 'an AWS-compatible endpoint (default: AWS_ENDPOINT_URL, then AWS itself)')
    .option('--json', 'print the result as JSON');
}

function contextOf(globals: GlobalOptions, { env, clock, output }: Surroundings): DlqContext {
  return { location: locationOf(globals, env), clock, output, json: globals.json ?? false };
}

function locationOf(globals: GlobalOptions, env: Surroundings['env']): VaultLocation {
  const fromEnv = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  const found = globals.region ?? (isRegion(fromEnv) ? fromEnv : undefined);
  if (found === undefined) {
    throw new AppError(
      'CONFIG',
      'the region of the vault is not known: give --region, or set AWS_REGION, such as us-east-1',
    );
  }
  const endpoint = globals.endpointUrl === undefined ? {} : { endpoint: endpointUrl(globals.endpointUrl) };
  return { vault: globals.vault, region: found, ...endpoint };
}

function region(value: string): Region {
  if (isRegion(value)) return value;
  throw new InvalidArgumentError('Expected an AWS region such as us-east-1.');
}

function endpointUrl(value: string): string {
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value;
  throw new AppError('CONFIG', `--endpoint-url is ${JSON.stringify(value)}; expected http:// or https://…`);
}

function positiveInteger(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('Expected a whole number from 1 on.');
}

function perSecond(value: string): number {
  const number = positiveInteger(value);
  if (number <= 500) return number;
  throw new InvalidArgumentError('SQS moves 500 messages a second at most.');
}
