import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Variant } from './variant.ts';

const ROOT = new URL('../../../../', import.meta.url).href;
const PARAMETER = 'variant';
/** Packages that a variant has copies of its own of: all that a function consists of, and what opens the functions. */
const OWN =
  /^packages\/(aws|copier|core|lambda-kit|pruner|reconciler|reporter|scheduler|simulation|snapshotter)\/src\//;

/** The URL of a module as a variant has it: a module of its own, with modules of its own behind it. */
export const urlOf = (url: string, variant: string): string => `${url}?${PARAMETER}=${variant}`;

const variantOf = (url: string | undefined): string | undefined =>
  url === undefined ? undefined : (new URLSearchParams(url.split('?')[1] ?? '').get(PARAMETER) ?? undefined);

/** The path below the project's root, with slashes; `undefined` for what is elsewhere. */
const pathOf = (url: string): string | undefined =>
  url.startsWith(ROOT) ? decodeURIComponent(url.slice(ROOT.length).split('?')[0] ?? '') : undefined;

/**
 * Lets Node load modules as a variant has them: whatever is imported by a module of a variant belongs to the variant too,
 * and its edits are made before its types are stripped. What is installed is loaded once for all variants.
 */
export function loadVariants(variants: readonly Variant[]): void {
  const known = new Map(variants.map((variant) => [variant.name, variant]));
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const found = nextResolve(specifier, context);
      const name = variantOf(context.parentURL);
      if (name === undefined || variantOf(found.url) !== undefined || !OWN.test(pathOf(found.url) ?? ''))
        return found;
      return { ...found, url: urlOf(found.url, name) };
    },
    load(url, context, nextLoad) {
      const name = variantOf(url);
      if (name === undefined) return nextLoad(url, context);
      const path = pathOf(url) ?? '';
      const source = readFileSync(fileURLToPath(url.split('?')[0] ?? ''), 'utf8');
      const changed = changedSource(source, path, known.get(name));
      return { format: 'module-typescript', source: changed, shortCircuit: true };
    },
  });
}

/** @throws Error when what an edit looks for is not in the file exactly once: the code has changed since. */
export function changedSource(source: string, path: string, variant: Variant | undefined): string {
  let changed = source;
  for (const { file, find, replace } of variant?.edits ?? []) {
    if (file !== path) continue;
    const parts = changed.split(find);
    if (parts.length !== 2)
      throw new Error(
        `variant ${variant?.name}: ${file} has ${parts.length - 1} times ${JSON.stringify(find)}; expected once. The code has changed: mend the variant`,
      );
    changed = parts.join(replace);
  }
  return changed;
}
