import type { KeyState, RegionState } from './region.ts';

/** Name of a region's default EBS key in `RegionState.keys`. */
export const DEFAULT_KEY = 'default';

/** The ARN of the key that encrypts what names no key. */
export const defaultKeyArn = (region: RegionState): string =>
  `arn:aws:kms:${region.name}:${region.account.accountId}:key/aws-ebs`;

/** What is wrong with a key, if anything. @param keyId as callers name it, or the default key's ARN */
export const keyState = (region: RegionState, keyId: string): KeyState | undefined =>
  region.keys.get(keyId === defaultKeyArn(region) ? DEFAULT_KEY : keyId);
