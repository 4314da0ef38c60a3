import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the files of one test, and its end. */
export function scratchFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'smart-vault-test-'));
  return {
    path: (name: string): string => join(folder, name),
    write(name: string, text: string): string {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What `aws ec2 describe-instances` would print for tagged instances with so many volumes each. */
export function describeInstances(fleet: { instances: number; volumesEach: number }): string {
  const instances = Array.from({ length: fleet.instances }, (_, number) => ({
    InstanceId: `i-${hex(number)}`,
    InstanceType: 'm7g.large',
    State: { Code: 16, Name: 'running' },
    Placement: { AvailabilityZone: 'us-east-1a' },
    RootDeviceName: '/dev/xvda',
    Tags: [{ Key: 'backup', Value: 'true' }],
    BlockDeviceMappings: Array.from({ length: fleet.volumesEach }, (_, index) => ({
      DeviceName: index === 0 ? '/dev/xvda' : `/dev/sd${String.fromCharCode(101 + index)}`,
      Ebs: { VolumeId: `vol-${hex(number * fleet.volumesEach + index)}`, Status: 'attached' },
    })),
  }));
  return JSON.stringify({ Reservations: [{ Instances: instances }] });
}

const hex = (number: number): string => number.toString(16).padStart(17, '0');
