/** Where a command writes and asks. Results go to standard output; everything else to standard error. */
export interface Terminal {
  /** A result, with a line end added. */
  out(text: string): void;
  /** A remark, a warning or an error, with a line end added. */
  err(text: string): void;
  /** Width of standard output; `undefined` when it is no terminal: then nothing is cut. */
  readonly columns: number | undefined;
  /** Standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Somebody sits there who can be asked. */
  readonly canAsk: boolean;
  /** Asks on standard error; no is the default. @throws `ExitPromptError` on Ctrl-C. */
  confirm(question: string): Promise<boolean>;
  /** Lets the person choose one, on standard error. @throws `ExitPromptError` on Ctrl-C. */
  choose(question: string, choices: readonly Choice[]): Promise<string>;
  /** A line on standard error that changes; nothing at all when that is no terminal. */
  startProgress(text: string): Progress;
  /** Empties the screen, for `--watch`; nothing when standard output is no terminal. */
  clear(): void;
}

/** Something to choose. */
export interface Choice {
  readonly value: string;
  /** What it is, beside the value; may be empty. */
  readonly about: string;
}

/** One line of progress. */
export interface Progress {
  update(text: string): void;
  /** Takes the line away. */
  end(): void;
}

/** Runs `work` with a line of progress that is gone afterwards, whatever happens. */
export async function withProgress<T>(
  terminal: Terminal,
  text: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = terminal.startProgress(text);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}
