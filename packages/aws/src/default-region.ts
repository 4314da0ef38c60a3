import { SQSClient } from '@aws-sdk/client-sqs';

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
