import { CONDEMNED_TAG, HOLD_TAG, SELECTION_TAG, VAULT_TAG } from '../names.ts';
import { allow, deny, type Permission } from './permission.ts';

/**
 * What the functions may do to snapshots. Nothing here can both create and delete: who could do both could
 * tag anything as ours and then delete it. Snapshot ARNs have no account in them.
 */
export interface EbsScope {
  readonly partition: string;
  readonly account: string;
  readonly vault: string;
  readonly sourceRegion: string;
  readonly destinationRegions: readonly string[];
  readonly kmsKeyIds: Readonly<Record<string, string>>;
}

const SNAPSHOT_IDS =
  'Snapshot ids are not known beforehand; the conditions limit the statement to this vault.';

const snapshots = (scope: EbsScope, region: string): string =>
  `arn:${scope.partition}:ec2:${region}::snapshot/*`;
const inAccount = (scope: EbsScope, kind: 'instance' | 'volume'): string =>
  `arn:${scope.partition}:ec2:${scope.sourceRegion}:${scope.account}:${kind}/*`;
const allRegions = (scope: EbsScope): readonly string[] => [scope.sourceRegion, ...scope.destinationRegions];

/** Looking at EC2. These actions have no resources to name; the regions are what can be limited. */
export function mayLook(actions: readonly string[], regions: readonly string[]): Permission {
  return allow({
    sid: 'Look',
    actions: actions.map((action) => `ec2:Describe${action}`),
    resources: ['*'],
    conditions: { StringEquals: { 'aws:RequestedRegion': regions } },
    wildcardReason: 'EC2 Describe actions have no resource-level permissions.',
  });
}

/** Snapshots of volumes in the source region, always with our tag on them. */
export function maySnapshot(scope: EbsScope): readonly Permission[] {
  const ours = { [`aws:RequestTag/${VAULT_TAG}`]: scope.vault };
  return [
    allow({
      sid: 'SnapshotVolumes',
      actions: ['ec2:CreateSnapshot', 'ec2:CreateSnapshots'],
      // The instance carries the tag `backup=true`, its volumes need not, so no tag can be asked for here.
      // What limits it: this account, this region, that the snapshot must become one of this vault
      // (`SnapshotAsOurs`), and that a set needs a selected instance (`SnapshotSelectedInstances`).
      resources: [inAccount(scope, 'volume')],
      wildcardReason: 'Volumes are chosen by the tag of their instance, which IAM does not see on a volume.',
    }),
    deny({
      sid: 'NeverAnOptedOutVolume',
      // CreateSnapshot only: it names its one volume. Whether EC2 also asks about the volumes that a
      // CreateSnapshots call excludes is not documented, and such a volume must not fail its instance's set.
      actions: ['ec2:CreateSnapshot'],
      resources: [inAccount(scope, 'volume')],
      conditions: { StringEquals: { [`aws:ResourceTag/${SELECTION_TAG}`]: 'false' } },
      wildcardReason: 'Forbids; the wildcard makes it hold for every volume.',
    }),
    allow({
      sid: 'SnapshotSelectedInstances',
      actions: ['ec2:CreateSnapshots'],
      resources: [inAccount(scope, 'instance')],
      conditions: { StringEquals: { [`aws:ResourceTag/${SELECTION_TAG}`]: 'true' } },
      wildcardReason: 'Any instance can be tagged for backup; the condition asks for that tag.',
    }),
    allow({
      sid: 'SnapshotAsOurs',
      actions: ['ec2:CreateSnapshot', 'ec2:CreateSnapshots'],
      resources: [snapshots(scope, scope.sourceRegion)],
      conditions: { StringEquals: ours },
      wildcardReason: SNAPSHOT_IDS,
    }),
    allow({
      sid: 'TagWhileSnapshotting',
      actions: ['ec2:CreateTags'],
      resources: [snapshots(scope, scope.sourceRegion)],
      conditions: { StringEquals: { ...ours, 'ec2:CreateAction': ['CreateSnapshot', 'CreateSnapshots'] } },
      wildcardReason: SNAPSHOT_IDS,
    }),
  ];
}

