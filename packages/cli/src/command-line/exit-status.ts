/** What the shell is told. */
export const EXIT = {
  /** Healthy, or done. */
  done: 0,
  /** Something wants attention, or the command refused. */
  attention: 1,
  /** The question could not be answered: wrong usage, no such vault, no access, no answer. */
  unanswered: 2,
  /** Ended by Ctrl-C, as shells have it. */
  interrupted: 130,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
