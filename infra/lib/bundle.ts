import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { FUNCTION_NAMES, type FunctionName } from './names.ts';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What the SDK brings along and a function never uses, and what takes its place. */
const SLIM = {
  '@aws-sdk/credential-provider-node': fromHere('./env-credentials.ts'),
  '@smithy/core/event-streams': fromHere('./no-event-streams.ts'),
};

/** The same for a module within the SDK, which has no name to alias: a test holds that it still meets its mark. */
const noConfigFiles: Plugin = {
  name: 'no-config-files',
  resolveId: {
    filter: { id: /\/loadSharedConfigFiles$/ },
    handler: () => fromHere('./no-config-files.ts'),
  },
};
const REPOSITORY = fromHere('../../');

/** What one run of the bundler made. */
export interface BundleReport {
  /** The function, or whatever the caller called it. */
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Bytes that a module or package contributes before minification, largest first. */
  readonly modules: readonly { readonly id: string; readonly bytes: number }[];
}

export interface BundleOptions {
  readonly name: string;
  readonly entry: string;
  /** Where the bundle goes, file name included. */
  readonly file: string;
  /** CommonJS is what ships. ESM pays about 25 ms more at start, for the facade of `node:http`. */
  readonly format?: 'cjs' | 'esm';
  /** `slim` is what ships: credentials from the environment only. `whole` leaves the SDK as it is. */
  readonly sdk?: 'slim' | 'whole';
}

/**
 * Makes one self-contained, minified bundle without a source map.
 *
 * rolldown rather than esbuild: esbuild takes the computed keys in the SDK's schema modules for side effects
 * and keeps every schema of EC2, 550 KB of them. `module` comes before `main`, as only the ES modules of the
 * SDK can be shaken.
 *
 * @throws when the entry is missing or does not bundle.
 */
export async function bundle(options: BundleOptions): Promise<BundleReport> {
  const { name, entry, file, format = 'cjs', sdk = 'slim' } = options;
  const build = await rolldown({
    input: entry,
    platform: 'node',
    resolve: { mainFields: ['module', 'main'], ...(sdk === 'slim' ? { alias: SLIM } : {}) },
    plugins: sdk === 'slim' ? [noConfigFiles] : [],
    transform: { target: 'node24' },
    logLevel: 'warn',
  });
  try {
    const { output } = await build.write({
      file,
      format,
      minify: true,
      sourcemap: false,
      codeSplitting: false,
      comments: false,
    });
    return reportOf(name, file, output[0]);
  } finally {
    await build.close();
  }
}

function reportOf(name: string, file: string, chunk: OutputChunk): BundleReport {
  const code = Buffer.from(chunk.code);
  const modules = Object.entries(chunk.modules)
    .map(([id, module]) => ({ id, bytes: module.renderedLength }))
    .sort((a, b) => b.bytes - a.bytes);
  return { name, file, bytes: code.byteLength, gzipBytes: gzipSync(code).byteLength, modules };
}

/** The folder of a function's bundle: the asset that is deployed. */
export const bundleDirectory = (name: FunctionName): string => `${REPOSITORY}packages/${name}/dist`;

/** The module that exports a function's `handler`. */
export const handlerFile = (name: FunctionName): string => `${REPOSITORY}packages/${name}/src/handler.ts`;

/** Bundles these functions (all that have a handler by default) to `packages/<function>/dist/index.cjs`. */
export async function bundleFunctions(
  names: readonly FunctionName[] = functionsWithHandlers(),
): Promise<readonly BundleReport[]> {
  return await Promise.all(names.map(bundleFunction));
}

/** Puts the bundle in its place at one stroke: whoever reads meanwhile finds the one before, never half of one. */
async function bundleFunction(name: FunctionName): Promise<BundleReport> {
  const file = `${bundleDirectory(name)}/index.cjs`;
  const beside = `${bundleDirectory(name)}-${process.pid}`;
  const report = await bundle({ name, entry: handlerFile(name), file: `${beside}/index.cjs` });
  mkdirSync(bundleDirectory(name), { recursive: true });
  renameSync(report.file, file);
  rmSync(beside, { recursive: true });
  return { ...report, file };
}

/** The functions whose handler exists. Only during development can one be missing. */
export const functionsWithHandlers = (): readonly FunctionName[] =>
  FUNCTION_NAMES.filter((name) => existsSync(handlerFile(name)));
