import { readFileSync } from 'node:fs';
import type { LocalCloud } from '@smart-vault/simulator';
import { expect } from 'vitest';
import type { Ended } from '../a-command.ts';
import { lettersIn } from './sample-cloud.ts';
import type { Truth } from './world-truth.ts';

/** A command line that was run, and the world before and after it. */
export interface Ran {
  readonly words: readonly string[];
  readonly ended: Ended;
  readonly cloud: LocalCloud;
  readonly before: Truth;
  readonly after: Truth;
  readonly lettersBefore: number;
}

const option = ({ words }: Ran, name: string): string | undefined =>
  words.includes(name) ? words[words.indexOf(name) + 1] : undefined;
const ids = ({ words }: Ran, prefix: string): readonly string[] =>
  words.filter((word) => word.startsWith(prefix));
const changesNothing = ({ before, after }: Ran): void => expect(after).toEqual(before);
const isDone = ({ ended }: Ran): void => expect([ended.status, ended.err]).toEqual([0, expect.any(String)]);

/** Exit status 0 or 1, and the same said in words. */
const verdict =
  (good: RegExp, bad: RegExp) =>
  (ran: Ran): void => {
    const { ended, words } = ran;
    expect([0, 1], ended.err).toContain(ended.status);
    if (!words.includes('--json')) expect(ended.out).toMatch(ended.status === 0 ? good : bad);
    changesNothing(ran);
  };

function run(ran: Ran): void {
  isDone(ran);
  const { ended, after, before, words } = ran;
  const [slot = ''] = /\d{4}-\d{2}-\d{2}T[\d:]+Z/.exec(ended.out + ended.err) ?? [];
  expect(before.snapshots.filter((each) => each.slot === slot)).toEqual([]);
  if (!words.includes('--wait')) return;
  expect(ended.out).toMatch(/is OK: (\d+) of \1 volumes protected, (\d+) of \2 copies good\./);
  const made = after.snapshots.filter((each) => each.slot === slot);
  expect(made.length).toBeGreaterThan(0);
  expect(made.every(({ state }) => state === 'completed')).toBe(true);
  for (const id of ids(ran, 'i-'))
    expect(made.every(({ tags }) => tags['smart-vault:instance'] === id)).toBe(true);
}

function points(ran: Ran): void {
  isDone(ran);
  changesNothing(ran);
  const { ended, after, words } = ran;
  const shown = words.includes('--json')
    ? JSON.parse(ended.out).points.length
    : Number(/^(\d+) points? of /m.exec(ended.out)?.[1]);
  expect(shown).toBeGreaterThan(0);
  const region = option(ran, '--region');
  const instance = option(ran, '--instance');
  const there = after.snapshots.filter(
    (each) =>
      (region === undefined || each.region === region) &&
      (instance === undefined || each.tags['smart-vault:instance'] === instance),
  );
  if (option(ran, '--at') === undefined) expect(shown).toBe(there.length);
  else expect(shown).toBeLessThanOrEqual(there.length);
}

function dlqList(ran: Ran): void {
  isDone(ran);
  expect(ran.ended.out).toContain(`${ran.lettersBefore} dead letter`);
  expect(lettersIn(ran.cloud)).toBe(ran.lettersBefore);
}

function dlqShow(ran: Ran): void {
  isDone(ran);
  for (const id of ids(ran, 'snap-')) expect(ran.ended.out).toContain(`About:     ${id}`);
  expect(lettersIn(ran.cloud)).toBe(ran.lettersBefore);
}

function dlqRedrive(ran: Ran): void {
  isDone(ran);
  const { ended, words, cloud, lettersBefore } = ran;
  if (words.includes('--dry-run')) {
    expect(ended.out).toContain(`${lettersBefore} letter`);
    expect(lettersIn(cloud)).toBe(lettersBefore);
  } else {
    expect(ended.out).toContain(`${lettersBefore} letter`);
    expect(lettersIn(cloud)).toBe(0);
  }
}

function dlqDiscard(ran: Ran): void {
  isDone(ran);
  // None of the letters that `copy-denied` makes is permanent.
  expect(ran.ended.out).toContain('nothing to discard');
  expect(lettersIn(ran.cloud)).toBe(ran.lettersBefore);
}

function hold(ran: Ran): void {
  isDone(ran);
  const held = ran.after.snapshots.filter(({ id }) => ids(ran, 'snap-').includes(id));
  expect(held).toHaveLength(ids(ran, 'snap-').length);
  for (const { tags } of held) {
    expect(tags['backup:hold']).toContain(option(ran, '--until'));
    expect(tags['backup:hold-reason']).toBe(option(ran, '--reason'));
  }
}

