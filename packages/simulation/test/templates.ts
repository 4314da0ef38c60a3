import { templatesOf } from '../src/templates.ts';

/** Synthesized once for all tests of a file. */
export const templates = templatesOf();
