import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { FaultId } from './chaos.ts';
import type { PackName, WorldKnobs } from './packs.ts';

/** A seed that once broke a promise, and is run for ever. */
export interface CorpusEntry {
  readonly pack: PackName;
  readonly seed: number;
  /** Knobs that differ from those of the seed: the shrunk world. */
  readonly knobs?: Partial<WorldKnobs>;
  /** Faults that are suppressed. */
  readonly mask?: readonly FaultId[];
  readonly promise: string;
  /** What was wrong, in one line. */
  readonly cause: string;
}

/** Seeds that once failed. */
const CORPUS_FILE = new URL('../corpus.json', import.meta.url);

export function readCorpus(file: URL | string = CORPUS_FILE): readonly CorpusEntry[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly CorpusEntry[]) : [];
}

export function writeEntry(file: string, entry: CorpusEntry): void {
  writeFileSync(file, `${JSON.stringify(entry, null, 2)}\n`);
}
