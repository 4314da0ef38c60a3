import type { VirtualClock } from '../clock.ts';
import { SdkError } from '../sdk-error.ts';
import { SimulatedQueue } from './queue.ts';
import type { MessageFacts, QueueSpec, SqsFaults } from './types.ts';

export interface SqsOptions {
  readonly clock: VirtualClock;
  /** All chance and all ids come from it. */
  readonly seed: number;
  readonly accountId: string;
  /** The URL under which clients know a queue. */
  queueUrl(name: string): string;
  /** None when left out. */
  readonly faults?: SqsFaults;
  /** Told of each message that SQS moves to a dead-letter queue, as it was received too often. */
  onDeadLetter?(queue: QueueSpec, message: MessageFacts): void;
}

/** One redrive of dead letters, done at once. */
export interface MoveTask {
  readonly handle: string;
  readonly sourceArn: string;
  readonly destinationArn: string | undefined;
  /** Messages a second, as asked for; the move does not keep to it. */
  readonly messagesPerSecondMax: number | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly moved: number;
  readonly toMove: number;
  readonly failureReason?: string;
}

/** SQS of one account on the virtual clock, in all its regions. Queue names are unique in it, as the vault's are. */
export class SqsService {
  /** What goes wrong from now on; replace it at any time. */
  faults: SqsFaults;
  readonly #options: SqsOptions;
  readonly #byName = new Map<string, SimulatedQueue>();
  readonly #byUrl = new Map<string, SimulatedQueue>();
  readonly #byArn = new Map<string, SimulatedQueue>();
  readonly #moves: MoveTask[] = [];

  constructor(options: SqsOptions) {
    this.#options = options;
    this.faults = options.faults ?? {};
  }

  get clock(): VirtualClock {
    return this.#options.clock;
  }

  get accountId(): string {
    return this.#options.accountId;
  }

  /** @throws when the name is taken, or does not fit the kind of the queue */
  createQueue(spec: QueueSpec): SimulatedQueue {
    if (this.#byName.has(spec.name)) throw new Error(`createQueue: there is a queue "${spec.name}" already`);
    if (spec.fifo !== spec.name.endsWith('.fifo'))
      throw new Error(`createQueue: "${spec.name}" must end in .fifo if it is a FIFO queue, and only then`);
    const { clock, seed, accountId } = this.#options;
    const queue = new SimulatedQueue(spec, {
      clock,
      seed,
      url: this.#options.queueUrl(spec.name),
      arn: `arn:aws:sqs:${spec.region}:${accountId}:${spec.name}`,
      faults: () => this.faults,
      queueByName: (name) => this.#byName.get(name),
      queueByArn: (arn) => this.#byArn.get(arn),
      sourcesOf: (name) => this.sourcesOf(name),
      moved: (from, message) => this.#options.onDeadLetter?.(from, message),
    });
    this.#byName.set(spec.name, queue);
    this.#byUrl.set(queue.url, queue);
    this.#byArn.set(queue.arn, queue);
    return queue;
  }

  queue(name: string): SimulatedQueue | undefined {
    return this.#byName.get(name);
  }

  /** @throws SdkError `QueueDoesNotExist` */
  byUrl(url: string): SimulatedQueue {
    const queue = this.#byUrl.get(url);
    if (queue === undefined) throw new SdkError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  byArn(arn: string): SimulatedQueue | undefined {
    return this.#byArn.get(arn);
  }

  queues(): readonly SimulatedQueue[] {
    return [...this.#byName.values()];
  }

  /** The queues whose dead letters go to the one of this name. */
  sourcesOf(deadLetterName: string): readonly SimulatedQueue[] {
    return this.queues().filter(({ spec }) => spec.redrive?.deadLetterName === deadLetterName);
  }

  /** Redrives of this dead-letter queue, the newest first. */
  movesOf(sourceArn: string): readonly MoveTask[] {
    return this.#moves.filter((task) => task.sourceArn === sourceArn).reverse();
  }

  /**
   * Moves all visible messages of a dead-letter queue, at once. Without a destination each goes back to the queue
   * that SQS took it from; letters that were sent to the dead-letter queue directly then stay, and the task fails.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-dlq-redrive.html
   * @throws SdkError `ResourceNotFoundException` for a queue that is not there, `InvalidParameterValue` when the
   * source is nobody's dead-letter queue, `UnsupportedOperation` for a destination of the other kind
   */
  startMove(request: {
    readonly sourceArn: string;
    readonly destinationArn: string | undefined;
    readonly messagesPerSecondMax: number | undefined;
  }): MoveTask {
    const { sourceArn, destinationArn } = request;
    const source = this.#existing(sourceArn);
    if (this.sourcesOf(source.spec.name).length === 0)
      throw new SdkError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
    const destination = destinationArn === undefined ? undefined : this.#existing(destinationArn);
    if (destination !== undefined && destination.spec.fifo !== source.spec.fifo)
      throw new SdkError('UnsupportedOperation', 'Source and destination must be of the same type.');
    const toMove = source.counts().visible;
    const { moved, stayed } = source.moveVisible(
      (arn) => destination ?? (arn === undefined ? undefined : this.#byArn.get(arn)),
    );
    const task: MoveTask = {
      ...request,
      handle: Buffer.from(`${source.spec.name}/${this.#moves.length}`).toString('base64'),
      startedAt: this.clock.now(),
      moved,
      toMove,
      ...(stayed === 0 ? {} : { failureReason: 'CouldNotDetermineMessageSource' }),
    };
    this.#moves.push(task);
    return task;
  }

  #existing(arn: string): SimulatedQueue {
    const queue = this.#byArn.get(arn);
    if (queue === undefined)
      throw new SdkError(
        'ResourceNotFoundException',
        `The resource that you specified for the parameter does not exist: ${arn}`,
        404,
      );
    return queue;
  }
}
