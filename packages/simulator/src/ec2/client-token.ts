import { Ec2Error, invalidValue } from './errors.ts';
import type { RegionState } from './region.ts';

/** What the API tells requests of one kind apart by. */
export interface TokenRequest {
  readonly operation: string;
  /** Up to 64 ASCII characters; without one every request makes something new. */
  readonly token: string | undefined;
  readonly input: object;
}

/**
 * Makes something once per client token: a repeated request gets what the first one made. A token never expires here.
 * @param find what was made, as it is now, or an error when it is gone
 * @throws Ec2Error `IdempotentParameterMismatch` for another request with the same token
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export function once<T extends { readonly id: string }>(
  region: RegionState,
  { operation, token, input }: TokenRequest,
  make: () => T,
  find: (id: string) => T,
): T {
  if (token === undefined || token === '') return make();
  if (!/^[\x20-\x7e]{1,64}$/.test(token))
    throw invalidValue(`Invalid value '${token}' for clientToken. It must be 1 to 64 ASCII characters.`);
  const key = `${operation}/${token}`;
  const parameters = canonical({ ...input, ClientToken: undefined, DryRun: undefined });
  const known = region.tokens.get(key);
  if (known?.parameters === parameters) return find(known.id);
  if (known !== undefined)
    throw new Ec2Error(
      'IdempotentParameterMismatch',
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    );
  const made = make();
  region.tokens.set(key, { parameters, id: made.id });
  return made;
}

/** JSON with its keys in order. */
const canonical = (value: object): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
