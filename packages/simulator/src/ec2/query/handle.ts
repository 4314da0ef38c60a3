import { Ec2Error, missing } from '../errors.ts';
import type { Ec2World } from '../world.ts';
import type { Action } from './action.ts';
import { Form } from './form.ts';
import { describeInstances } from './instances.ts';
import { describeLockedSnapshots } from './locks.ts';
import { describeAvailabilityZones, describeRegions } from './regions.ts';
import { RESTORE_ACTIONS } from './restore.ts';
import {
  copySnapshot,
  createSnapshot,
  createSnapshots,
  deleteSnapshot,
  describeSnapshots,
} from './snapshots.ts';
import { createTags, deleteTags, describeTags } from './tags.ts';
import { describeVolumes } from './volumes.ts';
import { block, element } from './xml.ts';

/** A request: the region is the endpoint's (or the signature's), the form is the body. */
export interface Ec2Request {
  readonly region: string;
  readonly form: URLSearchParams;
}

/** What goes over the wire. */
export interface Ec2Response {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['CopySnapshot', copySnapshot],
  ['CreateSnapshot', createSnapshot],
  ['CreateSnapshots', createSnapshots],
  ['CreateTags', createTags],
  ['DeleteSnapshot', deleteSnapshot],
  ['DeleteTags', deleteTags],
  ['DescribeAvailabilityZones', describeAvailabilityZones],
  ['DescribeInstances', describeInstances],
  ['DescribeLockedSnapshots', describeLockedSnapshots],
  ['DescribeRegions', describeRegions],
  ['DescribeSnapshots', describeSnapshots],
  ['DescribeTags', describeTags],
  ['DescribeVolumes', describeVolumes],
  ...RESTORE_ACTIONS,
]);

/** Names of the actions that are understood. */
export const EC2_ACTIONS: readonly string[] = [...ACTIONS.keys()];

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** Answers one request of EC2's query protocol. Never throws: what goes wrong is in the response, as in AWS. */
export function handleEc2Request(world: Ec2World, { region, form }: Ec2Request): Ec2Response {
  const requestId = world.nextRequestId();
  const name = form.get('Action') ?? '';
  try {
    const inner = actionOf(name)(world.api(region), new Form(form));
    const root = `${name}Response`;
    const body = `<${root} xmlns="${NAMESPACE}">${element('requestId', requestId)}${inner}</${root}>`;
    return respond(200, requestId, body);
  } catch (error) {
    return failure(error, requestId);
  }
}

function actionOf(name: string): Action {
  if (name === '') throw missing('Action');
  const action = ACTIONS.get(name);
  if (action !== undefined) return action;
  throw new Ec2Error('InvalidAction', `The action ${name} is not valid for this web service.`);
}

function failure(error: unknown, requestId: string): Ec2Response {
  const known = error instanceof Ec2Error ? error : internal(error);
  const details = block('Error', element('Code', known.code) + element('Message', known.message));
  const body = block('Response', block('Errors', details) + element('RequestID', requestId));
  return respond(known.status, requestId, body);
}

/** A mistake of the model itself: visible, and retried by clients like any 500. */
function internal(error: unknown): Ec2Error {
  return new Ec2Error(
    'InternalError',
    `simulator: ${error instanceof Error ? error.message : String(error)}`,
    500,
  );
}

function respond(status: number, requestId: string, xml: string): Ec2Response {
  return {
    status,
    headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId },
    body: DECLARATION + xml,
  };
}
