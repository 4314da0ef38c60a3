import { isRegion, type Region } from '@smart-vault/core';
import * as v from 'valibot';

/** A variable that must match a pattern. `allowed` is told to the operator when it does not. */
export const envText = (pattern: RegExp, allowed: string) =>
  v.pipe(v.string(), v.regex(pattern), v.description(allowed));

/** One of a few words. */
export const envChoice = <const Options extends readonly string[]>(options: Options) =>
  v.pipe(v.picklist(options), v.description(options.join(' or ')));

/** A whole number within bounds, both included. */
export const envInteger = (bounds: { readonly min: number; readonly max: number }) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/),
    v.transform(Number),
    v.minValue(bounds.min),
    v.maxValue(bounds.max),
    v.description(`a whole number from ${bounds.min} to ${bounds.max}`),
  );

/** A number within bounds, both included, such as a share. */
export const envNumber = (bounds: { readonly min: number; readonly max: number }) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,9}(\.\d{1,9})?$/),
    v.transform(Number),
    v.minValue(bounds.min),
    v.maxValue(bounds.max),
    v.description(`a number from ${bounds.min} to ${bounds.max}`),
  );

/** The URL of a queue. HTTP is for queues on this machine. */
export const envUrl = () =>
  v.pipe(v.string(), v.url(), v.regex(/^https?:\/\//), v.description('the URL of a queue'));

/** URLs of queues, separated by commas, in the order of `DEST_REGION`. */
export const envUrlList = () =>
  v.pipe(
    v.string(),
    v.transform(splitList),
    v.array(v.pipe(v.string(), v.url(), v.regex(/^https?:\/\//))),
    v.description('URLs of queues separated by commas, one per region in DEST_REGION'),
  );

const region = () =>
  v.pipe(
    v.string(),
    v.check((name: string) => isRegion(name)),
    v.transform((name): Region => name as Region),
  );

/** One AWS region. */
export const envRegion = () =>
  v.pipe(region(), v.description('the name of an AWS region, such as eu-central-1'));

/** AWS regions, separated by commas, each named once. */
export const envRegionList = () =>
  v.pipe(
    v.string(),
    v.transform(splitList),
    v.array(region()),
    v.check((regions: Region[]) => new Set(regions).size === regions.length),
    v.description('names of AWS regions separated by commas, each one once, such as eu-west-1,eu-central-1'),
  );

/** Parts of a comma-separated list. Empty parts are kept: lists that go with DEST_REGION are told apart by place. */
export const splitList = (text: string): string[] => text.split(',').map((part) => part.trim());

type DestinationLists = {
  readonly destinations: readonly Region[];
  readonly list?: readonly unknown[] | undefined;
};

/** A rule of a function's schema: this list, where it is set, has as many entries as `DEST_REGION` has regions. */
export function onePerDestination<T extends Pick<DestinationLists, 'destinations'>>(
  list: keyof T & string,
): v.GenericValidation<T> {
  const key = list as 'list';
  const sameLength = ({ destinations, [key]: entries }: DestinationLists): boolean =>
    entries === undefined || entries.length === destinations.length;
  const allowed = 'one entry per region in DEST_REGION, in the same order, separated by commas';
  const rule = v.forward(
    v.partialCheck<DestinationLists, [['destinations'], ['list']], DestinationLists, string>(
      [['destinations'], [key]],
      sameLength,
      allowed,
    ),
    [key],
  );
  return rule as unknown as v.GenericValidation<T>;
}

/** What every function needs to know of the vault. Spread it into the function's own schema. */
export const commonEnv = {
  sourceRegion: envRegion(),
  destinations: v.pipe(envRegionList(), v.title('DEST_REGION')),
  retentionDays: envInteger({ min: 1, max: 3650 }),
  topicArn: v.pipe(
    envText(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]{1,256}$/, 'the ARN of an SNS topic'),
    v.title('SNS_TOPIC_ARN'),
  ),
  vault: v.optional(nameOf('VAULT_NAME'), 'smart-vault'),
  policy: v.optional(nameOf('POLICY_NAME'), 'default'),
};

function nameOf(variable: string) {
  return v.pipe(
    envText(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'a name of 1 to 40 letters, digits, - and _'),
    v.title(variable),
  );
}
