import type { Region } from '@smart-vault/core';

/**
 * - `problem`  backups, copies, deletion or alarms do not work, or soon will not
 * - `warning`  something is not as it should be
 * - `note`     worth knowing, and often meant so: it does not count for the exit status
 */
export type Severity = 'problem' | 'warning' | 'note';

/** One thing that was found. */
export interface Finding {
  /** Id of the check that found it. */
  readonly check: string;
  readonly severity: Severity;
  /** null: it is about no region. */
  readonly region: Region | null;
  /** What was seen. */
  readonly what: string;
  /** What follows from it. */
  readonly means: string;
  /** What to do: a command that can be run as it is, where there is one. */
  readonly fix: string;
}

/** A finding before the table of checks has put its id on it. */
export type Found = Omit<Finding, 'check'>;

const NAMED_MAX = 5;

/** `a, b and 3 more`: as many as a person reads. */
export function named(ids: readonly string[], max = NAMED_MAX): string {
  const shown = ids.slice(0, max).join(', ');
  return ids.length > max ? `${shown} and ${ids.length - max} more` : shown;
}
