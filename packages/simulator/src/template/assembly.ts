import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError } from '@smart-vault/core';
import { type CfnTemplate, isRecord } from './template-types.ts';

/** One stack of a cloud assembly. */
export interface AssemblyStack {
  readonly name: string;
  /** From the manifest; missing when the stack is not bound to a region. */
  readonly region?: string;
  readonly template: CfnTemplate;
  /** Assets by the object key that the template refers to them by. */
  readonly assets: Readonly<Record<string, { readonly path: string; readonly packaging: string }>>;
}

/** What `cdk synth` wrote. */
export interface Assembly {
  readonly stacks: readonly AssemblyStack[];
}

/** Depth of stages within stages that is followed. */
const STAGES_MAX = 5;

/**
 * Loads a cloud assembly (`cdk.out`): its manifest, each stack's template and each stack's assets manifest; stages
 * (assemblies within it) too. @throws AppError `CONFIG` that names the file which is missing or no JSON
 */
export function loadAssembly(directory: string, depth = 0): Assembly {
  if (depth > STAGES_MAX)
    throw new AppError('CONFIG', `more than ${STAGES_MAX} stages within one another: ${directory}`);
  const artifacts = Object.values(recordAt(readJson(join(directory, 'manifest.json')), 'artifacts')).filter(
    isRecord,
  );
  const stacks = artifacts
    .filter((artifact) => artifact['type'] === 'aws:cloudformation:stack')
    .map((artifact) => loadStack(directory, artifact));
  const stages = artifacts
    .filter((artifact) => artifact['type'] === 'cdk:cloud-assembly')
    .flatMap((artifact) => {
      const name = String(recordAt(artifact, 'properties')['directoryName']);
      return loadAssembly(join(directory, name), depth + 1).stacks;
    });
  if (stacks.length + stages.length === 0) throw new AppError('CONFIG', `${directory} has no stacks`);
  return { stacks: [...stacks, ...stages] };
}

function loadStack(directory: string, artifact: Record<string, unknown>): AssemblyStack {
  const properties = recordAt(artifact, 'properties');
  const templateFile = String(properties['templateFile']);
  const region = /^aws:\/\/[^/]+\/(.+)$/.exec(String(artifact['environment']))?.[1];
  return {
    name: String(
      properties['stackName'] ?? artifact['displayName'] ?? templateFile.replace('.template.json', ''),
    ),
    ...(region !== undefined && region !== 'unknown-region' && { region }),
    template: readJson(join(directory, templateFile)) as CfnTemplate,
    assets: loadAssets(directory, templateFile.replace(/\.template\.json$/, '.assets.json')),
  };
}

function loadAssets(directory: string, file: string): AssemblyStack['assets'] {
  const assets: Record<string, { path: string; packaging: string }> = {};
  for (const asset of Object.values(recordAt(readJson(join(directory, file)), 'files'))) {
    const source = recordAt(asset, 'source');
    for (const destination of Object.values(recordAt(asset, 'destinations'))) {
      const key = String(recordAt({ destination }, 'destination')['objectKey']);
      const path = resolve(directory, String(source['path']));
      assets[key] = { path, packaging: String(source['packaging']) };
    }
  }
  return assets;
}

function recordAt(value: unknown, key: string): Record<string, unknown> {
  const inner = isRecord(value) ? value[key] : undefined;
  return isRecord(inner) ? inner : {};
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new AppError('CONFIG', `cannot read ${path}; run cdk synth first`, { cause: error });
  }
}
