import { readFileSync } from 'node:fs';
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleDirectory } from './bundle.ts';
import { configFromContext, type VaultConfig } from './config.ts';
import type { FunctionName } from './names.ts';
import { addVaultStacks, type VaultStacks } from './stacks.ts';

/** Makes what CDK's own CloudFormation checks find (unknown properties, wrong types, dangling references) errors. */
const STRICT = { '@aws-cdk/core:validateAgainstDefaultRules': true };

export interface VaultAppOptions {
  /** Default: what the app's context says. */
  readonly config?: VaultConfig;
  /** Context beside that of the CDK command line. Without that command line, pass `contextOfCdkJson()`. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Where the cloud assembly goes. Default: CDK's own choice. */
  readonly outdir?: string;
  /** Default: the bundles in `packages/<function>/dist`. */
  readonly code?: (name: FunctionName) => Code;
  readonly account?: string;
}

export interface VaultApp extends VaultStacks {
  readonly app: App;
  readonly config: VaultConfig;
}

/**
 * The CDK app of a vault, not synthesised yet: `app.synth()` fails when CDK's validation or cdk-nag finds something.
 *
 * @throws AppError `CONFIG` when the configuration is wrong.
 */
export function createVaultApp(options: VaultAppOptions = {}): VaultApp {
  const { context = {}, outdir, account, code = bundledCode } = options;
  const app = new App({
    context: { ...STRICT, ...context },
    analyticsReporting: false,
    ...(outdir === undefined ? {} : { outdir }),
  });
  const config = options.config ?? configFromContext(app.node.getAllContext() as Record<string, unknown>);
  const stacks = addVaultStacks(app, { config, code, ...(account === undefined ? {} : { account }) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, config, ...stacks };
}

/** The bundle of a function as an asset. */
export const bundledCode = (name: FunctionName): Code => Code.fromAsset(bundleDirectory(name));

/** The context in the repository's cdk.json, for those who do not come through the CDK command line. */
export function contextOfCdkJson(): Readonly<Record<string, unknown>> {
  const text = readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly context: Readonly<Record<string, unknown>> }).context;
}
