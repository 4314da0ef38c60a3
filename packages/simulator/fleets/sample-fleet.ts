import { hash32 } from '../src/prng.ts';

const REGION = 'us-east-1';
/** The server whose ids the examples of the documentation name, and its devices: the first has the example's volume. */
const EXAMPLE = {
  name: 'db-orders-1',
  devices: ['/dev/sdf', '/dev/sdg', '/dev/sdh', '/dev/sdi', '/dev/sdj', '/dev/xvda'],
};
const OWNER = '000000000000';
const KEY = `arn:aws:kms:${REGION}:${OWNER}:key/5b1f9d3e-8c0a-4a57-9c3d-2f6d0e7a1b42`;

interface DiskPlan {
  readonly device: string;
  readonly type: 'gp2' | 'gp3' | 'io2' | 'st1' | 'sc1';
  readonly size: number;
  readonly iops?: number;
  readonly encrypted?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly keep?: boolean;
}
interface MachinePlan {
  readonly name: string;
  readonly type: string;
  readonly zone: string;
  readonly arm?: boolean;
  readonly windows?: boolean;
  readonly state?: 'running' | 'stopped' | 'terminated';
  readonly tags?: Readonly<Record<string, string>>;
  readonly disks: readonly DiskPlan[];
}

const SELECTED = { backup: 'true' };
const OPTED_OUT = { backup: 'false' };
const root = (size: number, more: Partial<DiskPlan> = {}): DiskPlan => ({
  device: '/dev/xvda',
  type: 'gp3',
  size,
  ...more,
});
const zoneOf = (index: number): string => `${REGION}${'abc'.charAt(index % 3)}`;
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const MACHINES: readonly MachinePlan[] = [
  ...times(14, (index) => ({
    name: `web-${index + 1}`,
    type: 't3.small',
    zone: zoneOf(index),
    tags: { ...SELECTED, Team: 'storefront', Environment: 'production' },
    disks: [root(20)],
  })),
  ...times(6, (index) => ({
    name: `api-${index + 1}`,
    type: 'm6i.large',
    zone: zoneOf(index),
    tags: { ...SELECTED, Team: 'platform', Environment: 'production' },
    disks: [
      root(30),
      { device: '/dev/sdf', type: 'gp3' as const, size: 50, tags: { Purpose: 'uploads' }, keep: true },
      { device: '/dev/sdg', type: 'gp3' as const, size: 16, tags: { Purpose: 'audit-log' }, keep: true },
    ],
  })),
  ...['orders-1', 'orders-2', 'users-1', 'billing-1', 'analytics-1'].map((name, index) => ({
    name: `db-${name}`,
    type: 'r6i.2xlarge',
    zone: zoneOf(index),
    tags: { ...SELECTED, Team: 'data', Environment: 'production', 'cost-center': '4711' },
    disks: [
      root(20, { encrypted: true }),
      {
        device: '/dev/sdf',
        type: 'io2' as const,
        size: 200,
        iops: 6000,
        encrypted: true,
        tags: { Purpose: 'data-1' },
        keep: true,
      },
      {
        device: '/dev/sdg',
        type: 'io2' as const,
        size: 200,
        iops: 6000,
        encrypted: true,
        tags: { Purpose: 'data-2' },
        keep: true,
      },
      {
        device: '/dev/sdh',
        type: 'gp3' as const,
        size: 100,
        encrypted: true,
        tags: { Purpose: 'wal' },
        keep: true,
      },
      {
        device: '/dev/sdi',
        type: 'st1' as const,
        size: 500,
        encrypted: true,
        tags: { Purpose: 'base-backups' },
        keep: true,
      },
      { device: '/dev/sdj', type: 'gp3' as const, size: 80, tags: { ...OPTED_OUT, Purpose: 'tmp' } },
    ],
  })),
  ...times(3, (index) => ({
    name: `cache-${index + 1}`,
    type: 'r6g.large',
    zone: zoneOf(index),
    arm: true,
    tags: { ...SELECTED, Team: 'platform' },
    disks: [root(10)],
  })),
  ...times(3, (index) => ({
    name: `kafka-${index + 1}`,
    type: 'm6g.xlarge',
    zone: zoneOf(index),
    arm: true,
    tags: { ...SELECTED, Team: 'data' },
    disks: [
      root(20),
      ...['f', 'g', 'h'].map((letter) => ({
        device: `/dev/sd${letter}`,
        type: 'st1' as const,
        size: 500,
        keep: true,
      })),
    ],
  })),
  ...times(2, (index) => ({
    name: `batch-${index + 1}`,
    type: 'c6i.4xlarge',
    zone: zoneOf(index),
    tags: { ...SELECTED, Team: 'data' },
    disks: [
      root(20),
      { device: '/dev/sdf', type: 'gp3' as const, size: 300, tags: { ...OPTED_OUT, Purpose: 'scratch' } },
    ],
  })),
  {
    name: 'jenkins',
    type: 't3.xlarge',
    zone: zoneOf(0),
    tags: { ...SELECTED, Team: 'platform', 'aws:cloudformation:stack-name': 'ci' },
    disks: [
      root(30),
      { device: '/dev/sdf', type: 'gp2', size: 120, tags: { Name: 'jenkins home' }, keep: true },
    ],
  },
  {
    name: 'ad-controller',
    type: 'm5.large',
    zone: zoneOf(1),
    windows: true,
    tags: { ...SELECTED, Team: 'office-it' },
    disks: [
      { device: '/dev/sda1', type: 'gp3', size: 60, encrypted: true },
      { device: 'xvdb', type: 'gp3', size: 40, encrypted: true, keep: true },
    ],
  },
  {
    name: 'legacy-erp',
    type: 'm4.large',
    zone: zoneOf(2),
    state: 'stopped',
    tags: { ...SELECTED, Team: 'finance' },
    disks: [
      root(40, { type: 'gp2' }),
      { device: '/dev/sdf', type: 'gp2', size: 250, keep: true },
      { device: '/dev/sdg', type: 'sc1', size: 500, tags: { Purpose: 'archive' }, keep: true },
    ],
  },
  { name: 'web-15', type: 't3.small', zone: zoneOf(2), state: 'terminated', tags: SELECTED, disks: [] },
  {
    name: 'bastion',
    type: 't4g.nano',
    zone: zoneOf(0),
    arm: true,
    tags: { Team: 'platform' },
    disks: [root(8)],
  },
  ...times(2, (index) => ({
    name: `sandbox-${index + 1}`,
    type: 't3.medium',
    zone: zoneOf(index),
    tags: { Team: 'research', ...(index === 1 ? { backup: 'no thanks' } : {}) },
    disks: [root(20), { device: '/dev/sdf', type: 'gp3' as const, size: 100 }],
  })),
];

