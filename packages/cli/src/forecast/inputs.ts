import { readFileSync } from 'node:fs';
import {
  AppError,
  errorText,
  type Region,
  type Snapshot,
  type SnapshotStore,
  type VaultSettings,
} from '@smart-vault/core';
import type { ForecastInput, ForecastSettings, PriceName, Prices } from '@smart-vault/simulation';
import type { CommandContext } from '../command-line/context.ts';
import { askRegions, isAnswered } from '../vault/ask-regions.ts';
import { findSourceVault, type Vault } from '../vault/find-vault.ts';
import { ec2Of, snapshotsOf } from '../vault/regions.ts';
import type { ForecastOptions } from './options.ts';

/** What a forecast rests on, and where each part of it came from. */
export interface GatheredInputs {
  readonly forecast: Simulation['forecast'];
  readonly input: ForecastInput;
  readonly fleetFrom: string;
  readonly settingsFrom: string;
  readonly snapshotsTake: string;
  readonly copiesTake: string;
}

/** Loaded when it is needed, and not before: it takes seconds. */
type Simulation = typeof import('@smart-vault/simulation');

/**
 * Reads the fleet, the settings and the prices.
 *
 * @throws AppError when a file, an option or AWS does not tell
 */
export async function gatherInputs(
  context: CommandContext,
  options: ForecastOptions,
): Promise<GatheredInputs> {
  checkTogether(options);
  const isOffline = options.fleet !== undefined || options.settings !== undefined;
  const vault = isOffline ? undefined : await findSourceVault(context);
  const simulation = await import('@smart-vault/simulation');
  const prices = readPrices(options.prices, simulation);
  const { settings, settingsFrom } = settingsOf(context, options, vault, simulation);
  const { fleet, fleetFrom } = await fleetOf(context, options, settings, simulation);
  const seen = vault === undefined ? {} : await recentSeconds(context, settings);
  const snapshotSeconds = options.snapshotSeconds ?? seen.snapshot?.seconds;
  const copySeconds = options.copySeconds ?? seen.copy?.seconds;
  const { changedPerDay, written: writtenShare } = options;
  return {
    forecast: simulation.forecast,
    input: {
      fleet,
      settings,
      prices,
      changedPerDay,
      writtenShare,
      ...(snapshotSeconds !== undefined && { snapshotSeconds }),
      ...(copySeconds !== undefined && { copySeconds }),
    },
    fleetFrom,
    settingsFrom,
    snapshotsTake: takes('snapshot', options.snapshotSeconds, seen.snapshot),
    copiesTake: takes('copy', options.copySeconds, seen.copy),
  };
}

function checkTogether({ fleet, volumes }: ForecastOptions): void {
  if (volumes !== undefined && fleet === undefined)
    throw new AppError('INVALID', '--volumes needs --fleet: give the instances that the volumes belong to');
}

function ownSettings(options: ForecastOptions): Readonly<Record<string, unknown>> {
  const { schedule, timezone, destination, retentionDays, copiesInFlight, pendingSnapshots } = options;
  return withoutUndefined({
    schedule,
    timezone,
    destinationRegions: destination,
    retentionDays,
    copiesInFlightMax: copiesInFlight,
    pendingSnapshotsMax: pendingSnapshots,
    // About alarms, not about runs: it must not stand in the way of another schedule.
    rpoHours: 8_760,
    kmsKeyIds: {},
  });
}

const withoutUndefined = (some: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined));

function settingsOf(
  context: CommandContext,
  options: ForecastOptions,
  vault: Vault | undefined,
  { settingsFrom }: Simulation,
): { settings: ForecastSettings; settingsFrom: string } {
  if (vault === undefined) {
    const region = context.isRegionGiven ? { sourceRegion: context.region } : {};
    const settings = settingsFrom(options.settings, { ...region, ...ownSettings(options) });
    return { settings, settingsFrom: options.settings ?? 'the cdk.json of this project' };
  }
  const deployed = deployedSettings(vault.settings, vault.region, vault.destinations);
  return {
    settings: settingsFrom(undefined, { ...deployed, ...ownSettings(options) }),
    settingsFrom: `the deployed vault "${vault.name}"`,
  };
}

/** As `cdk.json` has them; what an old stack does not tell is as in this project. */
function deployedSettings(
  settings: Partial<VaultSettings>,
  sourceRegion: Region,
  destinationRegions: readonly Region[],
): Readonly<Record<string, unknown>> {
  const { sourceRegion: _source, destinations: _destinations, policy: _policy, ...rest } = settings;
  return { ...rest, sourceRegion, destinationRegions };
}

