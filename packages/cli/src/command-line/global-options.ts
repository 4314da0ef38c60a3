import { isRegion, type Region } from '@smart-vault/core';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** Options that every command has; they may also stand before the command's name. */
export interface GlobalOptions {
  readonly vault?: string;
  readonly region?: Region;
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  /** False by `--no-color`. */
  readonly color?: boolean;
}

const globalOptions = (): readonly Option[] => [
  new Option('--vault <name>', 'name of the vault, which is its stack\'s name too (default: "smart-vault")'),
  new Option(
    '--region <region>',
    "the vault's source region, or a destination when the source does not answer (default: AWS_REGION, then the profile's)",
  ).argParser(region),
  new Option('--profile <name>', 'profile of ~/.aws/config to sign with (default: AWS_PROFILE)'),
  new Option(
    '--endpoint-url <url>',
    'an AWS-compatible endpoint (default: AWS_ENDPOINT_URL, then AWS itself)',
  ).argParser(endpointUrl),
  new Option('--json', 'print the result as JSON'),
  new Option('--yes', 'answer yes to every question'),
  new Option('--no-color', 'no colours (also: NO_COLOR, or no terminal)'),
];

/** Adds them to a command; hidden on the program itself, whose help is about its commands. */
export function addGlobalOptions(command: Command, { hidden = false } = {}): void {
  for (const option of globalOptions()) command.addOption(hidden ? option.hideHelp() : option);
}

/** What was given, for this command or anywhere before it; what stands last wins. */
export function givenOptions(command: Command): Readonly<Record<string, unknown>> {
  const before = command.parent === null ? {} : givenOptions(command.parent);
  const here = Object.entries(command.opts()).filter(([name]) => {
    const source = command.getOptionValueSource(name);
    return source !== undefined && source !== 'default';
  });
  return { ...before, ...Object.fromEntries(here) };
}

/** For `argParser`: an AWS region. */
function region(value: string): Region {
  if (isRegion(value)) return value;
  throw new InvalidArgumentError('Expected an AWS region such as us-east-1.');
}

/** For `argParser`: a whole number within bounds. */
export const wholeNumber =
  (min: number, max: number, why = `Expected a whole number from ${min} to ${max}.`) =>
  (value: string): number => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isInteger(number) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(why);
  };

function endpointUrl(value: string): string {
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value;
  throw new InvalidArgumentError('Expected a URL that begins with http:// or https://.');
}