/** Volumes that nothing is attached to. */
const LOOSE: readonly DiskPlan[] = [
  ...times(5, (index) => ({
    device: '',
    type: 'gp2' as const,
    size: 100,
    tags: { Name: `old-db-disk-${index + 1}` },
  })),
  { device: '', type: 'gp3', size: 50, tags: { Name: 'tagged, but of no instance', backup: 'true' } },
  { device: '', type: 'gp3', size: 8 },
];

const idOf = (kind: string, name: string): string =>
  exampleId(kind, name) ??
  `${kind}-0${[0, 1].map((part) => hash32(`${kind}/${name}`, part).toString(16).padStart(8, '0')).join('')}`;

/** `i-0123456789abcdef0`, `vol-0123456789abcdef0`; its other volumes count down from there. */
function exampleId(kind: string, name: string): string | undefined {
  const place = [EXAMPLE.name, ...EXAMPLE.devices.map((device) => EXAMPLE.name + device)].indexOf(name);
  if (place < 0 || (kind === 'i') !== (place === 0) || !['i', 'vol'].includes(kind)) return undefined;
  return `${kind}-${(0x0123456789abcdef0n - BigInt(Math.max(0, place - 1))).toString(16).padStart(17, '0')}`;
}
const tagList = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
const launchedAt = (name: string): string => {
  const day = 1 + (hash32(name) % 28);
  return `2026-0${1 + (hash32(name, 7) % 8)}-${String(day).padStart(2, '0')}T08:15:30+00:00`;
};

