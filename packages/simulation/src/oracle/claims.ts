import type { LogFields } from '@smart-vault/core';
import { DAY_MS, HOUR_MS } from '../packs.ts';
import type { ServiceCall } from '../vault-world.ts';
import type { Oracle } from './oracle.ts';
import { vaultSnapshots } from './truth.ts';

/** Operations that change something, of those that the pruner may call. */
const CHANGING = new Set(['DeleteSnapshot', 'CreateTags', 'DeleteTags']);
type Copy = { readonly SourceRegion?: string; readonly SourceSnapshotId?: string };

/** Small promises, each held against the one call or the one line of the log that could break it. */
export class Claims {
  readonly #oracle: Oracle;

  constructor(oracle: Oracle) {
    this.#oracle = oracle;
  }

  /** Before a call takes effect. */
  before(call: ServiceCall): void {
    if (call.service !== 'ec2') return;
    if (call.operation === 'CopySnapshot') this.#copiesWhatIsThere(call);
    if (CHANGING.has(call.operation)) this.#isNoDryRun(call);
    if (call.operation === 'DeleteSnapshot') this.#sourceFirst(call);
  }

  /** After a call, with its answer or its error. H4: nothing that a tag holds makes SNS refuse what people must know. */
  after({ service, operation, error }: ServiceCall): void {
    if (service === 'sns' && operation === 'Publish' && error?.name.startsWith('InvalidParameter') === true)
      this.#oracle.broken('H4', `SNS refuses a message to people: ${error.message}`, []);
  }

  logged(functionName: string, event: string, fields: LogFields): void {
    if (functionName === 'pruner' && event === 'snapshot.deleted') this.#isDeleted(fields);
  }

  /** L6: nothing fails only because it is still pending. EC2 takes such a copy, and it ends in error. */
  #copiesWhatIsThere({ input }: ServiceCall): void {
    const { SourceRegion = '', SourceSnapshotId = '' } = input as Copy;
    const source = this.#oracle.world.ec2.region(SourceRegion).snapshots.get(SourceSnapshotId);
    if (source?.state === 'pending')
      this.#oracle.broken('L6', `a copy of ${SourceSnapshotId} was asked for, which is still pending`, [
        SourceSnapshotId,
      ]);
  }

  /** I6, the other way round: a copy stays until its source is gone, or the source would look as if it had none. */
  #sourceFirst({ region, input }: ServiceCall): void {
    const { world, circumstances } = this.#oracle;
    const { source } = world.facts;
    if (region === source) return;
    const here = vaultSnapshots(world, region);
    const copy = here.find(({ id }) => id === (input as { SnapshotId?: string }).SnapshotId);
    if (
      copy === undefined ||
      !copy.isGood ||
      here.some(({ id, key, isGood }) => isGood && key === copy.key && id !== copy.id)
    )
      return;
    const now = world.kernel.now();
    if (now + this.#oracle.skewMs - copy.slotMs >= 2 * circumstances.retentionDays * DAY_MS) return;
    if (this.#oracle.isDisturbed(source, copy.volumeId, now - HOUR_MS)) return;
    const left = vaultSnapshots(world, source).find(({ key, isGood }) => isGood && key === copy.key);
    if (left !== undefined)
      this.#oracle.broken(
        'I6',
        `deletes the copy ${copy.id} in ${region}, and its source ${left.id} is still there`,
        [copy.id, left.id],
      );
  }

  /** I11: a dry run changes nothing. */
  #isNoDryRun({ environment, operation, region }: ServiceCall): void {
    if (environment.functionName !== 'pruner' || this.#oracle.circumstances.knobs.prunerMode !== 'dry-run')
      return;
    this.#oracle.broken('I11', `the pruner is to do a dry run, and called ${operation} in ${region}`, []);
  }

  /** H1: what is told to be deleted is gone. */
  #isDeleted({ snapshotId, region }: LogFields): void {
    const id = String(snapshotId);
    if (this.#oracle.world.ec2.region(String(region)).snapshots.get(id) !== undefined)
      this.#oracle.broken('H1', `the pruner says that ${id} is deleted, and it is there`, [id]);
  }
}
