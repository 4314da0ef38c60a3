import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addVaultStacks, contextOfCdkJson, parseConfig } from '@smart-vault/infra';
import { readTemplates, type StackModel } from '@smart-vault/simulator';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { ACCOUNT, queueUrl } from './account.ts';

/**
 * What the CDK app deploys for these settings: queues, mappings, rules, schedules, roles and environments come from the
 * templates and from nowhere else. Settings that are left out are those of `cdk.json`.
 *
 * @throws AppError `CONFIG` when the settings are wrong, naming all that is.
 */
export function vaultTemplates(settings: Readonly<Record<string, unknown>> = {}): readonly StackModel[] {
  const defaults = contextOfCdkJson()['smartVault'] as Readonly<Record<string, unknown>>;
  const outdir = mkdtempSync(join(tmpdir(), 'smart-vault-simulation-'));
  try {
    // The functions run from their sources, so the templates need no bundle.
    const code = () => Code.fromInline('exports.handler = undefined;');
    // What CDK would check here takes seconds; the tests of `infra` check the same templates.
    const app = new App({
      outdir,
      analyticsReporting: false,
      builtinCloudFormationValidation: false,
    });
    addVaultStacks(app, { config: parseConfig({ ...defaults, ...settings }), code });
    app.synth({ skipValidation: true });
    return readTemplates(outdir, { accountId: ACCOUNT, queueUrl: ({ name }) => queueUrl(name) });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Templates for one destination and for two, the default settings otherwise. */
export const templatesOf = (): readonly [readonly StackModel[], readonly StackModel[]] => [
  vaultTemplates(),
  vaultTemplates({ destinationRegions: ['eu-west-1', 'ap-southeast-2'] }),
];
