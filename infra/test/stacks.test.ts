import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createVaultApp } from '../lib/index.ts';
import { ACCOUNT, aConfig, stubCode, synthesize, temporaryDirectory } from './support/synthesized.ts';

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
}

/** The manifest that the CDK command line deploys from. */
function manifestOf(account?: string): Readonly<Record<string, Artifact>> {
  const outdir = temporaryDirectory();
  const config = aConfig({ destinationRegions: ['eu-west-1', 'eu-central-1'] });
  createVaultApp({
    config,
    code: stubCode,
    outdir,
    ...(account === undefined ? {} : { account }),
  }).app.synth();
  return JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')).artifacts;
}

describe('stacks', () => {
  test('one per region, the destinations after the source', () => {
    const artifacts = manifestOf();

    expect(artifacts['smart-vault']?.environment).toBe('aws://unknown-account/us-east-1');
    expect(artifacts['smart-vault']?.dependencies).not.toContain('smart-vault-eu-west-1');
    for (const region of ['eu-west-1', 'eu-central-1']) {
      expect(artifacts[`smart-vault-${region}`]?.environment).toBe(`aws://unknown-account/${region}`);
      expect(artifacts[`smart-vault-${region}`]?.dependencies).toContain('smart-vault');
    }
  });

  test('an account that is known is used', () => {
    expect(manifestOf(ACCOUNT)['smart-vault']?.environment).toBe(`aws://${ACCOUNT}/us-east-1`);
  });

  test('two vaults of one account share no name', () => {
    const names = (vault: string): readonly string[] => {
      const { models } = synthesize({ vault });
      return [...models.values()].flatMap((model) =>
        [
          model.queues,
          model.topics,
          model.functions,
          model.rules,
          model.schedules,
          model.scheduleGroups,
          model.alarms,
        ]
          .flat()
          .concat(model.logGroups as never, model.dashboards as never)
          .map(({ name }) => `${model.region} ${name}`),
      );
    };
    const first = new Set(names('first'));

    expect(first.size).toBeGreaterThan(40);
    expect(names('second').filter((name) => first.has(name))).toEqual([]);
  });

  test('outputs tell an operator where things are', () => {
    const { source } = synthesize();

    expect(source.outputs).toMatchObject({
      TopicArn: `arn:aws:sns:us-east-1:${ACCOUNT}:smart-vault-notifications`,
      DashboardUrl:
        'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/smart-vault',
      VolumesQueueUrl: `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/smart-vault-volumes.fifo`,
      CopiesQueueUrlEuWest1: `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/smart-vault-copies-eu-west-1`,
    });
  });
});
