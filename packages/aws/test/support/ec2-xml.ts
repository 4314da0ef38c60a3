interface SnapshotXml {
  readonly id: string;
  readonly volumeId?: string;
  readonly state?: string;
  readonly extra?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** One `<item>` of DescribeSnapshots, in EC2's own element names. */
export function snapshotXml({
  id,
  volumeId = 'vol-033bb51d90d7fbc9f',
  state = 'completed',
  extra = '',
  tags,
}: SnapshotXml) {
  return (
    `<snapshotId>${id}</snapshotId><volumeId>${volumeId}</volumeId><status>${state}</status>` +
    `<startTime>2026-09-25T16:43:33.137Z</startTime><progress/><ownerId>917546008205</ownerId>${extra}${tagSetXml(tags)}`
  );
}

/** One `<item>` of CreateSnapshots, where the state has another name. */
export const snapshotInfoXml = (snapshot: SnapshotXml): string =>
  snapshotXml(snapshot).replace(/<(\/?)status>/g, '<$1state>');

export const tagSetXml = (tags: Readonly<Record<string, string>> | undefined): string =>
  tags === undefined
    ? ''
    : `<tagSet>${Object.entries(tags)
        .map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`)
        .join('')}</tagSet>`;

export const items = (...contents: readonly string[]): string =>
  contents.map((content) => `<item>${content}</item>`).join('');

export const snapshotSet = (...snapshots: readonly string[]): string =>
  `<snapshotSet>${items(...snapshots)}</snapshotSet>`;
export const nextToken = (token: string): string => `<nextToken>${token}</nextToken>`;
