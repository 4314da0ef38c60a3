import { awsJsonError } from './endpoint.ts';
import type { Queues } from './queues.ts';
import type { WireResponse } from './wire.ts';

interface MoveTask {
  readonly handle: string;
  readonly from: string;
  readonly to: string | undefined;
  readonly startedAt: number;
  readonly moved: number;
}

/** The operations of SQS that are about dead letters: fauxqs 2.4.1 has none of them. Moves are done at once. */
export class Redrive {
  readonly #queues: Queues;
  readonly #now: () => number;
  readonly #tasks: MoveTask[] = [];

  constructor(queues: Queues, now: () => number) {
    this.#queues = queues;
    this.#now = now;
  }

  /** Answers the operation, or undefined when it is none of these. */
  handle(operation: string, input: Readonly<Record<string, unknown>>): WireResponse | undefined {
    switch (operation) {
      case 'StartMessageMoveTask':
        return this.#start(textOf(input, 'SourceArn'), textOf(input, 'DestinationArn'));
      case 'ListMessageMoveTasks':
        return this.#list(textOf(input, 'SourceArn'), Number(input['MaxResults'] ?? 1));
      case 'CancelMessageMoveTask':
        return awsJsonError(400, 'ResourceNotFoundException', 'No task of this handle is running.');
      case 'ListDeadLetterSourceQueues':
        return this.#sources(textOf(input, 'QueueUrl'));
      default:
        return undefined;
    }
  }

  #start(sourceArn: string, destinationArn: string): WireResponse {
    const from = nameOf(sourceArn);
    if (!this.#queues.names().includes(from)) {
      return awsJsonError(400, 'ResourceNotFoundException', `There is no queue ${sourceArn}.`);
    }
    const sources = this.#queues.sourcesOf(from);
    const [only] = sources;
    if (only === undefined) {
      const text = 'Source queue must be configured as a Dead Letter Queue.';
      return awsJsonError(400, 'InvalidParameterValueException', text);
    }
    const to = destinationArn === '' ? only : nameOf(destinationArn);
    const moved = this.#queues.move(from, to);
    const handle = Buffer.from(`${from}/${this.#tasks.length}`).toString('base64');
    this.#tasks.unshift({ handle, from, to: destinationArn || undefined, startedAt: this.#now(), moved });
    return json({ TaskHandle: handle });
  }

  #list(sourceArn: string, resultsMax: number): WireResponse {
    const tasks = this.#tasks.filter((task) => task.from === nameOf(sourceArn)).slice(0, resultsMax);
    return json({
      Results: tasks.map((task) => ({
        SourceArn: sourceArn,
        ...(task.to === undefined ? {} : { DestinationArn: task.to }),
        Status: 'COMPLETED',
        StartedTimestamp: task.startedAt,
        ApproximateNumberOfMessagesMoved: task.moved,
        ApproximateNumberOfMessagesToMove: task.moved,
      })),
    });
  }

  #sources(queueUrl: string): WireResponse {
    const name = queueUrl.slice(queueUrl.lastIndexOf('/') + 1);
    if (!this.#queues.names().includes(name)) {
      return awsJsonError(400, 'com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.');
    }
    return json({ queueUrls: this.#queues.sourcesOf(name).map((source) => this.#queues.urlOf(source)) });
  }
}

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);
const textOf = (input: Readonly<Record<string, unknown>>, key: string): string =>
  typeof input[key] === 'string' ? (input[key] as string) : '';
const json = (body: unknown): WireResponse => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
});
