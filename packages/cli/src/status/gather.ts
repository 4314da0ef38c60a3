import { type Alarm, createAlarmCatalog } from '@smart-vault/aws/alarm-catalog';
import {
  type Instance,
  type Region,
  type Selection,
  type Snapshot,
  selectUnits,
  type Volume,
  type VolumeId,
} from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import { type DeadLetterView, peekDeadLetters } from '../dlq/dead-letters.ts';
import { deadLetterQueues, lettersIn } from '../dlq/redrive-plan.ts';
import { openQueue } from '../vault/adapters.ts';
import { askRegions, isAnswered, type RegionAnswer } from '../vault/ask-regions.ts';
import type { Vault, VaultQueue } from '../vault/find-vault.ts';
import { ec2Of, snapshotsOf } from '../vault/regions.ts';

/** Letters read of each queue: their causes repeat long before. */
const LETTERS_MAX = 200;

/** Everything that the status rests on, as it was found. */
export interface StatusFacts {
  readonly vault: Vault;
  readonly instances: readonly Instance[];
  readonly volumes: readonly Volume[];
  readonly selection: Selection;
  readonly sourceSnapshots: readonly Snapshot[];
  /** Of each destination, or why it could not be read. */
  readonly destinations: readonly RegionAnswer<readonly Snapshot[]>[];
  readonly letters: readonly LettersOfQueue[];
  /** Alarms of every region, or why they could not be read. */
  readonly alarms: readonly RegionAnswer<readonly Alarm[]>[];
  /** Seconds that the oldest message waits, by queue name; queues of which CloudWatch knows nothing are left out. */
  readonly oldestSeconds: ReadonlyMap<string, number>;
}

/** A dead-letter queue, what it holds, and where its letters go on a redrive. */
export interface LettersOfQueue {
  readonly queue: VaultQueue;
  readonly source: string | null;
  readonly letters: number;
  readonly read: readonly DeadLetterView[];
}

/** Asks everything at once. @throws AppError when the source region cannot tell what there is to protect. */
export async function gatherStatus(context: CommandContext, vault: Vault): Promise<StatusFacts> {
  const { catalog, snapshots } = ec2Of(context, vault.region);
  const [fleet, sourceSnapshots, destinations, letters, alarms] = await Promise.all([
    gatherFleet(catalog, vault),
    snapshots.listVaultSnapshots(vault.name),
    askRegions(vault.destinations, (region) => snapshotsOf(context, region).listVaultSnapshots(vault.name)),
    gatherLetters(context, vault),
    askRegions([vault.region, ...vault.destinations], (region) => alarmsOf(context, vault.name, region)),
  ]);
  const oldestSeconds = await gatherAges(context, vault);
  return { vault, ...fleet, sourceSnapshots, destinations, letters, alarms, oldestSeconds };
}

/** What is selected now. */
export async function gatherFleet(
  catalog: ReturnType<typeof ec2Of>['catalog'],
  vault: Pick<Vault, 'settings'>,
): Promise<Pick<StatusFacts, 'instances' | 'volumes' | 'selection'>> {
  const instances = await catalog.listInstancesTagged('backup', 'true');
  const attached = new Set<VolumeId>(
    instances.flatMap(({ devices }) => devices.map(({ volumeId }) => volumeId)),
  );
  const volumes = await catalog.findVolumes([...attached]);
  return {
    instances,
    volumes,
    selection: selectUnits(instances, volumes, vault.settings.consistency ?? 'instance'),
  };
}

/** The letters of every dead-letter queue of the source region; empty queues are not read. */
export async function gatherLetters(
  context: CommandContext,
  { queues }: Pick<Vault, 'queues'>,
  max = LETTERS_MAX,
): Promise<readonly LettersOfQueue[]> {
  return Promise.all(
    deadLetterQueues(queues).map(async ({ queue, source }) => {
      const read = queue.depth.visible > 0 ? await peekDeadLetters(openQueue(context)(queue), max) : [];
      return { queue, source: source?.name ?? null, letters: Math.max(lettersIn(queue), read.length), read };
    }),
  );
}

/** Another vault's name may begin with this one's: names of alarms go on with a capital letter behind the vault's. */
async function alarmsOf(
  { connection }: CommandContext,
  vault: string,
  region: Region,
): Promise<readonly Alarm[]> {
  const alarms = await createAlarmCatalog(connection(region)).listAlarms(`${vault}-`);
  return alarms.filter(({ name }) => /^[A-Z]/.test(name.slice(vault.length + 1)));
}

/** Best effort: an age that is not known is left out. */
async function gatherAges(context: CommandContext, vault: Vault): Promise<ReadonlyMap<string, number>> {
  const busy = vault.queues.filter(
    ({ role, depth }) =>
      (role === 'copies' || role === 'volumes') && depth.visible + depth.inFlight + depth.delayed > 0,
  );
  const catalog = createAlarmCatalog(context.connection(vault.region));
  const answers = await askRegions([vault.region], () =>
    Promise.all(
      busy.map(
        async ({ name }) => [name, await catalog.oldestMessageSeconds(name, context.clock.now())] as const,
      ),
    ),
  );
  const known = answers.flatMap((answer) => (isAnswered(answer) ? answer.value : []));
  return new Map(known.flatMap(([name, seconds]) => (seconds === undefined ? [] : [[name, seconds]])));
}
