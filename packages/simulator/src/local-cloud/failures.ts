import type { LocalCloud } from './cloud.ts';

/** Something that failed, as often as it did, with what is known about why. */
export interface Failure {
  readonly where: string;
  readonly count: number;
  readonly why: string;
  readonly examples: readonly string[];
}

const EXAMPLES = 3;

/** What failed and why: dead letters by cause, snapshots in error, failed invocations. Most frequent first. */
export function failuresOf(cloud: LocalCloud): readonly Failure[] {
  const found = new Map<string, { where: string; why: string; count: number; examples: string[] }>();
  const add = (where: string, why: string, example: string): void => {
    const key = `${where}\n${why}`;
    const same = found.get(key) ?? { where, why, count: 0, examples: [] };
    same.count += 1;
    if (same.examples.length < EXAMPLES && example !== '') same.examples.push(example);
    found.set(key, same);
  };
  for (const queue of cloud.deadLetterQueues()) {
    for (const { attributes, body, receiveCount } of cloud.queues.messages(queue)) {
      const cause =
        attributes['smart-vault.cause'] ?? attributes['ERROR_MESSAGE'] ?? attributes['ErrorMessage'];
      const why = cause === undefined ? `received ${receiveCount} times without success` : withoutIds(cause);
      add(`dead letter in ${queue}`, why, attributes['smart-vault.subject'] ?? body.slice(0, 80));
    }
  }
  for (const snapshot of cloud.history.present()) {
    if (snapshot.state !== 'error') continue;
    const what = snapshot.originalId === undefined ? 'snapshot' : 'copy';
    add(`${what} in error in ${snapshot.region}`, snapshot.stateMessage ?? 'no reason given', snapshot.id);
  }
  for (const [name, { failed, lastError }] of cloud.history.invocations) {
    if (failed > 0) {
      const why = lastError ?? 'unknown';
      found.set(name, { where: `invocation of ${name}`, why: withoutIds(why), count: failed, examples: [] });
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

/** The same cause on different resources is one cause. */
const withoutIds = (text: string): string =>
  text
    .replace(/\b(snap|vol|i)-[0-9a-f]{8,17}\b/g, '$1-…')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '…')
    .split('\n')[0]
    ?.slice(0, 400) ?? '';
