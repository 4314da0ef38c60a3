import type { PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { faultOf, metadataOf, sdkError } from '../sdk-answers.ts';
import type { CloudWatch } from './cloudwatch.ts';
import { CloudWatchFault } from './fields.ts';
import { shapeOf } from './protocols.ts';
import { putMetricData } from './put-metric-data.ts';

/** A command object of `@aws-sdk/client-cloudwatch`. Its class's name tells what it does, so it must not be minified. */
export interface CloudWatchCommand {
  readonly input: unknown;
  readonly constructor: { readonly name: string };
}

/**
 * Runs one command of `@aws-sdk/client-cloudwatch`, at once and without HTTP. Only PutMetricData is known.
 * @returns what the SDK's client returns for it
 * @throws Error as the SDK's client throws it after one attempt
 */
export function runCloudWatchCommand(cloudwatch: CloudWatch, command: CloudWatchCommand): unknown {
  const requestId = `request-${cloudwatch.now().toString(16)}`;
  try {
    if (command.constructor.name !== 'PutMetricDataCommand') {
      const name = command.constructor.name.replace(/Command$/, '');
      throw new CloudWatchFault('UnknownOperation', `unknown operation ${name}`);
    }
    putMetricData(cloudwatch, asJson(command.input as PutMetricDataInput));
    return { $metadata: metadataOf(200, requestId) };
  } catch (error) {
    if (!(error instanceof CloudWatchFault)) throw error;
    throw asSdkError(error, requestId);
  }
}

/** The model reads times as JSON has them: in seconds. */
const asJson = ({ MetricData, ...input }: PutMetricDataInput): object => ({
  ...input,
  MetricData: MetricData?.map(({ Timestamp, ...datum }) =>
    Timestamp === undefined ? datum : { ...datum, Timestamp: Timestamp.getTime() / 1_000 },
  ),
});

/** In the SDK, an error of CloudWatch has the code of the older query protocol beside the name of its shape. */
function asSdkError(fault: CloudWatchFault, requestId: string): Error {
  const { code: Code, status, message } = fault;
  const [name, Type] = [shapeOf(fault), status < 500 ? 'Sender' : 'Receiver'];
  return sdkError(
    { name, message, $fault: faultOf(status), $metadata: metadataOf(status, requestId) },
    {
      $retryable: undefined,
      __type: `com.amazonaws.cloudwatch#${name}`,
      RequestId: requestId,
      Type,
      Code,
      Error: { Type, Code, Message: message },
    },
    fault,
  );
}
