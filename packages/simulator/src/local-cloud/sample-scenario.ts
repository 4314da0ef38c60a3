import type { LocalCloud } from './cloud.ts';
import type { InvocationRecord } from './lambda/functions.ts';

/** Name of the instance of the sample fleet that loses a volume, and the device. */
const VICTIM = { name: 'api-6', device: '/dev/sdg' };

/**
 * What happens in the sample account beside backups: on the second day somebody deletes a volume after the run has
 * scheduled its snapshot and before that is made. The vault must back up the rest and say so.
 */
export function sampleScenario(): (record: InvocationRecord, cloud: LocalCloud) => void {
  let done = false;
  return (record, cloud) => {
    const { settings, history, world } = cloud;
    const run = history.runs[1];
    if (done || run === undefined || record.functionName !== settings.schedulerFunction) return;
    const instances = [...world.region(settings.sourceRegion).instances.values()];
    const instance = instances.find((one) => one.tags.get('Name') === VICTIM.name);
    const volumeId = instance?.devices.find((device) => device.deviceName === VICTIM.device)?.volumeId;
    if (volumeId === undefined) return;
    done = true;
    world.operator.deleteVolume(settings.sourceRegion, volumeId);
    run.volumes.delete(volumeId);
    run.vanished.set(volumeId, `${VICTIM.device} of ${VICTIM.name} was deleted right after it was scheduled`);
    cloud.history.note(
      cloud.clock.now(),
      `somebody deletes ${volumeId} (${VICTIM.device} of ${VICTIM.name}), which is waiting for its snapshot`,
    );
  };
}
