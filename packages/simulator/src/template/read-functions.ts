import type { PolicyDocument } from './iam.ts';
import type {
  EventSourceMappingResource,
  FunctionCode,
  FunctionResource,
  LogGroupResource,
  PermissionResource,
  RoleResource,
} from './model.ts';
import { readDocument } from './read-queues.ts';
import { functionNameOf, nameAndArn, optional, type Reading } from './reading.ts';
import { isRecord } from './template-types.ts';

/** Finds an asset on this machine by the object key that the template gives. */
export type AssetFinder = (objectKey: string) => { path: string; packaging: string } | undefined;

/** A function as its own resource says; asynchronous calls have Lambda's defaults: two retries, six hours. */
export function readFunction(reading: Reading, findAsset: AssetFinder): FunctionResource {
  const { properties, origin } = reading;
  properties.ignore(
    'FunctionName',
    'Description',
    'Tags',
    'TracingConfig',
    'EphemeralStorage',
    'PackageType',
  );
  properties.ignore('RuntimeManagementConfig', 'RecursiveLoop');
  const environment = properties.inner('Environment').any('Variables');
  const logging = properties.inner('LoggingConfig');
  logging.ignore('LogFormat', 'ApplicationLogLevel', 'SystemLogLevel');
  return {
    ...origin,
    ...nameAndArn(reading),
    handler: properties.requiredText('Handler'),
    runtime: properties.requiredText('Runtime'),
    architecture: properties.texts('Architectures')[0] ?? 'x86_64',
    timeoutSeconds: properties.number('Timeout') ?? 3,
    memoryMb: properties.number('MemorySize') ?? 128,
    environment: textsOf(environment),
    roleArn: properties.requiredText('Role'),
    code: readCode(reading, findAsset),
    ...optional('reservedConcurrency', properties.number('ReservedConcurrentExecutions')),
    ...optional('logGroup', logging.text('LogGroup')),
    asyncInvoke: {
      maximumRetryAttempts: 2,
      maximumEventAgeSeconds: 21_600,
      ...optional('deadLetterArn', properties.inner('DeadLetterConfig').text('TargetArn')),
    },
  };
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).map(([key, item]) => [key, String(item)]),
  );
}

function readCode(reading: Reading, findAsset: AssetFinder): FunctionCode {
  const code = reading.properties.inner('Code');
  const text = code.text('ZipFile');
  if (text !== undefined) return { kind: 'inline', text };
  code.ignore('S3Bucket', 'S3ObjectVersion');
  const key = code.requiredText('S3Key');
  const asset = findAsset(key);
  if (asset === undefined) {
    reading.problem(`Code.S3Key ${key} is not in the assets manifest`);
    return { kind: 'asset', path: key, packaging: 'unknown' };
  }
  return { kind: 'asset', ...asset };
}

/** What `AWS::Lambda::EventInvokeConfig` adds to a function. */
export interface InvokeConfig {
  readonly functionName: string;
  readonly asyncInvoke: Partial<FunctionResource['asyncInvoke']>;
}

/** `AWS::Lambda::EventInvokeConfig`. */
export function readInvokeConfig({ properties }: Reading): InvokeConfig {
  properties.ignore('Qualifier');
  const destinations = properties.inner('DestinationConfig');
  return {
    functionName: functionNameOf(properties.requiredText('FunctionName')),
    asyncInvoke: {
      ...optional('maximumRetryAttempts', properties.number('MaximumRetryAttempts')),
      ...optional('maximumEventAgeSeconds', properties.number('MaximumEventAgeInSeconds')),
      ...optional('onFailureArn', destinations.inner('OnFailure').text('Destination')),
      ...optional('onSuccessArn', destinations.inner('OnSuccess').text('Destination')),
    },
  };
}

/** `AWS::Lambda::EventSourceMapping` on a queue. */
export function readMapping({ properties, origin }: Reading): EventSourceMappingResource {
  properties.ignore('Tags', 'MetricsConfig');
  return {
    ...origin,
    eventSourceArn: properties.requiredText('EventSourceArn'),
    functionName: functionNameOf(properties.requiredText('FunctionName')),
    batchSize: properties.number('BatchSize') ?? 10,
    batchingWindowSeconds: properties.number('MaximumBatchingWindowInSeconds') ?? 0,
    enabled: properties.boolean('Enabled') ?? true,
    reportBatchItemFailures: properties.texts('FunctionResponseTypes').includes('ReportBatchItemFailures'),
    ...optional('maximumConcurrency', properties.inner('ScalingConfig').number('MaximumConcurrency')),
  };
}

/** `AWS::Lambda::Permission`. */
export function readPermission({ properties, origin }: Reading): PermissionResource {
  return {
    ...origin,
    functionName: functionNameOf(properties.requiredText('FunctionName')),
    action: properties.requiredText('Action'),
    principal: properties.requiredText('Principal'),
    ...optional('sourceArn', properties.text('SourceArn')),
    ...optional('sourceAccount', properties.text('SourceAccount')),
  };
}

/** A role with the policies that are in it. */
export function readRole(reading: Reading): RoleResource {
  const { properties, origin, problem } = reading;
  properties.ignore('RoleName', 'Description', 'Tags', 'MaxSessionDuration', 'Path');
  return {
    ...origin,
    ...nameAndArn(reading),
    trust: readDocument(properties, 'AssumeRolePolicyDocument', problem),
    policies: properties.items('Policies').map((policy) => {
      policy.ignore('PolicyName');
      return readDocument(policy, 'PolicyDocument', problem);
    }),
    managedPolicyArns: properties.texts('ManagedPolicyArns'),
  };
}

/** What `AWS::IAM::Policy` adds to roles, by their names. */
export interface AttachedPolicy {
  readonly roles: readonly string[];
  readonly document: PolicyDocument;
}

/** `AWS::IAM::Policy`. */
export function readPolicy({ properties, problem }: Reading): AttachedPolicy {
  properties.ignore('PolicyName');
  return { roles: properties.texts('Roles'), document: readDocument(properties, 'PolicyDocument', problem) };
}

/** `AWS::Logs::LogGroup`. */
export function readLogGroup(reading: Reading): LogGroupResource {
  const { properties, origin } = reading;
  properties.ignore('LogGroupName', 'Tags', 'KmsKeyId', 'LogGroupClass', 'DataProtectionPolicy');
  return {
    ...origin,
    ...nameAndArn(reading),
    ...optional('retentionDays', properties.number('RetentionInDays')),
  };
}
