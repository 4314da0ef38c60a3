import type { VirtualClock } from '../clock.ts';
import type { CloudWatch } from '../cloudwatch/cloudwatch.ts';
import { handleCloudWatchRequest } from '../cloudwatch/wire.ts';
import { handleEc2Request } from '../ec2/query/handle.ts';
import type { Ec2World } from '../ec2/world.ts';
import { allows, type PolicyDocument } from '../template/iam.ts';
import { type AccessNeeds, accessNeedsOf, sqsOperationOf } from './access.ts';
import { awsError, awsJsonError, type ServiceRequest } from './endpoint.ts';
import type { CrashFault } from './faults.ts';
import type { History, VaultSnapshot } from './history.ts';
import type { Functions } from './lambda/functions.ts';
import { LOCAL_ACCOUNT, type Queues } from './queues.ts';
import type { Redrive } from './redrive.ts';
import { isSqsQuery, jsonRequestOf, queryAnswerOf } from './sqs-query.ts';
import type { WireResponse } from './wire.ts';

export interface ServicesParts {
  readonly clock: VirtualClock;
  readonly world: Ec2World;
  readonly queues: Queues;
  readonly redrive: Redrive;
  readonly functions: Functions;
  readonly history: History;
  readonly crashes: CrashFault;
  cloudWatch(region: string): CloudWatch;
  /** Policies of a function's role. */
  policiesOf(functionName: string): readonly PolicyDocument[];
}

/** Real milliseconds after a request of an outside client in which its next one is awaited. */
const LOOK_MS = 1_000;

/** Serves the API calls of all services: who calls, may they, is a fault due, and then the service itself. */
export class Services {
  readonly #parts: ServicesParts;
  /** Requests by service and operation, for the summary. */
  readonly calls = new Map<string, number>();

  #outsideAtRealMs = Number.NEGATIVE_INFINITY;

  /**
   * Whether a client from outside works on a queue. Tools look at letters by receiving them for some seconds, which
   * a clock that runs a hundred times as fast would be over at once.
   */
  get queuesAreLookedAt(): boolean {
    return performance.now() - this.#outsideAtRealMs < LOOK_MS;
  }

  constructor(parts: ServicesParts) {
    this.#parts = parts;
  }

  /** @returns undefined when the caller died before it could hear the answer */
  async serve(request: ServiceRequest): Promise<WireResponse | undefined> {
    if (!isSqsQuery(request)) return await this.#serve(request);
    const translated = jsonRequestOf(request);
    const answer = await this.#serve(translated);
    return answer && queryAnswerOf(sqsOperationOf(translated), answer);
  }

  async #serve(request: ServiceRequest): Promise<WireResponse | undefined> {
    const { functions, world, queues, crashes } = this.#parts;
    const caller = functions.callerOf(request.accessKeyId);
    const access = accessNeedsOf(request, world, (url) => queues.arnOf(url));
    const call = `${access.service}:${access.operation}`;
    this.calls.set(call, (this.calls.get(call) ?? 0) + 1);
    if (caller === undefined) {
      if (request.service === 'sqs') this.#outsideAtRealMs = performance.now();
      return this.#route(request, access);
    }

    const crash =
      caller.requestId === undefined ? undefined : crashes.strikes(caller.functionName, caller.requestId);
    if (crash === 'before') {
      functions.crash(request.accessKeyId, `Killed before ${call} left it`);
      return undefined;
    }
    const refused = this.#refuse(caller.functionName, access);
    const answer = refused ?? (await this.#route(request, access));
    if (crash === 'after') {
      functions.crash(request.accessKeyId, `Killed before it heard the answer to ${call}`);
      return undefined;
    }
    return answer;
  }

