import { isRegion, type Region } from './ids.ts';
import type { Tags } from './model.ts';
import type { Policy } from './policy.ts';
import { escapeField, unescapeField } from './tag-text.ts';

/** How a vault is set up, as far as a tool outside of it needs to know: what `cdk.json` said when it was deployed. */
export interface VaultSettings {
  readonly sourceRegion: Region;
  readonly destinations: readonly Region[];
  /** Name of the policy that the functions serve. */
  readonly policy: string;
  /** EventBridge Scheduler expression of the runs, and its time zone. */
  readonly schedule: string;
  readonly timezone: string;
  readonly consistency: Policy['consistency'];
  readonly retentionDays: number;
  readonly keepMin: number;
  readonly graceHours: number;
  readonly deletesPerRunMax: number;
  /** 0 to 1. */
  readonly deleteShareMax: number;
  readonly prunerMode: 'live' | 'dry-run';
  /** A volume whose newest point is older than this is late. */
  readonly rpoHours: number;
  /** Hours after a run's start at which it is over whatever its state. */
  readonly runDeadlineHours: number;
  /** Quota of pending snapshots that the snapshotter keeps to. */
  readonly pendingSnapshotsMax: number;
  /** Quota of copies in flight to one destination that the copier keeps to. */
  readonly copiesInFlightMax: number;
  /** Keys for the copies of encrypted snapshots, by destination; a region's default key where there is none. */
  readonly kmsKeyIds: Readonly<Record<string, string>>;
}

const PREFIX = 'smart-vault:';
const KEY_PREFIX = `${PREFIX}kms-key:`;

type Plain = Omit<VaultSettings, 'kmsKeyIds'>;
interface Codec<T> {
  readonly tag: string;
  write(value: T): string;
  /** `undefined` for what it did not write. */
  read(text: string): T | undefined;
}

const text = (tag: string): Codec<string> => ({ tag, write: escapeField, read: (it) => unescapeField(it) });
const number = (tag: string): Codec<number> => ({
  tag,
  write: String,
  read: (it) => (/^\d+(?:\.\d+)?$/.test(it) ? Number(it) : undefined),
});
const word = <W extends string>(tag: string, words: readonly W[]): Codec<W> => ({
  tag,
  write: (it) => it,
  read: (it) => words.find((each) => each === it),
});

const CODECS: { readonly [K in keyof Plain]: Codec<Plain[K]> } = {
  sourceRegion: { tag: 'source-region', write: (it) => it, read: (it) => (isRegion(it) ? it : undefined) },
  destinations: {
    tag: 'destinations',
    write: (it) => it.join(' '),
    read: (it) => {
      const words = it.split(' ').filter((each) => each !== '');
      return words.every(isRegion) ? (words as readonly Region[]) : undefined;
    },
  },
  policy: text('policy'),
  schedule: text('schedule'),
  timezone: text('timezone'),
  consistency: word('consistency', ['instance', 'volume']),
  retentionDays: number('retention-days'),
  keepMin: number('keep-min'),
  graceHours: number('grace-hours'),
  deletesPerRunMax: number('deletes-per-run-max'),
  deleteShareMax: number('delete-share-max'),
  prunerMode: word('pruner-mode', ['live', 'dry-run']),
  rpoHours: number('rpo-hours'),
  runDeadlineHours: number('run-deadline-hours'),
  pendingSnapshotsMax: number('pending-snapshots-max'),
  copiesInFlightMax: number('copies-in-flight-max'),
};

/**
 * Settings as tags of a queue, from which the operator's command learns them in either region. SQS allows letters,
 * digits, space and `_ . : / = + - @` in a value, so whatever else a schedule has is escaped.
 */
export function encodeSettings(settings: VaultSettings): Tags {
  const plain = Object.entries(CODECS).map(([name, codec]) => [
    PREFIX + codec.tag,
    (codec as Codec<unknown>).write(settings[name as keyof Plain]),
  ]);
  const keys = Object.entries(settings.kmsKeyIds).map(([region, key]) => [KEY_PREFIX + region, key]);
  return Object.fromEntries([...plain, ...keys]);
}

/** What the tags tell; what is missing or cannot be read is left out. Never throws. */
export function decodeSettings(tags: Tags): Partial<VaultSettings> {
  const plain = Object.entries(CODECS).flatMap(([name, codec]) => {
    const key = PREFIX + codec.tag;
    const value = Object.hasOwn(tags, key) ? codec.read(tags[key] ?? '') : undefined;
    return value === undefined ? [] : [[name, value]];
  });
  const keys = Object.entries(tags).filter(([key]) => key.startsWith(KEY_PREFIX));
  if (plain.length === 0 && keys.length === 0) return {};
  return {
    ...Object.fromEntries(plain),
    kmsKeyIds: Object.fromEntries(keys.map(([key, value]) => [key.slice(KEY_PREFIX.length), value])),
  };
}
