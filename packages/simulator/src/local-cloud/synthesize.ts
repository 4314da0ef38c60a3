import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '@smart-vault/core';

const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
const CONTEXT_KEY = 'smartVault';
/** Lines of a failed synthesis that are shown. */
const ERROR_LINES = 30;

/** The CDK context of the repository's cdk.json: the deployment that would be made from here. */
export function cdkContext(): Readonly<Record<string, unknown>> {
  const text = readFileSync(join(REPOSITORY, 'cdk.json'), 'utf8');
  return (JSON.parse(text) as { context?: Record<string, unknown> }).context ?? {};
}

/** Where the instances are, by cdk.json. */
export function sourceRegionOf(context: Readonly<Record<string, unknown>>): string {
  const settings = context[CONTEXT_KEY] as Record<string, unknown> | undefined;
  return String(settings?.['sourceRegion'] ?? 'us-east-1');
}

/**
 * Bundles the functions and synthesizes the CDK app, as `cdk synth` does, into a temporary directory.
 * @param overrides settings of the vault that are other than cdk.json says
 * @returns the directory @throws AppError `CONFIG` with what the app printed
 */
export async function synthesize(
  overrides: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<string> {
  const outdir = mkdtempSync(join(tmpdir(), 'smart-vault-local-'));
  const context = cdkContext();
  const settings = { ...(context[CONTEXT_KEY] as Record<string, unknown> | undefined), ...overrides };
  const output = await run(
    [join(REPOSITORY, 'infra/bin/app.ts')],
    {
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, [CONTEXT_KEY]: settings }),
    },
    signal,
  );
  if (output.status !== 0 && signal?.aborted !== true) {
    const tail = output.text.trim().split('\n').slice(-ERROR_LINES).join('\n');
    throw new AppError('CONFIG', `the CDK app could not be synthesized:\n${tail}`);
  }
  return outdir;
}

function run(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    // biome-ignore lint/style/noProcessEnv: the child needs PATH and HOME; what decides the templates is ours.
    const { CDK_DEFAULT_ACCOUNT: _account, CDK_DEFAULT_REGION: _region, ...env } = process.env;
    const child = spawn(process.execPath, [...args], {
      cwd: REPOSITORY,
      env: { ...env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    const collect = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (status) => resolve({ status: status ?? 1, text }));
    const stop = (): void => {
      child.kill();
    };
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}
