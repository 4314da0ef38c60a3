import { type InstanceId, pointOf, type Region, type Slot, slotMs, type VolumeId } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import { textTable } from '../terminal/text-table.ts';
import { count, instantText } from '../terminal/words.ts';
import { snapshotsOf } from '../vault/regions.ts';

/** What a destination alone can tell: the JSON of `status --json` when the source region does not answer. */
export interface DestinationReport {
  readonly vault: string;
  readonly at: number;
  readonly healthy: false;
  readonly attention: readonly string[];
  readonly region: Region;
  readonly source: Region | null;
  /** Why the source could not be asked. */
  readonly problem: string;
  /** Slots with copies here, newest first. */
  readonly slots: readonly {
    readonly slot: Slot;
    readonly good: number;
    readonly pending: number;
    readonly failed: number;
  }[];
  /** The newest good copy of each volume, by instance. */
  readonly instances: readonly {
    readonly instanceId: InstanceId;
    readonly volumes: number;
    readonly newest: Slot;
  }[];
}

/** Looks at the copies of one destination. @throws AppError when it does not answer either. */
export async function destinationReport(
  context: CommandContext,
  source: Region | undefined,
  problem: string,
): Promise<DestinationReport> {
  const { vault, region, clock } = context;
  const copies = (await snapshotsOf(context, region).listVaultSnapshots(vault)).flatMap((snapshot) => {
    const ownership = pointOf(snapshot, vault);
    return ownership.kind === 'owned' ? [ownership.point] : [];
  });
  const slots = [...new Set(copies.map(({ slot }) => slot))].sort().reverse();
  const tally = (slot: Slot, state: string): number =>
    copies.filter((each) => each.slot === slot && each.state === state).length;
  const instances = new Map<InstanceId, { volumes: Set<VolumeId>; newest: Slot }>();
  for (const { instanceId, volumeId, slot, state } of copies) {
    if (state !== 'completed') continue;
    const known = instances.get(instanceId) ?? { volumes: new Set(), newest: slot };
    known.volumes.add(volumeId);
    if (slot > known.newest) known.newest = slot;
    instances.set(instanceId, known);
  }
  return {
    vault,
    at: clock.now(),
    healthy: false,
    attention: [`the source region ${source ?? ''} could not be asked`.replace('  ', ' ')],
    region,
    source: source ?? null,
    problem,
    slots: slots.map((slot) => ({
      slot,
      good: tally(slot, 'completed'),
      pending: tally(slot, 'pending'),
      failed: tally(slot, 'error'),
    })),
    instances: [...instances]
      .map(([instanceId, { volumes, newest }]) => ({ instanceId, volumes: volumes.size, newest }))
      .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1)),
  };
}

const SLOTS_SHOWN = 5;

export function renderDestination(
  report: DestinationReport,
  { colors, terminal, command }: CommandContext,
): string {
  const { region, problem, slots, instances, at, attention } = report;
  const table = textTable(
    ['SLOT (UTC)', 'GOOD', 'PENDING', 'FAILED'],
    slots
      .slice(0, SLOTS_SHOWN)
      .map(({ slot, good, pending, failed }) => [
        instantText(slotMs(slot), at),
        String(good),
        String(pending),
        String(failed),
      ]),
    terminal.columns,
  );
  return [
    `${colors.red('ATTENTION')}: ${attention.join(', ')}: ${problem}`,
    `COPIES IN ${region}\n${slots.length === 0 ? 'None.' : table}`,
    `${count(instances.length, 'instance')} can be restored here. See: ${command} points --region ${region}`,
  ].join('\n\n');
}
