import { DEFAULT_EC2_KNOBS, type Ec2Knobs, type Ec2World, Rng } from '@smart-vault/simulator';
import { ACCOUNT } from '../account.ts';
import type { Call } from '../environment.ts';

/** What is to be backed up. */
export interface Fleet {
  readonly volumes: number;
  /** The last instance may have fewer. */
  readonly volumesPerInstance: number;
  /** The account's quota of copies in flight to the destination. */
  readonly copiesInFlightMax: number;
}

/** Above this many volumes the default quota of copies would need longer than messages and sources are kept. */
const DEFAULT_QUOTA_VOLUMES_MAX = 20_000;
const RAISED_COPIES_MAX = 200;

/** A fleet with AWS's default quotas; a large one has its quota of copies raised, as AWS does on request. */
export const fleetOf = (volumes: number, volumesPerInstance: number): Fleet => ({
  volumes,
  volumesPerInstance,
  copiesInFlightMax:
    volumes > DEFAULT_QUOTA_VOLUMES_MAX ? RAISED_COPIES_MAX : DEFAULT_EC2_KNOBS.copiesInFlightMax,
});

export const SOURCE = 'us-east-1';
export const DESTINATION = 'eu-west-1';
/** A run in a month: none begins while another one is at it. Half a minute after the start of the world. */
export const START_MS = Date.UTC(2026, 9, 1, 2, 59, 30);
export const SLOT_MS = Date.UTC(2026, 9, 1, 3);
export const RUN_SCHEDULE = { expression: 'cron(0 3 1 * ? *)', timezone: 'UTC' } as const;

/**
 * The account that all designs work in: AWS's default quotas, snapshots around a minute, and copies from half a minute to
 * half an hour, as a fleet of volumes of very different sizes and rates of change has them.
 */
const SCALE_KNOBS: Partial<Ec2Knobs> = {
  pendingSnapshotsMax: DEFAULT_EC2_KNOBS.pendingSnapshotsMax,
  // 100,000 by default, which the largest fleet would just fill; an adjustable quota.
  snapshotsPerRegionMax: 1_000_000,
  snapshotDuration: {
    baseSeconds: 60,
    secondsPerGiB: 0,
    jitter: 0,
    spread: { sigma: 0.25, minSeconds: 30, maxSeconds: 180 },
  },
  copyDuration: {
    baseSeconds: 232,
    secondsPerGiB: 0,
    jitter: 0,
    spread: { sigma: 0.68, minSeconds: 30, maxSeconds: 1_800 },
  },
};

/** EC2 as a fleet's account has it. */
export const knobsFor = ({ copiesInFlightMax }: Fleet): Partial<Ec2Knobs> => ({
  ...SCALE_KNOBS,
  copiesInFlightMax,
});

/** The world in words, for the head of the report. */
export const WORLD_TEXT = [
  'Snapshots: lognormal, median 60 s, sigma 0.25, cut at 30 s and 180 s. Copies: lognormal, median 232 s, sigma 0.68, cut at',
  '30 s and 30 min. Quotas: 100 pending snapshots; 20 copies in flight, 200 above 20,000 volumes. An EC2 call takes 250 ms (Describe: 120 ms), any other 12 ms, each times 0.5 to 2; an event 500 ms per bus.',
] as const;

/** Milliseconds from a call to its effect: those of the worlds with faults. */
export function scaleLatencies(seed: number): (call: Call) => number {
  const rng = new Rng(seed).fork('latency');
  return ({ service, operation }) => {
    const base = service !== 'ec2' ? 12 : operation.startsWith('Describe') ? 120 : 250;
    return 1 + Math.round(base * rng.between(0.5, 2));
  };
}

/** Puts a fleet into the source region. @returns ids of all volumes */
export function addFleet(ec2: Ec2World, { volumes, volumesPerInstance }: Fleet): readonly string[] {
  const ids: string[] = [];
  for (let instance = 0; ids.length < volumes; instance += 1) {
    const count = Math.min(volumesPerInstance, volumes - ids.length);
    const instanceId = `i-${hex(instance + 1)}`;
    const members = Array.from({ length: count }, (_, place) => `vol-${hex((instance + 1) * 256 + place)}`);
    members.forEach((id, place) => {
      addVolume(ec2, id, instanceId, device(place));
    });
    addInstance(ec2, instanceId, members);
    ids.push(...members);
  }
  return ids;
}

const hex = (n: number): string => n.toString(16).padStart(17, '0');
const device = (place: number): string =>
  place === 0 ? '/dev/xvda' : `/dev/sd${String.fromCharCode(101 + place)}`;

function addVolume(ec2: Ec2World, id: string, instanceId: string, name: string): void {
  ec2.operator.putVolume(SOURCE, {
    id,
    state: 'in-use',
    sizeGiB: 100,
    volumeType: 'gp3',
    encrypted: false,
    availabilityZone: `${SOURCE}a`,
    tags: new Map([['Name', `disk-${id.slice(-5)}`]]),
    attachments: [{ instanceId, device: name, state: 'attached', deleteOnTermination: false }],
    raw: {},
  });
}

function addInstance(ec2: Ec2World, id: string, volumes: readonly string[]): void {
  ec2.operator.putInstance(SOURCE, {
    id,
    reservationId: `r-${id.slice(2)}`,
    ownerId: ACCOUNT,
    state: 'running',
    rootDeviceName: '/dev/xvda',
    tags: new Map([
      ['backup', 'true'],
      ['Name', `server-${id.slice(-5)}`],
    ]),
    devices: volumes.map((volumeId, place) => ({
      deviceName: device(place),
      volumeId,
      deleteOnTermination: place === 0,
      status: 'attached',
    })),
    raw: { InstanceType: 'm7i.large', Architecture: 'x86_64', Placement: { AvailabilityZone: `${SOURCE}a` } },
  });
}
