import type { CreateVolumeRequest, DeleteVolumeRequest } from '@aws-sdk/client-ec2';
import { once } from './client-token.ts';
import { dryRunSucceeded, Ec2Error, missing } from './errors.ts';
import { checkId, idOf, notFound, VOLUME_ID } from './ids.ts';
import { planVolume, type VolumePlan, volumeRecord } from './new-volume.ts';
import type { RegionState } from './region.ts';
import { newTags } from './sdk/values.ts';
import { checkTags } from './tags.ts';
import type { TagMap, VolumeRecord } from './types.ts';

/**
 * CreateVolume: a volume that is `creating`, and `available` later. With a key that cannot be used it is accepted
 * all the same and ends in `error`.
 * @throws Ec2Error
 */
export function createVolume(region: RegionState, input: CreateVolumeRequest): VolumeRecord {
  return region.call('CreateVolume', input.SnapshotId ?? '', () => {
    const make = () => {
      const availabilityZone = checkZone(region, input);
      const { Size: VolumeSize, ...wish } = input;
      const plan = planVolume(region, { ...wish, VolumeSize });
      const tags = checkTags(newTags(input.TagSpecifications, ['volume']));
      if (input.DryRun) throw dryRunSucceeded();
      return start(region, plan, availabilityZone, tags);
    };
    if (input.DryRun) return make();
    const request = { operation: 'CreateVolume', token: input.ClientToken, input };
    return once(region, request, make, (id) => volumeNamed(region, id));
  });
}

function checkZone(
  region: RegionState,
  { AvailabilityZone, AvailabilityZoneId }: CreateVolumeRequest,
): string {
  const zone = AvailabilityZone ?? AvailabilityZoneId;
  if (zone === undefined || zone === '') throw missing('availabilityZone');
  if (AvailabilityZone === undefined)
    throw new Ec2Error('UnknownParameter', 'simulator: name the zone with AvailabilityZone, not by its id');
  if (!region.network.zones().includes(zone))
    throw new Ec2Error('InvalidZone.NotFound', `The zone '${zone}' does not exist.`);
  return zone;
}

function start(region: RegionState, plan: VolumePlan, availabilityZone: string, tags: TagMap): VolumeRecord {
  const id = newVolumeId(region, `${availabilityZone}/${plan.snapshotId}`);
  const volume = volumeRecord(region, plan, { id, availabilityZone, tags });
  region.volumes.put(volume);
  region.after(region.account.knobs.volumeSeconds, `${id} is created`, () => {
    const now = region.volumes.get(id);
    if (now?.state !== 'creating') return;
    region.volumes.update({ ...now, state: plan.failure === undefined ? 'available' : 'error' });
  });
  return volume;
}

/** The id of the next volume that is made under a label. */
export function newVolumeId(region: RegionState, label: string): string {
  const number = region.nextNumber(`volume/${label}`);
  return idOf('vol-', region.account.seed, `${region.name}/volume/${label}/${number}`);
}

/** DeleteVolume: gone at once; an attached one is refused. @throws Ec2Error */
export function deleteVolume(region: RegionState, input: DeleteVolumeRequest): void {
  region.call('DeleteVolume', input.VolumeId ?? '', () => {
    const volume = volumeNamed(region, input.VolumeId);
    const [attachment] = volume.attachments;
    if (attachment !== undefined) {
      throw new Ec2Error(
        'VolumeInUse',
        `Volume ${volume.id} is currently attached to ${attachment.instanceId}`,
      );
    }
    if (volume.state !== 'available' && volume.state !== 'error')
      throw new Ec2Error('IncorrectState', `The volume '${volume.id}' is '${volume.state}'`);
    if (input.DryRun) throw dryRunSucceeded();
    region.volumes.remove(volume.id);
  });
}

/** @throws Ec2Error for a bad id, and for one of a volume that is not there */
export function volumeNamed(region: RegionState, given: string | undefined): VolumeRecord {
  const id = checkId(given, VOLUME_ID);
  const volume = region.volumes.get(id);
  if (volume === undefined || volume.state === 'deleted') throw notFound([id], VOLUME_ID);
  return volume;
}
