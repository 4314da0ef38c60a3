/** A volume as it must come back. */
export interface ExpectedVolume {
  readonly device: string;
  readonly type: string;
  readonly sizeGiB: number;
  /** Only where the type takes it. */
  readonly iops?: number;
  readonly throughput?: number;
  readonly encrypted: boolean;
  readonly deleteOnTermination: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export const DATABASE = 'i-0da7aba5e00000001';
export const DATABASE_TAGS = { Name: 'orders db', backup: 'true', 'cost center': '4711', team: 'orders' };

/** Six volumes of five types, one of them encrypted. */
export const DATABASE_VOLUMES: readonly ExpectedVolume[] = [
  volume('/dev/xvda', { type: 'gp3', sizeGiB: 40, iops: 3_000, throughput: 125, deleteOnTermination: true }),
  volume('/dev/sdf', {
    type: 'io2',
    sizeGiB: 500,
    iops: 16_000,
    tags: { Name: 'data 1', mount: '/var/lib/pg/1' },
  }),
  volume('/dev/sdg', { type: 'io1', sizeGiB: 400, iops: 8_000, tags: { Name: 'data 2' } }),
  volume('/dev/sdh', { type: 'gp3', sizeGiB: 100, iops: 6_000, throughput: 500, tags: { Name: 'wal' } }),
  volume('/dev/sdi', { type: 'gp2', sizeGiB: 200, encrypted: true, tags: { Name: 'temp' } }),
  volume('/dev/sdj', { type: 'st1', sizeGiB: 1_000, tags: { Name: 'archive', tier: 'cold' } }),
];

function volume(device: string, with_: Partial<ExpectedVolume>): ExpectedVolume {
  return {
    device,
    type: 'gp3',
    sizeGiB: 8,
    encrypted: false,
    deleteOnTermination: false,
    tags: {},
    ...with_,
  };
}

const volumeId = (index: number): string => `vol-0da7aba5e0000000${index}`;
const tagList = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** What `aws ec2 describe-instances` and `describe-volumes` would print for the database server. */
export function databaseFleet(): { readonly instances: string; readonly volumes: string } {
  const attachment = ({ device, deleteOnTermination }: ExpectedVolume, index: number) => ({
    VolumeId: volumeId(index),
    InstanceId: DATABASE,
    Device: device,
    State: 'attached',
    DeleteOnTermination: deleteOnTermination,
  });
  const instance = {
    InstanceId: DATABASE,
    InstanceType: 'r7g.2xlarge',
    Architecture: 'arm64',
    BootMode: 'uefi',
    KeyName: 'operations',
    State: { Code: 16, Name: 'running' },
    Placement: { AvailabilityZone: 'us-east-1a' },
    SubnetId: 'subnet-0da7aba5e00000001',
    VpcId: 'vpc-0da7aba5e00000001',
    SecurityGroups: [{ GroupId: 'sg-0da7aba5e00000001', GroupName: 'databases' }],
    IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/orders-db' },
    MetadataOptions: { HttpTokens: 'required' },
    RootDeviceName: '/dev/xvda',
    Tags: tagList(DATABASE_TAGS),
    BlockDeviceMappings: DATABASE_VOLUMES.map(({ device, deleteOnTermination }, index) => ({
      DeviceName: device,
      Ebs: { VolumeId: volumeId(index), Status: 'attached', DeleteOnTermination: deleteOnTermination },
    })),
  };
  const volumes = DATABASE_VOLUMES.map((each, index) => ({
    VolumeId: volumeId(index),
    AvailabilityZone: 'us-east-1a',
    Size: each.sizeGiB,
    State: 'in-use',
    VolumeType: each.type,
    Encrypted: each.encrypted,
    ...(each.encrypted ? { KmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/0da7aba5' } : {}),
    // EC2 tells the IOPS of gp2 too.
    ...(each.iops === undefined ? (each.type === 'gp2' ? { Iops: 600 } : {}) : { Iops: each.iops }),
    ...(each.throughput === undefined ? {} : { Throughput: each.throughput }),
    Attachments: [attachment(each, index)],
    Tags: tagList(each.tags),
  }));
  return {
    instances: JSON.stringify({ Reservations: [{ Instances: [instance] }] }),
    volumes: JSON.stringify({ Volumes: volumes }),
  };
}