  #refuse(functionName: string, access: AccessNeeds): WireResponse | undefined {
    const policies = this.#parts.policiesOf(functionName);
    const lacking = access.needs.find((need) => !allows(policies, need));
    if (lacking === undefined) return undefined;
    this.#parts.history.denied(this.#parts.clock.now(), functionName, lacking.action, lacking.resource);
    const who = `arn:aws:sts::${LOCAL_ACCOUNT}:assumed-role/${functionName}/${functionName}`;
    const text =
      `User: ${who} is not authorized to perform: ${lacking.action} on resource: ${lacking.resource} ` +
      `because no identity-based policy allows the ${lacking.action} action`;
    switch (access.service) {
      case 'ec2':
        return awsError(
          403,
          'UnauthorizedOperation',
          `You are not authorized to perform this operation. ${text}`,
        );
      case 'sns':
        return awsQueryError(403, 'AuthorizationError', text);
      default:
        return awsJsonError(403, 'AccessDeniedException', text);
    }
  }

  async #route(request: ServiceRequest, access: AccessNeeds): Promise<WireResponse> {
    const { world, queues, redrive } = this.#parts;
    switch (request.service) {
      case 'ec2':
        return this.#ec2(request, access.operation, world);
      case 'sqs': {
        const answer = redrive.handle(access.operation, jsonOf(request.body));
        return answer ?? (await queues.handle(...withoutWaiting(request, access.operation)));
      }
      case 'sns':
        return await this.#sns(request, access.operation);
      case 'monitoring':
        return handleCloudWatchRequest(this.#parts.cloudWatch(request.region), {
          headers: request.headers,
          body: request.body,
        });
      case 'sts':
        return identity(request.accessKeyId);
      default:
        return awsError(
          400,
          'UnknownService',
          `The local cloud has no "${request.service}"; it has ec2, sqs, sns, monitoring (CloudWatch) and sts.`,
        );
    }
  }

  #ec2(request: ServiceRequest, operation: string, world: Ec2World): WireResponse {
    const form = new URLSearchParams(request.body.toString('utf8'));
    const { history, clock } = this.#parts;
    const doomed: VaultSnapshot | undefined =
      operation === 'DeleteSnapshot'
        ? history.aboutToDelete(request.region, form.get('SnapshotId') ?? '')
        : undefined;
    const answer = handleEc2Request(world, { region: request.region, form });
    if (doomed !== undefined && answer.status === 200 && form.get('DryRun') !== 'true') {
      history.deletion({ ...doomed, deletedAt: clock.now() });
    }
    return answer;
  }

  async #sns(request: ServiceRequest, operation: string): Promise<WireResponse> {
    const form = new URLSearchParams(request.body.toString('utf8'));
    const subject = form.get('Subject') ?? '';
    if (operation === 'Publish' && !subjectIsFit(subject, form.has('Subject'))) {
      return awsQueryError(400, 'InvalidParameter', 'Invalid parameter: Subject');
    }
    const { queues } = this.#parts;
    const topicArn = form.get('TopicArn') ?? '';
    if (operation === 'ListSubscriptionsByTopic' && !queues.hasTopic(topicArn)) {
      return awsQueryError(404, 'NotFound', 'Topic does not exist');
    }
    const answer = await queues.handle({ ...request.headers }, request.body.toString('utf8'));
    if (operation.startsWith('ListSubscriptions')) return withPending(answer, queues.pendingSubscriptions());
    if (operation === 'Publish' && answer.status === 200) {
      const at = this.#parts.clock.now();
      const body = form.get('Message') ?? '';
      this.#parts.history.messages.push({ at, region: request.region, subject, body, ofAlarm: false });
    }
    return answer;
  }
}

/**
 * A subscription that waits for its reader has the words `PendingConfirmation` in the place of its ARN:
 * https://docs.aws.amazon.com/sns/latest/api/API_Subscription.html
 */
const withPending = (answer: WireResponse, pending: readonly string[]): WireResponse => ({
  ...answer,
  body: pending.reduce((body, arn) => body.replaceAll(`>${arn}<`, '>PendingConfirmation<'), answer.body),
});

/** SNS takes printable ASCII up to 99 characters in a subject. */
const subjectIsFit = (subject: string, given: boolean): boolean =>
  !given || /^[\x21-\x7e][\x20-\x7e]{0,98}$/.test(subject);

/**
 * A long poll is answered at once, since a request under way keeps the clock from moving: whoever polls on the
 * virtual clock finds a message at its next attempt.
 */
function withoutWaiting(request: ServiceRequest, operation: string): [Record<string, string>, string] {
  const text = request.body.toString('utf8');
  if (operation !== 'ReceiveMessage') return [{ ...request.headers }, text];
  const body = JSON.stringify({ ...jsonOf(request.body), WaitTimeSeconds: 0 });
  return [{ ...request.headers, 'content-length': String(Buffer.byteLength(body)) }, body];
}

function jsonOf(body: Buffer): Record<string, unknown> {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function awsQueryError(status: number, code: string, message: string): WireResponse {
  const body =
    '<ErrorResponse><Error><Type>Sender</Type>' +
    `<Code>${code}</Code><Message>${message.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</Message></Error>` +
    '<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>';
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

function identity(accessKeyId: string): WireResponse {
  const body =
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
    `<Arn>arn:aws:iam::${LOCAL_ACCOUNT}:user/${accessKeyId.replace(/[^\w-]/g, '')}</Arn><UserId>LOCAL</UserId>` +
    `<Account>${LOCAL_ACCOUNT}</Account></GetCallerIdentityResult>` +
    '<ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata></GetCallerIdentityResponse>';
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}
