import type { ConnectionOptions } from '@smart-vault/aws';
import { defaultRegion, profileEndpoint } from '@smart-vault/aws/shared-profile';
import { AppError, type Clock, isRegion, type Region } from '@smart-vault/core';
import picocolors from 'picocolors';
import type { Terminal } from '../terminal/terminal.ts';
import type { GlobalOptions } from './global-options.ts';
import { ServiceClock } from './service-clock.ts';
import { commandName, type Surroundings } from './surroundings.ts';

/** Functions that colour a text, or leave it as it is. */
type Colors = ReturnType<typeof picocolors.createColors>;

/** What every command is given: where the vault is, how to reach it, how to talk to the person. */
export interface CommandContext {
  readonly vault: string;
  /** The region to start from: the vault's source region, or a destination of it. */
  readonly region: Region;
  /** `--region` was given: commands that can work from one region alone look at no other. */
  readonly isRegionGiven: boolean;
  /** How to connect to a region: spread it into the options of any adapter of `@smart-vault/aws`. */
  connection(region: Region): ConnectionOptions;
  /** The service's time, once it has answered: the clock of this machine may be wrong. */
  readonly clock: Clock;
  /** How far the clock of this machine is behind the service's, ms; negative when it is ahead. */
  clockBehindMs(): number;
  /** Not AWS itself, but an endpoint that was named: such as the local cloud, which has a time of its own. */
  readonly isOtherEndpoint: boolean;
  readonly terminal: Terminal;
  readonly colors: Colors;
  readonly signal: AbortSignal;
  readonly json: boolean;
  /** `--yes`: nothing is asked. */
  readonly yes: boolean;
  /** How this command is called, for hints such as `${command} dlq redrive`. */
  readonly command: string;
  /** Prints a result: as it is with `--json`, else as `render` words it. */
  print(result: unknown, render: () => string): void;
}

const DEFAULT_VAULT = 'smart-vault';
/** A person waits: less than the 30 s of a function, and enough for a page of 1,000 snapshots. */
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * @param offlineRegion taken unless `--region` is given; left out, one must be known
 * @throws AppError `CONFIG` when no region is known.
 */
export async function contextOf(
  options: GlobalOptions,
  surroundings: Surroundings,
  offlineRegion?: Region,
): Promise<CommandContext> {
  const { env, clock, terminal, signal } = surroundings;
  const { profile, json = false } = options;
  const endpoint =
    options.endpointUrl ?? (await endpointOf(profile ?? (env['AWS_PROFILE'] || undefined), env));
  const serviceClock = new ServiceClock(clock);
  return {
    vault: options.vault ?? DEFAULT_VAULT,
    region: options.region ?? offlineRegion ?? (await regionAround(env, profile)),
    isRegionGiven: options.region !== undefined,
    connection: (region) => ({
      region,
      requestTimeoutMs: surroundings.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      ...(endpoint !== undefined && { endpoint }),
      ...(profile !== undefined && { profile }),
      onServerTime: (ms) => serviceClock.learn(ms),
    }),
    clock: serviceClock,
    isOtherEndpoint: endpoint !== undefined || Boolean(env['AWS_ENDPOINT_URL']),
    clockBehindMs: () => serviceClock.behindMs,
    terminal,
    colors: colorsFor(options, surroundings),
    signal,
    json,
    yes: options.yes ?? false,
    command: commandName(env),
    print: (result, render) => terminal.out(json ? JSON.stringify(result, null, 2) : render()),
  };
}

/** https://no-color.org: any value but an empty one. */
function colorsFor({ color = true, json }: GlobalOptions, { env, terminal }: Surroundings): Colors {
  const isWanted = color && json !== true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return picocolors.createColors(isWanted && terminal.isTerminal);
}

/** What the SDK would not find by itself: the environment's endpoints it knows, and they come before the profile's. */
async function endpointOf(
  profile: string | undefined,
  env: Surroundings['env'],
): Promise<string | undefined> {
  if (profile === undefined) return undefined;
  const ofProfile = await profileEndpoint(profile);
  const isInEnvironment = Object.keys(env).some((name) => name.startsWith('AWS_ENDPOINT_URL') && env[name]);
  return isInEnvironment ? undefined : ofProfile;
}

async function regionAround(env: Surroundings['env'], profile: string | undefined): Promise<Region> {
  const found =
    env['AWS_REGION'] ||
    env['AWS_DEFAULT_REGION'] ||
    (await defaultRegion({ ...(profile !== undefined && { profile }) }));
  if (isRegion(found)) return found;
  const what = found === undefined ? 'is not known' : `is ${JSON.stringify(found)}, which is no AWS region`;
  throw new AppError(
    'CONFIG',
    `the region of the vault ${what}: give --region, or set AWS_REGION, such as us-east-1`,
  );
}
