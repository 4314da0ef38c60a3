import { encodeSettings, isRegion, type Region } from '@smart-vault/core';
import { Tags } from 'aws-cdk-lib';
import type { VaultConfig } from '../config.ts';
import { POLICY_NAME } from '../names.ts';
import { deployedSchedule } from '../schedule-expression.ts';
import type { VaultQueue } from './work-queue.ts';

/**
 * Writes the settings of the vault on a queue, as tags: the operator's command reads them there, in the source region
 * or in a destination when the source is gone. They hold nothing secret.
 */
export function tagWithSettings(queue: VaultQueue, config: VaultConfig): void {
  const { expression, timezone } = deployedSchedule({
    expression: config.schedule,
    timezone: config.timezone,
  });
  const tags = encodeSettings({
    ...config,
    sourceRegion: checked(config.sourceRegion),
    destinations: config.destinationRegions.map(checked),
    policy: POLICY_NAME,
    schedule: expression,
    timezone,
  });
  for (const [key, value] of Object.entries(tags)) Tags.of(queue).add(key, value);
}

/** The configuration has been checked; this tells the compiler. */
function checked(region: string): Region {
  if (isRegion(region)) return region;
  throw new Error(`invariant broken: ${region} is no region`);
}
