import type * as Sdk from '@aws-sdk/client-sqs';
import { ANSWERED, SdkError } from '../sdk-error.ts';
import type { SdkCommand } from './run-command.ts';
import type { MoveTask, SqsService } from './service.ts';

const TASKS_MAX = 10;

/** The commands about dead letters. @throws SdkError `InvalidAction` for a command that the model does not know */
export function runMoveCommand(sqs: SqsService, command: SdkCommand): unknown {
  const { input } = command;
  const { name } = command.constructor;
  switch (name) {
    case 'StartMessageMoveTaskCommand':
      return start(sqs, input as Sdk.StartMessageMoveTaskCommandInput);
    case 'ListMessageMoveTasksCommand':
      return list(sqs, input as Sdk.ListMessageMoveTasksCommandInput);
    case 'CancelMessageMoveTaskCommand':
      throw new SdkError('ResourceNotFoundException', 'No task of this handle is running.', 404);
    case 'ListDeadLetterSourceQueuesCommand':
      return sources(sqs, input as Sdk.ListDeadLetterSourceQueuesCommandInput);
    default:
      throw new SdkError('InvalidAction', `The simulated SQS does not know ${name}.`);
  }
}

function start(
  sqs: SqsService,
  input: Sdk.StartMessageMoveTaskCommandInput,
): Sdk.StartMessageMoveTaskCommandOutput {
  const { handle } = sqs.startMove({
    sourceArn: input.SourceArn ?? '',
    destinationArn: input.DestinationArn,
    messagesPerSecondMax: input.MaxNumberOfMessagesPerSecond,
  });
  return { TaskHandle: handle, $metadata: ANSWERED };
}

function list(
  sqs: SqsService,
  { SourceArn = '', MaxResults = 1 }: Sdk.ListMessageMoveTasksCommandInput,
): Sdk.ListMessageMoveTasksCommandOutput {
  if (sqs.byArn(SourceArn) === undefined)
    throw new SdkError('ResourceNotFoundException', `There is no queue ${SourceArn}.`, 404);
  const tasks = sqs.movesOf(SourceArn).slice(0, Math.min(TASKS_MAX, MaxResults));
  return { Results: tasks.map(toResult), $metadata: ANSWERED };
}

/** A task that is over: without its handle. */
const toResult = (task: MoveTask): Sdk.ListMessageMoveTasksResultEntry => ({
  Status: task.failureReason === undefined ? 'COMPLETED' : 'FAILED',
  SourceArn: task.sourceArn,
  ...(task.destinationArn === undefined ? {} : { DestinationArn: task.destinationArn }),
  ...(task.messagesPerSecondMax === undefined
    ? {}
    : { MaxNumberOfMessagesPerSecond: task.messagesPerSecondMax }),
  ApproximateNumberOfMessagesMoved: task.moved,
  ApproximateNumberOfMessagesToMove: task.toMove,
  ...(task.failureReason === undefined ? {} : { FailureReason: task.failureReason }),
  StartedTimestamp: task.startedAt,
});

function sources(
  sqs: SqsService,
  { QueueUrl = '' }: Sdk.ListDeadLetterSourceQueuesCommandInput,
): Sdk.ListDeadLetterSourceQueuesCommandOutput {
  const { spec } = sqs.byUrl(QueueUrl);
  return { queueUrls: sqs.sourcesOf(spec.name).map(({ url }) => url), $metadata: ANSWERED };
}
