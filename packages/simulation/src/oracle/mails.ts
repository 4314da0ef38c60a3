import type { LogFields } from '@smart-vault/core';

/** What a person reads at the top of a digest. */
export interface MailHead {
  readonly status: string;
  readonly protectedCount: number;
  readonly selectedCount: number;
}

/** What a report says of one copy. */
export interface CopyOutcome {
  readonly region: string;
  readonly state: string;
  readonly problem?: string;
}

/** What the reporter found out about one volume, as it wrote it into its log. */
interface Outcome {
  readonly volumeId: string;
  readonly snapshot: string;
  readonly problem: string | undefined;
  readonly copies: readonly CopyOutcome[];
}

const TITLE =
  /^Smart Vault (OK|PARTIAL|FAILED|IN PROGRESS): (\d+) of (\d+) volumes, \d{4}-\d\d-\d\d \d\d:\d\d UTC$/;
/** Volumes that a mail names; the others are counted. */
const NAMED_MAX = 50;
const OFF: ReadonlySet<string> = new Set(['gone', 'excluded']);

/** The head of a digest; `undefined` when its first line is none. */
export function headOf(message: string): MailHead | undefined {
  const [, status, protectedCount, selectedCount] = TITLE.exec(message.split('\n', 1)[0] ?? '') ?? [];
  if (status === undefined) return undefined;
  return {
    status: status.replace(' ', '_'),
    protectedCount: Number(protectedCount),
    selectedCount: Number(selectedCount),
  };
}

/**
 * What is wrong with the mail about a run, each in words: it must say what the reporter has found out of every volume,
 * which is held against the truth elsewhere.
 */
export function wrongMail(subject: string, message: string, told: readonly LogFields[]): readonly string[] {
  const head = headOf(message);
  const title = message.split('\n', 1)[0] ?? '';
  if (head === undefined) return [`its first line is ${JSON.stringify(title)}`];
  const outcomes = told.map(outcomeOf);
  const owed = outcomes.filter(({ snapshot }) => !OFF.has(snapshot));
  const lacking = owed.filter((each) => !isProtected(each));
  const isFailed = owed.every(({ snapshot }) => snapshot !== 'good');
  const wrong = (what: string, said: unknown, truth: unknown): readonly string[] =>
    said === truth ? [] : [`${what}: the mail says ${String(said)}, the reporter found ${String(truth)}`];
  return [
    ...wrong('subject', subject, title),
    ...wrong('volumes', head.selectedCount, owed.length),
    ...wrong('protected volumes', head.protectedCount, owed.length - lacking.length),
    ...wrong('a failed run', head.status === 'FAILED', owed.length > 0 ? isFailed : head.status === 'FAILED'),
    ...(head.status === 'OK' && lacking.length > 0 ? [`it says OK, and ${lacking[0]?.volumeId} is not`] : []),
    ...wrongTotals(message, owed),
    ...wrongSection(message, 'NOT PROTECTED', lacking),
    ...wrongSection(
      message,
      'NO LONGER THERE',
      outcomes.filter(({ snapshot }) => snapshot === 'gone'),
    ),
    ...wrongSection(
      message,
      'LEFT OUT ON PURPOSE',
      outcomes.filter(({ snapshot }) => snapshot === 'excluded'),
    ),
    ...withoutReason(message, lacking),
  ];
}

/** The two lines of totals: good snapshots and good copies, of so many. */
function wrongTotals(message: string, owed: readonly Outcome[]): readonly string[] {
  if (owed.length === 0) return [];
  const copies = owed.flatMap((each) => each.copies);
  const isGood = (each: { readonly state: string }): boolean => each.state === 'good';
  const snapshots = owed.filter(({ snapshot }) => snapshot === 'good').length;
  return [
    `Snapshots: ${snapshots} of ${owed.length} good`,
    `Copies:    ${copies.filter(isGood).length} of ${copies.length} good`,
  ]
    .filter((line) => !new RegExp(`^${line}[.,]`, 'm').test(message))
    .map((line) => `there is no line "${line}"`);
}

const outcomeOf = (fields: LogFields): Outcome => ({
  volumeId: String(fields['volumeId']),
  snapshot: String(fields['snapshot']),
  problem: fields['problem'] === undefined ? undefined : String(fields['problem']),
  copies: (fields['copies'] ?? []) as readonly CopyOutcome[],
});

const isProtected = ({ snapshot, copies }: Outcome): boolean =>
  snapshot === 'good' && copies.every(({ state }) => state === 'good');

/** The lines below a title, to the next empty one; `undefined` without such a title. */
function linesBelow(message: string, title: string): readonly string[] | undefined {
  const lines = message.split('\n');
  const start = lines.indexOf(title);
  if (start < 0) return undefined;
  const end = lines.indexOf('', start);
  return lines.slice(start + 1, end < 0 ? lines.length : end);
}

/** Each of these volumes is named, or, of very many, so many that a person sees what is the matter. */
function wrongSection(message: string, title: string, volumes: readonly Outcome[]): readonly string[] {
  if (volumes.length === 0)
    return message.includes(`\n${title} (`) ? [`it has a section ${title}, and there is none`] : [];
  const section = linesBelow(message, `${title} (${volumes.length})`);
  if (section === undefined) return [`there is no section "${title} (${volumes.length})"`];
  const named = volumes.filter(({ volumeId }) => section.some((line) => line.includes(`${volumeId} of i-`)));
  const expected = Math.min(NAMED_MAX, volumes.length);
  return named.length >= expected
    ? []
    : [`below ${title} it names ${named.length} of ${volumes.length} volumes`];
}

/** What keeps a volume from being protected stands above it, in words. */
function withoutReason(message: string, lacking: readonly Outcome[]): readonly string[] {
  const reasons = reasonsByVolume(linesBelow(message, `NOT PROTECTED (${lacking.length})`) ?? []);
  return lacking.flatMap((outcome) => {
    const said = reasons.get(outcome.volumeId);
    if (said === undefined) return [];
    return causesOf(outcome)
      .filter(({ what, why }) => !said.some((line) => tells(line, what, why)))
      .map(({ what }) => `above ${outcome.volumeId} it does not say "${what}" and why`);
  });
}

/** The mail tells once what several volumes have in common, with a star for each one's ids. */
const withoutIds = (text: string): string => text.replaceAll(/\b(snap|vol|i|ami)-[0-9a-f*]+/g, '$1-*');

/** Enough of a reason to know it by; its end may be cut. */
const REASON_START = 40;

const tells = (line: string, what: string, why: string | undefined): boolean =>
  line.startsWith(what) &&
  (why === undefined ||
    withoutIds(line).startsWith(withoutIds(`${what}: ${why}`).slice(0, what.length + REASON_START)));

const causesOf = ({ snapshot, problem, copies }: Outcome) =>
  snapshot === 'good'
    ? copies
        .filter(({ state }) => state !== 'good')
        .map(({ region, state, problem: why }) => ({ what: `copy to ${region} ${state}`, why }))
    : [{ what: `snapshot ${snapshot}`, why: problem }];

/** A section has reasons, indented by two, and below them their volumes, indented by four. */
function reasonsByVolume(section: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let reasons: string[] = [];
  let isOpen = false;
  for (const line of section) {
    const isVolume = line.startsWith('    ');
    if (!isVolume && !isOpen) reasons = [];
    isOpen = !isVolume;
    if (!isVolume) reasons.push(line.trim());
    else found.set(/vol-[0-9a-f]+/.exec(line)?.[0] ?? '', reasons);
  }
  return found;
}
