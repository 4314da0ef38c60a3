import type { Filter } from '@aws-sdk/client-ec2';
import { AppError } from '@smart-vault/core';

/** EC2 takes 200 values in one filter. */
export const FILTER_VALUES_MAX = 200;

/**
 * A filter whose values are taken literally. In EC2's filters `*` and `?` match anything and `\` escapes, so a value
 * with one of them would match more than it says: it is refused.
 *
 * @throws AppError `INVALID` for such a value, for no values (EC2 would not filter) and for more than 200.
 */
export function exactly(name: string, values: readonly string[]): Filter {
  if (values.length === 0 || values.length > FILTER_VALUES_MAX)
    throw new AppError(
      'INVALID',
      `filter ${name}: ${values.length} values; 1 to ${FILTER_VALUES_MAX} are possible`,
    );
  for (const text of [name, ...values])
    if (/[*?\\]/.test(text))
      throw new AppError(
        'INVALID',
        `filter ${name}: ${JSON.stringify(text)} has a wildcard (* ? \\), which would match more than itself`,
      );
  return { Name: name, Values: [...values] };
}

/** Things that carry this tag with one of these values. Key and value belong together, unlike in `tag-key`. */
export const tagged = (key: string, values: readonly string[]): Filter => exactly(`tag:${key}`, values);
