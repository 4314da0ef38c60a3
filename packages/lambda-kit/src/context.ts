import type { Clock, Log, LogFields } from '@smart-vault/core';

/** What every piece of work gets from the invocation that runs it. */
export interface JobContext {
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds until Lambda ends the invocation. */
  remainingMs(): number;
}

/** The same log with these fields on every line; a line's own field wins. */
export function withFields(log: Log, base: LogFields): Log {
  return {
    debug: (event, fields) => log.debug(event, { ...base, ...fields }),
    info: (event, fields) => log.info(event, { ...base, ...fields }),
    warn: (event, fields) => log.warn(event, { ...base, ...fields }),
    error: (event, fields) => log.error(event, { ...base, ...fields }),
  };
}
