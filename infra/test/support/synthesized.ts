import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CfnTemplate, loadAssembly, readTemplates, type StackModel } from '@smart-vault/simulator';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { configFromContext, contextOfCdkJson, createVaultApp, type VaultConfig } from '../../lib/index.ts';

export const ACCOUNT = '123456789012';

/** What a vault's stacks say, as CloudFormation gets it and as the simulator reads it. */
export interface Synthesized {
  readonly config: VaultConfig;
  readonly templates: ReadonlyMap<string, CfnTemplate>;
  readonly models: ReadonlyMap<string, StackModel>;
  readonly source: StackModel;
  readonly destinations: readonly StackModel[];
}

/** The configuration in cdk.json, with changes. */
export const aConfig = (changes: Readonly<Record<string, unknown>> = {}): VaultConfig => {
  const { smartVault } = contextOfCdkJson();
  return configFromContext({ smartVault: { ...(smartVault as object), ...changes } });
};

/** Any code will do where no function runs. */
export const stubCode = (): Code => Code.fromInline('exports.handler = async () => {};');

export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), 'smart-vault-infra-'));

const synthesized = new Map<string, Synthesized>();

/** Synthesizes a vault, once per configuration; fails when CDK's own checks or cdk-nag find anything. */
export function synthesize(changes: Readonly<Record<string, unknown>> = {}): Synthesized {
  const key = JSON.stringify(changes);
  const vault = synthesized.get(key) ?? synthesizeNow(changes);
  synthesized.set(key, vault);
  return vault;
}

function synthesizeNow(changes: Readonly<Record<string, unknown>>): Synthesized {
  const config = aConfig(changes);
  const outdir = temporaryDirectory();
  createVaultApp({ config, outdir, code: stubCode }).app.synth();
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  if (report.pluginReports.length > 0) throw new Error(JSON.stringify(report.pluginReports, undefined, 2));

  const assembly = loadAssembly(outdir);
  const models = readTemplates(assembly, {
    accountId: ACCOUNT,
    queueUrl: ({ name, region }) => `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${name}`,
  });
  const [source, ...destinations] = models;
  if (source === undefined) throw new Error('no stack was synthesized');
  return {
    config,
    templates: new Map(assembly.stacks.map(({ name, template }) => [name, template])),
    models: new Map(models.map((model) => [model.name, model])),
    source,
    destinations,
  };
}

/** Finds the one that is meant, or fails the test saying what there is. */
export function named<T extends { readonly name: string }>(items: readonly T[], name: string): T {
  const found = items.find((item) => item.name === name);
  if (found === undefined) throw new Error(`no ${name} among ${items.map((item) => item.name).join(', ')}`);
  return found;
}
