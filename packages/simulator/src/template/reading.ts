import type { Origin } from './model.ts';
import type { Properties } from './properties.ts';
import type { Resolver } from './resolver.ts';

/** One resource while it is read. */
export interface Reading {
  readonly origin: Origin;
  readonly type: string;
  readonly properties: Properties;
  readonly resolver: Resolver;
  /** Notes a problem with this resource. */
  readonly problem: (text: string) => void;
}

/** Name and ARN of the resource at hand. */
export function nameAndArn(reading: Reading, attribute = 'Arn'): { name: string; arn: string } {
  const { resolver, origin } = reading;
  return {
    name: resolver.nameOf(origin.logicalId),
    arn: String(resolver.attribute(origin.logicalId, attribute)),
  };
}

/** The name in a function's ARN (or the name itself): without version and alias. */
export function functionNameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? nameOrArn) : nameOrArn;
}

/** `{ [key]: value }`, or nothing when there is no value: for optional fields. */
export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}