/** Copies into the destinations, always with our tag on them. */
export function mayCopy(scope: EbsScope): readonly Permission[] {
  const ours = { [`aws:RequestTag/${VAULT_TAG}`]: scope.vault };
  const destinations = scope.destinationRegions.map((region) => snapshots(scope, region));
  return [
    allow({
      // Two statements, as EC2 authorises the source as well as the new snapshot, and the tags in the request
      // are those of the new one. EC2 offers no condition on the tags of the source.
      sid: 'CopyFromSource',
      actions: ['ec2:CopySnapshot'],
      resources: [snapshots(scope, scope.sourceRegion)],
      wildcardReason:
        'EC2 offers no tag condition for the source of a copy, and its id is not known beforehand.',
    }),
    allow({
      sid: 'CopyAsOurs',
      actions: ['ec2:CopySnapshot'],
      resources: destinations,
      conditions: { StringEquals: ours },
      wildcardReason: SNAPSHOT_IDS,
    }),
    allow({
      sid: 'TagWhileCopying',
      actions: ['ec2:CreateTags'],
      resources: destinations,
      conditions: { StringEquals: { ...ours, 'ec2:CreateAction': 'CopySnapshot' } },
      wildcardReason: SNAPSHOT_IDS,
    }),
    ...mayReEncrypt(scope),
  ];
}

/** Keys of encrypted snapshots, through EC2 only: those of the volumes, and those of the copies. */
function mayReEncrypt(scope: EbsScope): readonly Permission[] {
  const keys = allRegions(scope).map((region) => keyArn(scope, region));
  const wildcardReason =
    'Volumes are encrypted with keys that their owners choose, and a region has a default key; only EC2 can use them.';
  return [
    allow({
      sid: 'ReEncryptThroughEc2',
      actions: [
        'kms:DescribeKey',
        'kms:Decrypt',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      resources: keys,
      conditions: {
        StringEquals: { 'kms:ViaService': allRegions(scope).map((region) => `ec2.${region}.amazonaws.com`) },
      },
      wildcardReason,
    }),
    allow({
      sid: 'LetEbsUseTheKeys',
      actions: ['kms:CreateGrant'],
      resources: keys,
      conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      wildcardReason,
    }),
  ];
}

function keyArn(scope: EbsScope, region: string): string {
  const key = region === scope.sourceRegion ? '*' : (scope.kmsKeyIds[region] ?? '*');
  return key.startsWith('arn:') ? key : `arn:${scope.partition}:kms:${region}:${scope.account}:key/${key}`;
}

/**
 * Condemning, pardoning and deleting: only snapshots of this vault, and deleting only condemned ones that
 * nobody holds. The only tag it can write or remove is the one that condemns.
 */
export function mayPrune(scope: EbsScope): readonly Permission[] {
  const resources = allRegions(scope).map((region) => snapshots(scope, region));
  const ours = { [`aws:ResourceTag/${VAULT_TAG}`]: scope.vault };
  return [
    allow({
      sid: 'CondemnAndPardon',
      actions: ['ec2:CreateTags', 'ec2:DeleteTags'],
      resources,
      conditions: {
        StringEquals: ours,
        // ForAllValues is true of an empty set, and DeleteTags without keys would remove every tag.
        'ForAllValues:StringEquals': { 'aws:TagKeys': [CONDEMNED_TAG] },
        Null: { 'aws:TagKeys': 'false' },
      },
      wildcardReason: SNAPSHOT_IDS,
    }),
    allow({
      sid: 'DeleteCondemned',
      actions: ['ec2:DeleteSnapshot'],
      resources,
      conditions: { StringEquals: ours, Null: { [`aws:ResourceTag/${CONDEMNED_TAG}`]: 'false' } },
      wildcardReason: SNAPSHOT_IDS,
    }),
    deny({
      sid: 'NeverDeleteHeld',
      actions: ['ec2:DeleteSnapshot'],
      resources,
      conditions: { Null: { [`aws:ResourceTag/${HOLD_TAG}`]: 'false' } },
      wildcardReason: 'Forbids; the wildcard makes it hold for every snapshot.',
    }),
  ];
}
