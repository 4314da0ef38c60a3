import { CREATING_VARIANTS } from './creating.ts';
import { DELETING_VARIANTS } from './deleting.ts';
import { READING_VARIANTS } from './reading.ts';
import { TELLING_VARIANTS } from './telling.ts';
import type { Variant } from './variant.ts';

/** Versions of the functions that are known to be bad. One that is not caught within its budget fails the tests. */
export const VARIANTS: readonly Variant[] = [
  ...READING_VARIANTS,
  ...CREATING_VARIANTS,
  ...DELETING_VARIANTS,
  ...TELLING_VARIANTS,
];
