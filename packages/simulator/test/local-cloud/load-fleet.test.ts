import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/local-cloud/load-fleet.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleets-'));
function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('the sample fleet', () => {
  const fleet = loadFleet({}, 'us-east-1');
  const byName = (name: string) => fleet.instances.find((instance) => instance.tags.get('Name') === name);

  it('has 40 instances and 100 volumes', () => {
    expect(fleet.instances).toHaveLength(40);
    expect(fleet.volumes).toHaveLength(100);
  });

  it('has everything that a real account has', () => {
    expect(byName('web-1')?.devices).toHaveLength(1);
    expect(byName('db-orders-1')?.devices).toHaveLength(6);
    expect(byName('bastion')?.tags.has('backup')).toBe(false);
    expect(byName('legacy-erp')?.state).toBe('stopped');
    expect(byName('web-15')?.state).toBe('terminated');
    expect(fleet.volumes.filter((volume) => volume.tags.get('backup') === 'false').length).toBeGreaterThan(3);
    expect(fleet.volumes.some((volume) => volume.encrypted)).toBe(true);
    expect(fleet.volumes.some((volume) => volume.volumeType === 'st1')).toBe(true);
    expect(fleet.volumes.filter((volume) => volume.attachments.length === 0)).toHaveLength(7);
  });
});

describe('a fleet that cannot be read', () => {
  it.each([
    [
      'is not there',
      () => join(folder, 'missing.json'),
      /cannot read .*missing\.json.*aws ec2 describe-instances/,
    ],
    ['is no JSON', () => file('no.json', '{"Reservations": [}'), /no\.json cannot be read: .*line 1/],
    [
      'is something else',
      () => file('else.json', '{"Buckets": []}'),
      /else\.json cannot be read: .*Reservations/,
    ],
    ['is empty', () => file('empty.json', '{"Reservations": []}'), /empty\.json holds no instances/],
    [
      'has a bad id',
      () => file('id.json', '{"Instances":[{"InstanceId":"web-1"}]}'),
      /Instances\[0\]\.InstanceId.*"web-1"/,
    ],
  ])('%s: says where and why', (_name, path, complaint) => {
    expect(() => loadFleet({ fleet: path() }, 'us-east-1')).toThrow(complaint);
  });
});
