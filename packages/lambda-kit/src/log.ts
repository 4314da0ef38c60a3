import type { Log, LogFields } from '@smart-vault/core';
import { toLogLine } from './log-line.ts';

/** Least important first. */
const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LEVELS)[number];

export interface LogOptions {
  /** Lines below it are dropped. Default: the environment's `LOG_LEVEL`, else `INFO`. */
  readonly level?: LogLevel;
  /** Takes one finished line without its line end. Default: standard output. */
  readonly write?: (line: string) => void;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number;
}

const isLevel = (value: unknown): value is LogLevel => LEVELS.some((level) => level === value);

// biome-ignore lint/style/noProcessEnv: the log must work before, and even when, the configuration is wrong
const levelOfEnvironment = (): unknown => process.env['LOG_LEVEL'];

const toStandardOutput = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * A log that writes one JSON object a line: `level`, `time`, `service`, `event`, then the fields.
 * A field of one of these four names is dropped, so that nothing logged can pass for another line's head.
 */
export function createLog(service: string, options: LogOptions = {}): Log {
  const { write = toStandardOutput, now = Date.now } = options;
  const wanted = options.level ?? levelOfEnvironment();
  const least = LEVELS.indexOf(isLevel(wanted) ? wanted : 'INFO');

  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}): void => {
      if (LEVELS.indexOf(level) < least) return;
      write(toLogLine({ level, time: new Date(now()).toISOString(), service, event }, fields));
    };
  return { debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
}
