import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { FAULT_NAMES, FAULTS, type FaultName, isFaultName } from './faults.ts';

/** What the command line asks for, checked. */
export interface StartOptions {
  /** Files of `aws ec2 describe-instances` and `describe-volumes`; without the first the sample fleet. */
  readonly fleet?: string;
  readonly volumes?: string;
  readonly days: number;
  readonly retentionDays: number;
  /** Simulated minutes per real second; without it as fast as it goes. */
  readonly speed?: number;
  readonly faults: readonly FaultName[];
  readonly json?: string;
  readonly serve: boolean;
  readonly port: number;
  readonly seed: number;
  readonly verbose: boolean;
}

/** What came of reading the command line. */
export type ParsedCommandLine =
  | { readonly kind: 'start'; readonly options: StartOptions }
  /** Help was asked for, or something is wrong: the text is to be shown as it is. */
  | { readonly kind: 'stop'; readonly text: string; readonly exitStatus: 0 | 2 };

const EXAMPLES = `
Faults:
${FAULT_NAMES.map((name) => `  ${name.padEnd(12)} ${FAULTS[name]}`).join('\n')}

Examples:
  pnpm start                                   the sample fleet, four days
  pnpm start --fault copy-denied               see what a lasting failure looks like
  pnpm start --serve --fault copy-denied       stay up afterwards; press f to lift the fault, then redrive
  pnpm start --fleet instances.json --volumes volumes.json --days 7
  (aws ec2 describe-instances > instances.json; aws ec2 describe-volumes > volumes.json)

Exit status: 0 every promise held, 1 a promise was broken, 2 bad options or files, 130 ended by Ctrl-C.`;

/** Reads the command line. @param args without the program's own name */
export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  let text = '';
  const write = (some: string): void => {
    text += some;
  };
  const command = buildCommand().exitOverride().configureOutput({ writeOut: write, writeErr: write });
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'stop', text, exitStatus: error.exitCode === 0 ? 0 : 2 };
  }
  const { fault, ...options } = command.opts<Omit<StartOptions, 'faults'> & { fault: FaultName[] }>();
  if (options.volumes !== undefined && options.fleet === undefined) {
    const why = 'error: --volumes needs --fleet: the volumes belong to the instances of that file\n';
    return { kind: 'stop', text: why, exitStatus: 2 };
  }
  return { kind: 'start', options: { ...options, faults: fault } };
}

function buildCommand(): Command {
  return new Command('start')
    .description(
      'Runs the whole system on this machine, without an AWS account: synthesizes the CDK app, reads its templates, ' +
        'runs the bundled functions against simulated EC2 on a clock that skips idle time, and checks every promise.',
    )
    .option(
      '--fleet <file>',
      'instances, as `aws ec2 describe-instances` prints them (default: a sample of 40)',
    )
    .option(
      '--volumes <file>',
      'volumes, as `aws ec2 describe-volumes` prints them (default: derived from the instances)',
    )
    .option('--days <n>', 'simulated days', wholeNumber(1, 366), 4)
    .option('--retention-days <n>', 'how long snapshots are kept', wholeNumber(1, 365), 2)
    .option('--speed <n>', 'simulated minutes per real second (default: as fast as it goes)', positive)
    .addOption(
      new Option('--fault <name>', 'something that goes wrong; repeatable')
        .argParser(faults)
        .default([], 'none'),
    )
    .option('--json <file>', 'write the result as JSON too')
    .option('--serve', 'stay up after the days, for the AWS CLI, SDKs and `pnpm vault`', false)
    .option('--port <n>', 'port of the endpoint', wholeNumber(0, 65_535), 0)
    .option('--seed <n>', 'seed of everything random', wholeNumber(0, 4_294_967_295), 20_261_102)
    .option('--verbose', 'print the log lines of the functions', false)
    .showHelpAfterError('(add --help for what is allowed)')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false);
}

function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Allowed: a whole number from ${min} to ${max}.`);
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= 100_000) return value;
  throw new InvalidArgumentError('Allowed: a number above 0, up to 100000.');
}

function faults(name: string, before: readonly FaultName[]): readonly FaultName[] {
  if (!isFaultName(name)) throw new InvalidArgumentError(`Allowed: ${FAULT_NAMES.join(', ')}.`);
  return before.includes(name) ? before : [...before, name];
}
