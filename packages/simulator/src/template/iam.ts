import { type ConditionBlock, type ConditionContext, conditionsHold, valuesOf } from './iam-conditions.ts';
import { matchesArn, matchesWildcard } from './iam-wildcards.ts';

/** A statement of a policy as JSON has it. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: ConditionBlock;
  /** Of a resource's policy, such as a queue's. */
  readonly Principal?: unknown;
}

/** A policy with every intrinsic resolved. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly PolicyStatement[];
}

/** One thing that someone wants to do to one resource; EC2 checks some calls against several. */
export interface AccessRequest {
  /** Such as `ec2:CreateSnapshot`. */
  readonly action: string;
  /** ARN, or `*` for a call without one. */
  readonly resource: string;
  readonly context?: ConditionContext;
}

/** What the policies say, and by which statement. */
export type AccessDecision =
  | { readonly kind: 'allowed' | 'denied'; readonly statement: PolicyStatement }
  | { readonly kind: 'not-allowed' };

/** Whether a role's policies let it do this. See `decideAccess`. */
export function allows(policies: readonly PolicyDocument[], request: AccessRequest): boolean {
  return decideAccess(policies, request).kind === 'allowed';
}

/**
 * IAM's rule within one account: an explicit Deny wins, else one Allow is enough, else it is not allowed.
 * Boundaries, service control policies and session policies are no part of it.
 * @throws AppError `CONFIG` for a condition that this model does not know, whatever else the policies say
 */
export function decideAccess(policies: readonly PolicyDocument[], request: AccessRequest): AccessDecision {
  const applying = policies
    .flatMap(({ Statement }) => Statement)
    .filter((statement) => applies(statement, request));
  const denied = applying.find(({ Effect }) => Effect === 'Deny');
  if (denied) return { kind: 'denied', statement: denied };
  const [allowed] = applying;
  return allowed ? { kind: 'allowed', statement: allowed } : { kind: 'not-allowed' };
}

/** Whether a resource's own policy, such as a queue's, lets a service do this. `Principal` must name it or be `*`. */
export function allowsService(
  policies: readonly PolicyDocument[],
  service: string,
  request: AccessRequest,
): boolean {
  const own = policies.map((policy) => ({
    ...policy,
    Statement: policy.Statement.filter(({ Principal }) => namesService(Principal, service)),
  }));
  return allows(own, request);
}

function namesService(principal: unknown, service: string): boolean {
  if (principal === '*') return true;
  if (typeof principal !== 'object' || principal === null) return false;
  const { Service, AWS } = principal as Record<string, unknown>;
  return valuesOf(Service ?? []).includes(service) || valuesOf(AWS ?? []).includes('*');
}

function applies(statement: PolicyStatement, request: AccessRequest): boolean {
  const conditions = conditionsHold(statement.Condition ?? {}, request.context ?? {});
  return conditions && coversAction(statement, request.action) && coversResource(statement, request.resource);
}

function coversAction({ Action, NotAction }: PolicyStatement, action: string): boolean {
  const covers = (patterns: string | readonly string[]): boolean =>
    valuesOf(patterns).some((pattern) => matchesWildcard(pattern.toLowerCase(), action.toLowerCase()));
  if (Action !== undefined) return covers(Action);
  return NotAction !== undefined && !covers(NotAction);
}

function coversResource({ Resource, NotResource }: PolicyStatement, resource: string): boolean {
  const covers = (patterns: string | readonly string[]): boolean =>
    valuesOf(patterns).some((pattern) => matchesArn(pattern, resource));
  if (Resource !== undefined) return covers(Resource);
  return NotResource !== undefined && !covers(NotResource);
}
