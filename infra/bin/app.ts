import { isAppError } from '@smart-vault/core';
import { bundleFunctions } from '../lib/bundle.ts';
import { createVaultApp } from '../lib/vault-app.ts';

// biome-ignore lint/style/noProcessEnv: the CDK command line tells the account of its credentials here.
const account = process.env['CDK_DEFAULT_ACCOUNT'];

try {
  await bundleFunctions();
  createVaultApp(account === undefined ? {} : { account }).app.synth();
} catch (error) {
  if (!isAppError(error, 'CONFIG')) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
