import type { LocalCloud } from '@smart-vault/simulator';

/** A snapshot of the vault as the world has it, whatever a command says. */
interface TrueSnapshot {
  readonly region: string;
  readonly id: string;
  readonly slot: string | undefined;
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What EC2 has in the regions of the vault. */
export interface Truth {
  readonly snapshots: readonly TrueSnapshot[];
  /** Where each volume is attached, such as `i-… /dev/sdf`; empty for one that is free. By id. */
  readonly places: Readonly<Record<string, string>>;
  readonly instances: readonly {
    readonly id: string;
    readonly region: string;
    readonly devices: readonly string[];
  }[];
  readonly images: readonly string[];
}

/** Looks at the world itself. */
export function truthOf({ world, settings }: LocalCloud): Truth {
  const regions = [settings.sourceRegion, ...settings.destinations].map((name) => world.region(name));
  return {
    snapshots: regions.flatMap(({ name, snapshots }) =>
      [...snapshots.values()]
        .filter(({ tags }) => tags.get('smart-vault:vault') === settings.vault)
        .map(({ id, state, tags }) => ({
          ...{ region: name, id, state, slot: tags.get('smart-vault:slot') },
          tags: Object.fromEntries(tags),
        })),
    ),
    places: Object.fromEntries(
      regions.flatMap(({ volumes }) =>
        [...volumes.values()].map(({ id, attachments: [at] }) => [
          id,
          at === undefined ? '' : `${at.instanceId} ${at.device}`,
        ]),
      ),
    ),
    instances: regions.flatMap(({ name, instances }) =>
      [...instances.values()].map(({ id, devices }) => ({
        ...{ id, region: name },
        devices: devices.map(({ deviceName }) => deviceName).sort(),
      })),
    ),
    images: regions.flatMap(({ images }) => [...images.values()].map(({ id }) => id)),
  };
}