function instanceOf(plan: MachinePlan) {
  const state = plan.state ?? 'running';
  const codes = { running: 16, stopped: 80, terminated: 48 };
  return {
    AmiLaunchIndex: 0,
    ImageId: plan.arm ? 'ami-0d5eff06f840b45e9' : 'ami-0c02fb55956c7d316',
    InstanceId: idOf('i', plan.name),
    InstanceType: plan.type,
    KeyName: 'operations',
    LaunchTime: launchedAt(plan.name),
    Placement: { AvailabilityZone: plan.zone, GroupName: '', Tenancy: 'default' },
    PrivateIpAddress: `10.0.${hash32(plan.zone) % 16}.${10 + (hash32(plan.name) % 240)}`,
    State: { Code: codes[state], Name: state },
    ...(state === 'terminated' ? {} : { SubnetId: idOf('subnet', plan.zone), VpcId: idOf('vpc', 'main') }),
    Architecture: plan.arm ? 'arm64' : 'x86_64',
    BlockDeviceMappings: plan.disks.map((disk) => ({
      DeviceName: disk.device,
      Ebs: {
        AttachTime: launchedAt(plan.name),
        DeleteOnTermination: disk.keep !== true,
        Status: 'attached',
        VolumeId: idOf('vol', `${plan.name}${disk.device}`),
      },
    })),
    EbsOptimized: true,
    Hypervisor: 'xen',
    IamInstanceProfile: {
      Arn: `arn:aws:iam::${OWNER}:instance-profile/${plan.name.replace(/-\d+$/, '')}`,
      Id: 'AIPAEXAMPLEEXAMPLE000',
    },
    RootDeviceName: plan.windows ? '/dev/sda1' : '/dev/xvda',
    RootDeviceType: 'ebs',
    SecurityGroups: [
      { GroupName: 'default', GroupId: idOf('sg', 'default') },
      { GroupName: plan.name.replace(/-\d+$/, ''), GroupId: idOf('sg', plan.name.replace(/-\d+$/, '')) },
    ],
    Tags: tagList({ Name: plan.name, ...plan.tags }),
    BootMode: plan.arm || plan.windows ? 'uefi' : 'uefi-preferred',
    ...(plan.windows
      ? { Platform: 'windows', PlatformDetails: 'Windows' }
      : { PlatformDetails: 'Linux/UNIX' }),
  };
}

function volumeOf(disk: DiskPlan, name: string, plan?: MachinePlan) {
  const iops =
    disk.iops ??
    (disk.type === 'gp3' ? 3000 : disk.type === 'gp2' ? Math.max(100, disk.size * 3) : undefined);
  return {
    Attachments: plan
      ? [
          {
            AttachTime: launchedAt(plan.name),
            Device: disk.device,
            InstanceId: idOf('i', plan.name),
            State: 'attached',
            VolumeId: idOf('vol', name),
            DeleteOnTermination: disk.keep !== true,
          },
        ]
      : [],
    AvailabilityZone: plan?.zone ?? zoneOf(0),
    CreateTime: launchedAt(name),
    Encrypted: disk.encrypted === true,
    ...(disk.encrypted ? { KmsKeyId: KEY } : {}),
    Size: disk.size,
    SnapshotId: '',
    State: plan ? 'in-use' : 'available',
    VolumeId: idOf('vol', name),
    ...(iops === undefined ? {} : { Iops: iops }),
    ...(disk.tags ? { Tags: tagList(disk.tags) } : {}),
    VolumeType: disk.type,
    MultiAttachEnabled: false,
    ...(disk.type === 'gp3' ? { Throughput: 125 } : {}),
  };
}

/**
 * The sample fleet, file by file: what `aws ec2 describe-instances` and `describe-volumes` would print of it. The same
 * every time.
 */
export function sampleFleetFiles(): Readonly<Record<string, string>> {
  const reservations = MACHINES.map((plan) => ({
    Groups: [],
    Instances: [instanceOf(plan)],
    OwnerId: OWNER,
    ReservationId: idOf('r', plan.name),
  }));
  const volumes = [
    ...MACHINES.flatMap((plan) =>
      plan.disks.map((disk) => volumeOf(disk, `${plan.name}${disk.device}`, plan)),
    ),
    ...LOOSE.map((disk, index) => volumeOf(disk, `loose-${index + 1}`)),
  ];
  return {
    'sample-instances.json': asFile({ Reservations: reservations }),
    'sample-volumes.json': asFile({ Volumes: volumes }),
  };
}

const asFile = (content: unknown): string => `${JSON.stringify(content, undefined, 2)}\n`;
