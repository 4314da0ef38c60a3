import { HOUR_MS } from '../packs.ts';
import type { Oracle } from './oracle.ts';
import { selectedVolumes, type TrueSnapshot, vaultSnapshots } from './truth.ts';

const SNAPSHOT_ID = /snap-(?:[0-9a-f]{17}|[0-9a-f]{8})(?![0-9a-f])/g;

type Body = {
  readonly kind?: string;
  readonly slot?: string;
  readonly policy?: string;
  readonly volumeIds?: readonly string[];
  readonly snapshotId?: string;
  readonly detail?: { readonly event?: string };
};

/** Ids of the snapshots that a message names, each once. */
export const snapshotIdsIn = (body: string): readonly string[] => [...new Set(body.match(SNAPSHOT_ID))];

/**
 * What a message asks for and the books do not hold, in words; `undefined` when nothing is left to do, or nobody could
 * know. Something that has failed since is not counted against who started it.
 */
export function leftUndone(oracle: Oracle, queueUrl: string, body: string): string | undefined {
  const asked = parsed(body);
  const { copiesQueues, volumesQueue } = oracle.world.facts;
  if (queueUrl.endsWith(`/${volumesQueue}`)) return unsnapshotted(oracle, asked);
  const [destination] = [...copiesQueues].find(([, name]) => queueUrl.endsWith(`/${name}`)) ?? [];
  const isAboutCopies = asked.kind === 'copy' || /^createSnapshots?$/.test(asked.detail?.event ?? '');
  if (destination === undefined || !isAboutCopies) return undefined;
  const uncopied = snapshotIdsIn(body).filter((id) => !isCopied(oracle, destination, id));
  return uncopied.length === 0 ? undefined : `${uncopied.join(', ')} not copied to ${destination}`;
}

function parsed(body: string): Body {
  try {
    return (JSON.parse(body) ?? {}) as Body;
  } catch {
    return {};
  }
}

function unsnapshotted(oracle: Oracle, { volumeIds = [], slot = '', policy = '' }: Body): string | undefined {
  const { source } = oracle.world.facts;
  const selected = selectedVolumes(oracle.world);
  const made = new Set(
    vaultSnapshots(oracle.world, source)
      .filter((one) => !one.isCopy && one.slot === slot && one.policy === policy)
      .map((one) => one.volumeId),
  );
  const missing = volumeIds.filter(
    (id) =>
      selected.has(id) &&
      !made.has(id) &&
      !oracle.wasPrunedThere(source, `${policy} ${id} ${slot}`) &&
      !oracle.isDisturbed(source, id, Date.parse(slot)),
  );
  return missing.length === 0 ? undefined : `${missing.join(', ')} not snapshotted for ${slot}`;
}

/** Whether the copy is there, under way or has failed; or need not be made. */
function isCopied(oracle: Oracle, destination: string, id: string): boolean {
  const { world } = oracle;
  const source = vaultSnapshots(world, world.facts.source).find((one) => one.id === id);
  if (source === undefined || !isCopyable(source)) return true;
  if (oracle.wasPrunedThere(destination, source.key)) return true;
  const since = world.kernel.now() - HOUR_MS;
  return (
    vaultSnapshots(world, destination).some(({ key }) => key === source.key) ||
    [world.facts.source, destination].some((region) => oracle.isDisturbed(region, source.volumeId, since))
  );
}

const isCopyable = ({ isCopy, isCondemned, record }: TrueSnapshot): boolean =>
  !isCopy && !isCondemned && record.state !== 'error' && record.storageTier !== 'archive';
