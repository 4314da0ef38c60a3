import type { FailureClass } from '@smart-vault/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DeadLetterView } from './dead-letters.ts';

/** Classes that can be named; a letter without a recorded cause counts as retryable: its function just died. */
const CLASSES = ['retryable', 'configuration', 'permanent', 'all'] as const;
type NamedClass = (typeof CLASSES)[number];

/** Which letters are meant: those of the classes, or those with an id; with neither, what may succeed. */
export interface Choice {
  readonly class: readonly NamedClass[];
  readonly id: readonly string[];
}

/** The options as they come; several times the same one adds up. */
export interface ChoiceOptions {
  readonly class?: readonly NamedClass[];
  readonly id?: readonly string[];
}

export const choiceOf = ({ class: named = [], id = [] }: ChoiceOptions): Choice => ({ class: named, id });

/**
 * What is meant by a redrive: there `retryable` is all that may succeed when it is sent again, and so takes in what failed
 * for a configuration that somebody has mended since. (Sent too early it dies once more, and nothing is lost.)
 */
export function redriveChoiceOf(options: ChoiceOptions): Choice {
  const choice = choiceOf(options);
  return choice.class.includes('retryable')
    ? { ...choice, class: [...choice.class, 'configuration'] }
    : choice;
}

/** Adds `--class` and `--id`. */
export function addChoiceOptions(command: Command): void {
  const byClass = new Option('--class <class>', 'only letters of a class; several with commas');
  // `choices` tells the completions and the help; the parser after it takes lists too.
  byClass.choices(CLASSES).argParser(classes);
  const byId = new Option('--id <id>', 'only this letter: its id, or a volume or snapshot that it is about');
  command.addOption(byClass).addOption(byId.argParser(ids));
}

function classes(value: string, before: unknown): readonly NamedClass[] {
  const words = value.split(',').map((word) => word.trim());
  const found = words.map((word) => CLASSES.find((each) => each === word));
  if (found.includes(undefined)) throw new InvalidArgumentError(`Allowed: ${CLASSES.join(', ')}.`);
  return [...((before as readonly NamedClass[]) ?? []), ...(found as NamedClass[])];
}

const ids = (value: string, before: unknown): readonly string[] => [
  ...((before as readonly string[]) ?? []),
  ...value.split(',').map((id) => id.trim()),
];

/** Somebody said which letters. */
export const isNamed = ({ class: named, id }: Choice): boolean => named.length > 0 || id.length > 0;

/** Every letter, without a look at any of them. */
export const isAll = ({ class: named, id }: Choice): boolean => named.includes('all') && id.length === 0;

/** A letter's class, with the one of letters without a cause. */
export const classOf = ({ failureClass }: Pick<DeadLetterView, 'failureClass'>): FailureClass =>
  failureClass === 'unknown' ? 'retryable' : failureClass;

/** Whether this letter is meant. With both, class and id must fit. Permanent ones only when they are named. */
export function isChosen(letter: DeadLetterView, choice: Choice): boolean {
  const byId = choice.id.length === 0 || hasId(letter, choice.id);
  const own = classOf(letter);
  const byClass =
    choice.class.length > 0
      ? choice.class.includes('all') || choice.class.includes(own)
      : choice.id.length > 0 || own !== 'permanent';
  return byId && byClass;
}

/** Why nothing was done: no letter is meant, and of which classes those are that there are. */
export function noneMeant(others: readonly DeadLetterView[], verb: 'redrive' | 'discard'): string {
  const none = `No such dead letter: nothing to ${verb}.`;
  if (others.length === 0) return none;
  const counts = CLASSES.map(
    (name) => [others.filter((each) => classOf(each) === name).length, name] as const,
  );
  const there = counts.flatMap(([n, name]) => (n > 0 ? [`${n} ${name}`] : []));
  return `${none} There are others: ${there.join(', ')}; --class names them.`;
}

/** The beginning of a message id is enough, from eight characters on. */
export const hasId = ({ messageId, subjects }: DeadLetterView, wanted: readonly string[]): boolean =>
  wanted.some(
    (id) => messageId === id || (id.length >= 8 && messageId.startsWith(id)) || subjects.includes(id),
  );
