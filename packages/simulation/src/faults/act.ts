import type { SnapshotRecord } from '@smart-vault/simulator';
import type { Chaos } from '../chaos.ts';
import type { Population } from '../population.ts';
import type { VaultWorld } from '../vault-world.ts';

/** What planned faults need to know, and whom they tell. */
export interface Stage {
  readonly world: VaultWorld;
  readonly chaos: Chaos;
  readonly population: Population;
  /** Every snapshot fails while it is set. */
  allFail: boolean;
  /** Told of what people do, so that nobody blames the vault for it. */
  disturbed(region: string, volumeId: string | undefined, what: string, about: readonly string[]): void;
  /** The retention as it is now, in days. */
  retentionChanged(days: number): void;
}

/** What came of a fault: `nothing` where there was nobody to strike; of one that lasts, how it ends. */
export type Effect = 'nothing' | 'done' | (() => void);
export type Act = (stage: Stage, draw: Draw) => Effect;

/** Numbers that belong to one planned fault. */
export interface Draw {
  readonly label: string;
  unit(what: string): number;
  pick<T>(items: readonly T[], what?: string): T | undefined;
  /** A time from `min` to `max` hours, in milliseconds. */
  hours(min: number, max: number): number;
}

/** Snapshots that carry the vault's tag, in one region, oldest first. */
export const ours = ({ world }: Stage, region: string): readonly SnapshotRecord[] =>
  [...world.ec2.region(region).snapshots.values()].filter(
    ({ tags }) => tags.get('smart-vault:vault') === world.facts.vault,
  );

export const lineOf = (snapshot: SnapshotRecord): string =>
  snapshot.tags.get('smart-vault:volume') ?? snapshot.truth.lineage;

/** Somebody does something to one of our snapshots; `fits` says to which it can be done. */
export function toOneOf(
  stage: Stage,
  regions: readonly string[],
  draw: Draw,
  what: string,
  act: (region: string, snapshot: SnapshotRecord) => void,
  fits: (snapshot: SnapshotRecord) => boolean = () => true,
): Effect {
  const region = draw.pick(regions, 'region');
  const snapshot =
    region === undefined
      ? undefined
      : draw.pick(ours(stage, region).filter(({ state }) => state !== 'error'));
  if (region === undefined || snapshot === undefined || !fits(snapshot)) return 'nothing';
  stage.disturbed(region, lineOf(snapshot), what, [snapshot.id]);
  act(region, snapshot);
  return 'done';
}

export const liveVolumes = ({ world, population }: Stage): readonly string[] =>
  population.volumes.filter((id) => world.ec2.region(world.facts.source).volumes.get(id) !== undefined);
export const liveInstances = ({ world, population }: Stage): readonly string[] =>
  population.instances.filter(
    (id) => world.ec2.region(world.facts.source).instances.get(id)?.state !== 'terminated',
  );
