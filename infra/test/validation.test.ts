import { checkReferences } from '@smart-vault/simulator';
import { Stack } from 'aws-cdk-lib';
import { CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { afterEach, describe, expect, test } from 'vitest';
import { createVaultApp, SmartVault } from '../lib/index.ts';
import { aConfig, stubCode, synthesize, temporaryDirectory } from './support/synthesized.ts';

const app = () => createVaultApp({ config: aConfig(), code: stubCode, outdir: temporaryDirectory() });

/** A failed synthesis tells the CDK command line by its exit code. */
const exitCode = process.exitCode;
afterEach(() => {
  process.exitCode = exitCode;
});

/** True when the synthesis throws or fails the process. */
function isRefused(synthesis: () => unknown): boolean {
  const before = process.exitCode;
  try {
    synthesis();
  } catch {
    return true;
  }
  return process.exitCode !== before;
}

describe('synthesis', () => {
  test('passes for the vault as it is', () => {
    expect(isRefused(() => app().app.synth())).toBe(false);
  });

  test('is refused by cdk-nag when a queue has no dead letters and takes plain HTTP', () => {
    const { app: tree, source } = app();
    new Queue(source, 'Naive');

    expect(isRefused(() => tree.synth())).toBe(true);
  });

  test('is refused by CloudFormation’s schemas for a property that does not exist', () => {
    const { app: tree, source } = app();
    const queue = source.node.findAll().find((node) => node instanceof CfnQueue);
    queue?.addPropertyOverride('VisibilityTimout', 60);

    expect(isRefused(() => tree.synth())).toBe(true);
  });

  test('is refused for a value out of range', () => {
    const { app: tree, source } = app();
    const queue = source.node.findAll().find((node) => node instanceof CfnQueue);
    queue?.addPropertyOverride('VisibilityTimeout', 43_201);

    expect(isRefused(() => tree.synth())).toBe(true);
  });
});

test('every reference resolves within its own stack, and no stack imports from another', () => {
  const { templates } = synthesize({ destinationRegions: ['eu-west-1', 'eu-central-1'] });

  for (const [stack, template] of templates) {
    expect(checkReferences(template), stack).toEqual([]);
    expect(JSON.stringify(template)).not.toContain('Fn::ImportValue');
    const types = Object.values(template.Resources ?? {}).map(({ Type }) => Type);
    expect(types.filter((type) => /^(Custom::|AWS::CloudFormation::)/.test(type))).toEqual([]);
  }
});

test('what cdk-nag is told to accept is known, and each acceptance has its reason', () => {
  const { source, destinations } = app();
  const accepted = [source, ...destinations].flatMap((stack) =>
    stack.node
      .findAll()
      .flatMap((node) =>
        node.node.metadata
          .filter(({ type }) => type.includes('acknowledged'))
          .flatMap(({ data }) => Object.entries(data as Readonly<Record<string, string>>)),
      ),
  );
  const rules = new Map<string, number>();
  for (const [id, reason] of accepted) {
    const rule = /AwsSolutions-\w+/.exec(id)?.[0] ?? id;
    rules.set(rule, (rules.get(rule) ?? 0) + 1);
    expect(reason.length, id).toBeGreaterThan(30);
  }

  // More of them should be a decision, not a habit.
  expect(Object.fromEntries(rules)).toEqual({ 'AwsSolutions-SQS3': 8, 'AwsSolutions-IAM5': 31 });
});

test('a construct in a stack of the wrong region says so', () => {
  const config = aConfig();
  const { app: tree } = app();
  const elsewhere = new Stack(tree, 'Elsewhere', { env: { region: 'eu-west-2' } });

  expect(() => new SmartVault(elsewhere, 'Vault', { config, code: stubCode })).toThrow(
    "Elsewhere/Vault: its stack is in eu-west-2; expected us-east-1; fix: give the stack env: { region: 'us-east-1' }",
  );
});
