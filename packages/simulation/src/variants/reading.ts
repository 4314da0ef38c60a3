// biome-ignore-all lint/suspicious/noTemplateCurlyInString: edits are pieces of source text
import { AGEING, several, type Variant } from './variant.ts';

const READS = 'packages/aws/src/snapshot-reads.ts';
const POINT = 'packages/core/src/point.ts';
const PAGES = 'packages/aws/src/paginate.ts';

const BY_VAULT = 'const common = [tagged(TAG.vault, [vault])];';
const IS_FOREIGN = "if (ownTag(tags, TAG.vault) !== vault) return { kind: 'foreign' };";

/** Whose a snapshot is, and whether all of a listing was read. */
export const READING_VARIANTS: readonly Variant[] = [
  {
    name: 'no-tag-check',
    why: 'takes every snapshot that has the other tags for ours: tools that deleted what was not theirs did so',
    breaks: ['I3'],
    edits: [
      { file: READS, find: BY_VAULT, replace: 'const common: Filter[] = [];' },
      { file: POINT, find: IS_FOREIGN, replace: '' },
    ],
    pack: 'calm',
    knobs: { ...AGEING, instances: [3, 3], foreignShare: 0.34 },
    from: 1,
    budget: 10,
  },
  {
    name: 'any-vault',
    why: 'asks whether the tag is there and not whose it is: one mark for the whole account',
    breaks: ['I3'],
    edits: [
      { file: READS, find: BY_VAULT, replace: "const common = [exactly('tag-key', [TAG.vault])];" },
      {
        file: POINT,
        find: IS_FOREIGN,
        replace: "if (ownTag(tags, TAG.vault) === undefined) return { kind: 'foreign' };",
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, instances: [3, 3], foreignShare: 0.34 },
    from: 1,
    budget: 10,
  },
  {
    name: 'first-page-only',
    why: 'takes the first page of a listing for all of it',
    breaks: ['I1', 'L1', 'L2', 'L3', 'I6'],
    edits: [
      {
        file: PAGES,
        find: "if (nextToken === undefined || nextToken === '') return items;",
        replace: 'return items;',
      },
    ],
    pack: 'calm',
    knobs: { instances: [3, 3], ec2: { pageSizeMax: 5 }, chances: { 'event-twice': 0.5 } },
    from: 1,
    budget: 10,
  },
  {
    name: 'repeated-token-is-the-end',
    why: 'a token that comes twice ends the listing without an error',
    breaks: ['I9'],
    edits: [
      {
        file: PAGES,
        find: "if (tokens.has(nextToken))\n      throw new AppError('CONTRACT', `${what}: page ${page} repeats a token; the list is not complete`);",
        replace: 'if (tokens.has(nextToken)) return items;',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, instances: [3, 3], ec2: { pageSizeMax: 5 }, chances: { 'repeated-token': 0.3 } },
    from: 1,
    budget: 10,
  },
  {
    name: 'failed-page-is-the-end',
    why: 'a page that cannot be had ends the listing without an error',
    breaks: ['I9'],
    edits: [
      {
        file: PAGES,
        find: 'const { items: more, nextToken } = await fetchPage(token);',
        replace:
          'const { items: more, nextToken } = await fetchPage(token).catch((error) => {\n' +
          '      if (page === 1) throw error;\n      return { items: [], nextToken: undefined };\n    });',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, instances: [3, 3], ec2: { pageSizeMax: 5 }, chances: { 'page-fails': 0.2 } },
    from: 1,
    budget: 10,
  },
  {
    name: 'unreadable-is-empty',
    why: 'fails open: a list of locks or images that cannot be had counts as empty',
    breaks: ['I9'],
    edits: [
      {
        file: 'packages/pruner/src/gather-inventory.ts',
        find: 'const locked = await store.listLockedSnapshotIds();',
        replace: 'const locked = await store.listLockedSnapshotIds().catch(() => new Set<never>());',
      },
      {
        file: 'packages/pruner/src/gather-inventory.ts',
        find: 'const inImages = await store.findSnapshotsInImages(snapshots.map((snapshot) => snapshot.id));',
        replace:
          'const inImages = await store.findSnapshotsInImages(snapshots.map((snapshot) => snapshot.id)).catch(() => new Set<never>());',
      },
    ],
    pack: 'calm',
    knobs: { ...AGEING, planned: several('action-denied', 30, 2) },
    from: 1,
    budget: 10,
  },
];