async function fleetOf(
  context: CommandContext,
  { fleet: file, volumes }: ForecastOptions,
  { sourceRegion }: ForecastSettings,
  { fleetFrom }: Simulation,
): Promise<{ fleet: ForecastInput['fleet']; fleetFrom: string }> {
  if (file !== undefined) {
    const { loadFleet } = await import('@smart-vault/simulator');
    const fleet = loadFleet({ fleet: file, ...(volumes !== undefined && { volumes }) }, sourceRegion);
    return { fleet, fleetFrom: volumes === undefined ? file : `${file} and ${volumes}` };
  }
  const { catalog } = ec2Of(context, sourceRegion);
  const instances = await catalog.listInstancesTagged('backup', 'true');
  const attached = new Set(instances.flatMap(({ devices }) => devices.map(({ volumeId }) => volumeId)));
  const disks = await catalog.findVolumes([...attached]);
  return { fleet: fleetFrom(sourceRegion, instances, disks), fleetFrom: `EC2 in ${sourceRegion}` };
}

/** @throws AppError `INVALID` that names what is wrong */
function readPrices(file: string | undefined, { PRICE_NAMES, withPrices }: Simulation): Prices {
  if (file === undefined) return withPrices({});
  const own = jsonIn(file);
  if (typeof own !== 'object' || own === null || Array.isArray(own))
    throw new AppError('INVALID', `${file} holds no object; expected one such as {"transferGiB": 0.01}`);
  for (const [name, dollars] of Object.entries(own)) {
    if (!PRICE_NAMES.includes(name as PriceName))
      throw new AppError('INVALID', `${file}: "${name}" is no price; allowed: ${PRICE_NAMES.join(', ')}`);
    if (typeof dollars !== 'number' || !Number.isFinite(dollars) || dollars < 0)
      throw new AppError(
        'INVALID',
        `${file}: ${name} is ${JSON.stringify(dollars)}; expected dollars, 0 or more`,
      );
  }
  return withPrices(own);
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new AppError('INVALID', `cannot read the prices in ${file}: ${errorText(error)}`, { cause: error });
  }
}

/** The last ones tell best how long the next ones take. */
const SAMPLE = 50;

interface Seen {
  readonly seconds: number;
  readonly sample: number;
}

/** How long the vault's last snapshots and copies took; nothing where there are none, or a region does not answer. */
async function recentSeconds(
  context: CommandContext,
  { sourceRegion, destinations }: ForecastSettings,
): Promise<{ readonly snapshot?: Seen; readonly copy?: Seen }> {
  const list = (store: SnapshotStore): Promise<readonly Snapshot[]> =>
    store.listVaultSnapshots(context.vault);
  const answers = await askRegions([sourceRegion, ...destinations], (region) =>
    list(snapshotsOf(context, region)),
  );
  const [source = [], ...copies] = answers.map((answer) => (isAnswered(answer) ? answer.value : []));
  const [snapshot, copy] = [meanOfLast(source), meanOfLast(copies.flat())];
  return { ...(snapshot && { snapshot }), ...(copy && { copy }) };
}

function meanOfLast(snapshots: readonly Snapshot[]): Seen | undefined {
  const spans = snapshots
    .flatMap(({ startedAt, completedAt }) =>
      completedAt === undefined ? [] : [{ completedAt, seconds: (completedAt - startedAt) / 1_000 }],
    )
    .sort((a, b) => b.completedAt - a.completedAt)
    .slice(0, SAMPLE);
  if (spans.length === 0) return undefined;
  const mean = spans.reduce((sum, { seconds }) => sum + seconds, 0) / spans.length;
  return { seconds: Math.max(1, Math.round(mean)), sample: spans.length };
}

function takes(what: 'snapshot' | 'copy', given: number | undefined, seen: Seen | undefined): string {
  if (given !== undefined) return `${given} s, as given`;
  if (seen !== undefined) return `${seen.seconds} s, as the last ${seen.sample} of this vault did on average`;
  return what === 'snapshot'
    ? '45 s and 2 s per changed GiB, times 1 to 1.6: after captures of small volumes, not verified for large ones'
    : '8 s and 5 s per changed GiB, times 1 to 1.6: after captures of small volumes, not verified for large ones';
}
