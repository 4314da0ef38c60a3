import { isVolumeId, type VolumeId } from './ids.ts';
import type { Tags } from './model.ts';
import { TAG, TAG_LIMITS } from './tag-names.ts';
import { chunkedWords, chunkTags, escapeField, packWords, unescapeField } from './tag-text.ts';

/** What a restore needs to know of one volume. */
export interface VolumeSpec {
  readonly volumeId: VolumeId;
  /** As in the instance's device map, such as `/dev/xvda`. */
  readonly deviceName: string;
  readonly volumeType: string;
  readonly sizeGiB: number;
  readonly iops?: number;
  /** MiB/s. */
  readonly throughput?: number;
  readonly encrypted: boolean;
  /** Key of the source region. */
  readonly kmsKeyId?: string;
  readonly root: boolean;
  readonly deleteOnTermination: boolean;
}

const DEV = '/dev/';
const KEY_ID = /^[\w:/.+=@-]{1,256}$/;

/**
 * The volume map of a unit as tags: `smart-vault:volumes`, `-2`, … and the KMS keys they refer to by index.
 *
 * `CreateSnapshots` puts the same tags on every member of a set, so what differs between members has to be in a map
 * that they all carry. One entry is
 * `<volume id without vol->:<device without /dev/>:<type>:<size>:<iops or ->:<throughput or ->:<flags>` with the
 * flags `r` root, `d` delete on termination, `e` encrypted (and the index of its key), `-` for none.
 *
 * 128 volumes take at most 32 tags. When the keys do not fit into `tagsMax` the last ones are left out: an encrypted
 * snapshot knows its own key, so a restore works without.
 */
export function encodeVolumeMap(volumes: readonly VolumeSpec[], tagsMax: number): Tags {
  const keys = [...new Set(volumes.flatMap((volume) => keyOf(volume)))];
  const entries = volumes.map((volume) => encodeEntry(volume, keys));
  const map = chunkTags(TAG.volumes, packWords(entries, ' ', TAG_LIMITS.valueLength), tagsMax);
  const room = tagsMax - Object.keys(map).length;
  return { ...map, ...chunkTags(TAG.keys, packWords(keys, ' ', TAG_LIMITS.valueLength), room) };
}

/** Reads a volume map. Entries that cannot be read are left out; it never throws. */
export function decodeVolumeMap(tags: Tags): readonly VolumeSpec[] {
  const keys = chunkedWords(tags, TAG.keys);
  return chunkedWords(tags, TAG.volumes).flatMap((entry) => decodeEntry(entry, keys));
}

const keyOf = (volume: VolumeSpec): readonly string[] =>
  volume.encrypted && volume.kmsKeyId !== undefined && KEY_ID.test(volume.kmsKeyId) ? [volume.kmsKeyId] : [];

function encodeEntry(volume: VolumeSpec, keys: readonly string[]): string {
  const [key] = keyOf(volume);
  const flags = [
    volume.root ? 'r' : '',
    volume.deleteOnTermination ? 'd' : '',
    volume.encrypted ? `e${key === undefined ? '' : keys.indexOf(key)}` : '',
  ].join('');
  return [
    volume.volumeId.slice('vol-'.length),
    encodeDevice(volume.deviceName),
    escapeField(volume.volumeType),
    volume.sizeGiB,
    volume.iops ?? '-',
    volume.throughput ?? '-',
    flags || '-',
  ].join(':');
}

/** Windows devices are called `xvdf`, without `/dev/`: a leading `=` says so. */
const encodeDevice = (name: string): string =>
  name.startsWith(DEV) ? escapeField(name.slice(DEV.length)) : `=${escapeField(name)}`;

const decodeDevice = (text: string): string =>
  text.startsWith('=') ? unescapeField(text.slice(1)) : DEV + unescapeField(text);

function decodeEntry(entry: string, keys: readonly string[]): readonly VolumeSpec[] {
  const [id, device, volumeType, size, iops, throughput, flags] = entry.split(':');
  const volumeId = `vol-${id}`;
  const flag = /^(?:-|(r?)(d?)(?:(e)(\d*))?)$/.exec(flags ?? '');
  if (!isVolumeId(volumeId) || device === undefined || !volumeType || flag === null) return [];
  if (size === undefined || !/^\d+$/.test(size)) return [];
  const kmsKeyId = flag[4] ? keys[Number(flag[4])] : undefined;
  return [
    {
      volumeId,
      deviceName: decodeDevice(device),
      volumeType: unescapeField(volumeType),
      sizeGiB: Number(size),
      ...optionalNumber('iops', iops),
      ...optionalNumber('throughput', throughput),
      encrypted: flag[3] === 'e',
      ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
      root: flag[1] === 'r',
      deleteOnTermination: flag[2] === 'd',
    },
  ];
}

function optionalNumber<K extends string>(key: K, text: string | undefined): { [P in K]?: number } {
  const known = text !== undefined && /^\d+$/.test(text);
  return (known ? { [key]: Number(text) } : {}) as { [P in K]?: number };
}
