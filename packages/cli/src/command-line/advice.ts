import { errorText, isAppError } from '@smart-vault/core';

/** What a person can do about an error, behind the message that says what it is. One or two lines, no stack trace. */
export function explain(error: unknown): string {
  const text = withoutSecrets(errorText(error));
  const advice = adviceOn(error);
  return advice === undefined ? text : `${text}\n${advice}`;
}

const SIGN_IN: ReadonlySet<string> = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired']);
const WRONG_KEYS: ReadonlySet<string> = new Set([
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'AuthFailure',
]);

function adviceOn(error: unknown): string | undefined {
  if (!isAppError(error)) return 'This is not expected; please report it with the command that you ran.';
  const awsCode = String(error.details['awsCode'] ?? '');
  if (SIGN_IN.has(awsCode)) return 'The credentials have expired: sign in again, such as with aws sso login.';
  if (WRONG_KEYS.has(awsCode))
    return 'AWS does not accept these credentials: check AWS_PROFILE or --profile, or AWS_ACCESS_KEY_ID.';
  if (awsCode === 'CredentialsProviderError')
    return 'No credentials were found: give --profile, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
  switch (error.code) {
    case 'DENIED':
      return 'The credentials in use lack this permission. Add it to their role, or use others with --profile.';
    case 'THROTTLED':
      return 'AWS limits how often this may be asked, and was asked too often. Wait a minute, then run it again.';
    case 'TRANSIENT':
      return awsCode === 'TimeoutError'
        ? 'The answer did not come in time. Run it again; if it stays so, check the region, the network and --endpoint-url.'
        : 'The endpoint did not answer. Check the region, the network and --endpoint-url (or AWS_ENDPOINT_URL), then run it again.';
    default:
      return undefined;
  }
}

/** Keys that a message may have quoted; access key ids are no secret, but nobody needs them in a ticket. */
const withoutSecrets = (text: string): string =>
  text
    .replaceAll(/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '(access key)')
    .replaceAll(/(Signature=|X-Amz-Signature=|X-Amz-Security-Token=)[^\s&,]+/gi, '$1(hidden)');
