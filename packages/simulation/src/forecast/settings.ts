import { readFileSync } from 'node:fs';
import { AppError, errorText, type Region, type VaultSettings } from '@smart-vault/core';
import { configFromContext, contextOfCdkJson } from '@smart-vault/infra';

/** The settings that a forecast rests on. */
export interface ForecastSettings
  extends Pick<
    VaultSettings,
    | 'schedule'
    | 'timezone'
    | 'consistency'
    | 'retentionDays'
    | 'keepMin'
    | 'graceHours'
    | 'prunerMode'
    | 'pendingSnapshotsMax'
    | 'copiesInFlightMax'
  > {
  readonly sourceRegion: Region;
  readonly destinations: readonly Region[];
  readonly pruneSchedule: string;
}

/**
 * What `cdk.json` says, or another file like it, with some fields replaced; defaults are the stacks' own.
 *
 * @param own fields as in `cdk.json`
 * @throws AppError `CONFIG` or `INVALID` that names the file, the field, and what is allowed
 */
export function settingsFrom(
  file: string | undefined,
  own: Readonly<Record<string, unknown>>,
): ForecastSettings {
  const context = file === undefined ? contextOfCdkJson() : contextOf(file);
  const overrides = Object.entries(own).map(([name, value]) => [`smartVault.${name}`, value]);
  const config = configFromContext({ ...context, ...Object.fromEntries(overrides) });
  return {
    ...config,
    sourceRegion: config.sourceRegion as Region,
    destinations: config.destinationRegions as readonly Region[],
  };
}

/** The context of a file of settings: all of a `cdk.json`, or what stands in it under `smartVault`. */
function contextOf(file: string): Readonly<Record<string, unknown>> {
  try {
    const { context } = JSON.parse(readFileSync(file, 'utf8')) as { context?: unknown };
    if (typeof context === 'object' && context !== null) return { ...context };
  } catch (error) {
    throw new AppError('INVALID', `cannot read the settings in ${file}: ${errorText(error)}`, {
      cause: error,
    });
  }
  throw new AppError(
    'INVALID',
    `${file} has no "context" with the settings under "smartVault"; expected a file such as cdk.json`,
  );
}
