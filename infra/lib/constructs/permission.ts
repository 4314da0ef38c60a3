import { Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** One statement of a role, and why its resources cannot be named one by one, when they cannot. */
export interface Permission {
  readonly statement: PolicyStatement;
  /** Required for a resource with a wildcard: it becomes the acknowledgement of cdk-nag's rule IAM5. */
  readonly wildcardReason?: string;
}

export interface PermissionProps {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: PolicyStatementProps['conditions'];
  readonly wildcardReason?: string;
}

/** A statement that allows these actions on these resources, under all of these conditions. */
export const allow = (props: PermissionProps): Permission => permission(Effect.ALLOW, props);

/** A statement that forbids, whatever else allows. */
export const deny = (props: PermissionProps): Permission => permission(Effect.DENY, props);

function permission(effect: Effect, props: PermissionProps): Permission {
  const { sid, actions, resources, conditions, wildcardReason } = props;
  const statement = new PolicyStatement({
    sid,
    effect,
    actions: [...actions],
    resources: [...resources],
    ...(conditions === undefined ? {} : { conditions }),
  });
  return { statement, ...(wildcardReason === undefined ? {} : { wildcardReason }) };
}

/** Tells cdk-nag, beside the role that has them, why these permissions need their wildcards. */
export function acknowledgeWildcards(role: Construct, permissions: readonly Permission[]): void {
  for (const { statement, wildcardReason } of permissions) {
    if (wildcardReason === undefined) continue;
    const findings = statement.resources.map((resource) => flatten(Stack.of(role).resolve(resource)));
    for (const finding of findings.filter((text) => text.includes('*'))) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${finding}]`,
        reason: wildcardReason,
      });
    }
  }
}

/** The way in which cdk-nag writes a resource that holds references: `arn:<AWS::Partition>:…`. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  if ('Ref' in value) return `<${String(value.Ref)}>`;
  if ('Fn::GetAtt' in value) return `<${(value['Fn::GetAtt'] as readonly string[]).join('.')}>`;
  if ('Fn::Join' in value) {
    const [separator, parts] = value['Fn::Join'] as readonly [string, readonly unknown[]];
    return parts.map(flatten).join(separator);
  }
  return JSON.stringify(value);
}
