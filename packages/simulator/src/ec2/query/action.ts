import type { Ec2Api } from '../api.ts';
import type { DescribeInput } from '../describe.ts';
import type { Form } from './form.ts';
import { element } from './xml.ts';

/** One action of the API: reads the form, calls the model, and gives the inside of the response. */
export type Action = (api: Ec2Api, form: Form) => string;

/** What all Describe actions read. @param idList name of the list of ids, such as `SnapshotId` */
export function describeInput(form: Form, idList: string): DescribeInput {
  return {
    ids: form.list(idList),
    filters: form.filters(),
    ...defined('maxResults', form.whole('MaxResults')),
    ...defined('nextToken', form.text('NextToken')),
    dryRun: form.flag('DryRun') ?? false,
  };
}

/** `{[name]: value}`, or nothing when there is no value. */
export function defined<Name extends string, T>(name: Name, value: T | undefined): { [K in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: T };
}

/** The token of the next page, when there is one. */
export const nextToken = ({ nextToken: token }: { readonly nextToken?: string }): string =>
  element('nextToken', token);

/** What actions without a result answer. */
export const DONE = '<return>true</return>';
