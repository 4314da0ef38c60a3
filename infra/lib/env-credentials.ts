/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles of the functions (see `bundle.ts`).
 *
 * Lambda hands a function its credentials in the environment, so everything else that the SDK's own chain
 * brings along (SSO, STS, config files, instance metadata) would be dead weight: about half of a bundle.
 * The environment is read at each call, as Lambda may renew what is in it.
 */
export interface EnvCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Same name and shape as the SDK's own default provider. Rejects when the environment holds no credentials. */
export const defaultProvider = () => async (): Promise<EnvCredentials> => {
  // biome-ignore lint/style/noProcessEnv: this module is the edge through which credentials enter.
  const env = process.env;
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey) {
    throw Object.assign(
      new Error(
        'no AWS credentials in the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed; Lambda sets them',
      ),
      { name: 'CredentialsProviderError' },
    );
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
};

/** The SDK asks these of credentials that expire; those of a Lambda environment are read anew at each call. */
export const credentialsWillNeedRefresh = (): boolean => false;
export const credentialsTreatedAsExpired = (): boolean => false;