function release(ran: Ran): void {
  isDone(ran);
  const { before, after } = ran;
  const tagsIn = ({ snapshots }: Truth) =>
    snapshots.filter(({ id }) => ids(ran, 'snap-').includes(id)).map(({ tags }) => tags['backup:hold']);
  expect(tagsIn(before)).toEqual([expect.stringMatching(/^20/)]);
  expect(tagsIn(after)).toEqual([undefined]);
}

interface PlanFile {
  readonly decisions: readonly { readonly kind: string; readonly snapshotId: string }[];
}
const planIn = (file: string): PlanFile => JSON.parse(readFileSync(file, 'utf8')) as PlanFile;

function prunePlan(ran: Ran): void {
  isDone(ran);
  changesNothing(ran);
  const { ended, after } = ran;
  expect(ended.out).toContain(`${after.snapshots.length} snapshots in us-east-1, eu-west-1`);
  const file = option(ran, '--out');
  if (file !== undefined) expect(planIn(file).decisions).toHaveLength(after.snapshots.length);
}

function pruneApply(ran: Ran): void {
  isDone(ran);
  if (ran.words.includes('--dry-run')) {
    changesNothing(ran);
    return;
  }
  const { decisions } = planIn(option(ran, '--plan') ?? '');
  const planned = (kind: string) =>
    decisions.filter((each) => each.kind === kind).map(({ snapshotId }) => snapshotId);
  const condemned = ({ snapshots }: Truth) =>
    snapshots.filter(({ tags }) => tags['smart-vault:condemned-at'] !== undefined).map(({ id }) => id);
  const { before, after } = ran;
  const stay = before.snapshots.map(({ id }) => id).filter((id) => !planned('delete').includes(id));
  expect(after.snapshots.map(({ id }) => id)).toEqual(stay);
  expect(condemned(after).filter((id) => !condemned(before).includes(id))).toEqual(planned('condemn'));
  // The old one that the example before it releases.
  expect(condemned(after)).toContain('snap-0123456789abcdef0');
}

function restorePlan(ran: Ran): void {
  changesNothing(ran);
  const { ended } = ran;
  expect(ended.out).toMatch(/^(Launch|Make) /);
  expect(ended.out).not.toContain('In the way');
  expect(ended.status).toBe(ended.out.includes('To be told') ? 1 : 0);
}

function restoreApply(ran: Ran): void {
  isDone(ran);
  const { ended, words, before, after, cloud } = ran;
  if (words.includes('--dry-run')) {
    expect(ended.out).toContain('Dry run: nothing was changed.');
    expect(ended.out).not.toContain('refused:');
    changesNothing(ran);
    return;
  }
  const [, subject, made = ''] = /^Restored (\S+) as of \S+: (.+) in \S+\.$/m.exec(ended.out) ?? [];
  expect(subject).toBe(option(ran, '--instance') ?? option(ran, '--volume'));
  // Nothing is lost and nothing is left over: points, images, and every volume that was there.
  expect(after.snapshots.map(({ id }) => id)).toEqual(
    expect.arrayContaining(before.snapshots.map(({ id }) => id)),
  );
  expect(after.images).toEqual(before.images);
  expect(Object.keys(after.places)).toEqual(expect.arrayContaining(Object.keys(before.places)));
  const [, launched, volumes] = /^(i-\w+) with (\d+) volumes$/.exec(made) ?? [];
  if (launched !== undefined) {
    const instance = after.instances.find(({ id }) => id === launched);
    expect(instance?.region).toBe(option(ran, '--region') ?? cloud.settings.sourceRegion);
    expect(instance?.devices).toHaveLength(Number(volumes));
    return;
  }
  const device = option(ran, '--device') ?? '/dev/';
  const isAttached = words.includes('--replace') || words.includes('--attach');
  for (const id of made.split(' ')) expect(after.places[id]).toMatch(isAttached ? device : /^$/);
  if (words.includes('--replace')) for (const id of ids(ran, 'vol-')) expect(after.places[id]).toBe('');
}

/** What a line of each command has to come to, by the world's own truth. A new command needs a check before its first example. */
export const CHECKS: Readonly<Record<string, (ran: Ran) => void>> = {
  status: verdict(/^HEALTHY/, /^ATTENTION/),
  run,
  points,
  'dlq list': dlqList,
  'dlq show': dlqShow,
  'dlq redrive': dlqRedrive,
  'dlq discard': dlqDiscard,
  hold,
  release,
  'prune plan': prunePlan,
  'prune apply': pruneApply,
  'restore plan': restorePlan,
  'restore apply': restoreApply,
  doctor: verdict(/^HEALTHY/, /^ATTENTION/),
  forecast: verdict(/^FEASIBLE/, /^NOT FEASIBLE/),
  completion: (ran) => {
    isDone(ran);
    expect(ran.ended.out).toContain('smart-vault');
  },
};
