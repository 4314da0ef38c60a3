import { SQSClient } from '@aws-sdk/client-sqs';
import { AppError } from '@smart-vault/core';
import { loadSharedConfigFiles } from '@smithy/core/config';

/** The region that the SDK itself would take: of the environment, then of the profile in `~/.aws/config`. */
export async function defaultRegion(
  options: { readonly profile?: string } = {},
): Promise<string | undefined> {
  try {
    return await new SQSClient(options).config.region();
  } catch {
    // "Region is missing": the one thing that it throws here.
    return undefined;
  }
}

/**
 * The `endpoint_url` of a profile. The SDK takes it from the profile that `AWS_PROFILE` names only, and not from one
 * that a client is given.
 *
 * @throws AppError `CONFIG` when neither file has the profile, with those that there are
 */
export async function profileEndpoint(profile: string): Promise<string | undefined> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const known = { ...credentialsFile, ...configFile };
  // As for the AWS CLI, `default` need not be there: credentials may come from elsewhere.
  if (profile === 'default' || Object.hasOwn(known, profile)) return configFile[profile]?.['endpoint_url'];
  // Sections of other kinds, such as `sso-session work`, have a dot in their names here.
  const names = Object.keys(known).filter((name) => !name.includes('.'));
  const there = names.length === 0 ? 'there is none' : `those there are: ${names.sort().join(', ')}`;
  throw new AppError(
    'CONFIG',
    `no profile "${profile}" in ~/.aws/config and ~/.aws/credentials (or where AWS_CONFIG_FILE and ` +
      `AWS_SHARED_CREDENTIALS_FILE say); ${there}`,
  );
}
