import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAssembly, readTemplates } from '../../src/index.ts';
import { OPTIONS, TEMPLATE } from './fixtures.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assembly-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (path: string, value: unknown): void =>
  writeFileSync(join(directory, path), JSON.stringify(value));

function writeStack(at = '', environment = 'aws://unknown-account/us-east-1'): void {
  write(join(at, 'manifest.json'), {
    version: '48.0.0',
    artifacts: {
      'vault.assets': { type: 'cdk:asset-manifest', properties: { file: 'vault.assets.json' } },
      vault: {
        type: 'aws:cloudformation:stack',
        environment,
        properties: { templateFile: 'vault.template.json', stackName: 'vault' },
      },
      Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
    },
  });
  write(join(at, 'vault.template.json'), TEMPLATE);
  write(join(at, 'vault.assets.json'), {
    files: {
      abc123: {
        source: { path: 'asset.abc123', packaging: 'zip' },
        destinations: { 'current_account-us-east-1': { bucketName: 'b', objectKey: 'abc123.zip' } },
      },
    },
  });
}

describe('a cloud assembly', () => {
  it('has its stacks with region, template and assets', () => {
    writeStack();

    expect(loadAssembly(directory)).toEqual({
      stacks: [
        {
          name: 'vault',
          region: 'us-east-1',
          template: TEMPLATE,
          assets: { 'abc123.zip': { path: join(directory, 'asset.abc123'), packaging: 'zip' } },
        },
      ],
    });
  });

  it('has no region for a stack that is bound to none', () => {
    writeStack('', 'aws://unknown-account/unknown-region');

    expect(loadAssembly(directory).stacks[0]).not.toHaveProperty('region');
  });

  it('has the stacks of its stages too', () => {
    mkdirSync(join(directory, 'assembly-Prod'));
    writeStack('assembly-Prod');
    write('manifest.json', {
      artifacts: { Prod: { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } } },
    });

    const [stack] = readTemplates(directory, OPTIONS);

    expect(stack?.functions[0]?.code).toEqual({
      kind: 'asset',
      path: join(directory, 'assembly-Prod', 'asset.abc123'),
      packaging: 'zip',
    });
  });

  it('names the file that is missing', () => {
    expect(() => loadAssembly(directory)).toThrow(/cannot read .*manifest\.json; run cdk synth first/);
  });

  it('without stacks is an error', () => {
    write('manifest.json', { artifacts: {} });

    expect(() => loadAssembly(directory)).toThrow(/has no stacks/);
  });
});
