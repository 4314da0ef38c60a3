import type { LogFields } from '@smart-vault/core';
import type { MessageFacts } from '@smart-vault/simulator';
import type { Invocation } from '../environment.ts';
import { DAY_MS } from '../packs.ts';
import type { ServiceCall } from '../vault-world.ts';
import type { Oracle } from './oracle.ts';
import { leftUndone, snapshotIdsIn } from './work.ts';

const WAKES = /wake/;
/** After 1, 2, 4, 8 and 12 hours; and as often again where schedules fire twice and clocks are wrong. */
const ENQUEUED_A_DAY_MAX = 10;
/** What a letter must say: the code and the cause of its death. */
const LETTER_FACTS = ['smart-vault.code', 'smart-vault.cause'] as const;

type Batch = {
  readonly QueueUrl?: string;
  readonly Entries?: readonly {
    readonly Id?: string;
    readonly MessageBody?: string;
    readonly MessageAttributes?: Readonly<Record<string, unknown>>;
  }[];
};
type Received = {
  readonly Messages?: readonly {
    readonly ReceiptHandle?: string;
    readonly MessageId?: string;
    readonly Body?: string;
    readonly Attributes?: Readonly<Record<string, string>>;
    readonly MessageAttributes?: Readonly<Record<string, unknown>>;
  }[];
};
type Accepted = { readonly Successful?: readonly { readonly Id?: string }[] };
/** What the reconciler sends again although its letter lies there. */
const HAS_LETTER = 'smart-vault.has-letter';

/** What a receipt belongs to. */
interface Receive {
  readonly messageId: string;
  readonly receive: string;
  readonly body: string;
  readonly hasLetter: boolean;
}

/** What an invocation has said of its messages, and what SQS has taken from it. */
interface Work {
  /** What it said of a message; of one that SQS has delivered twice, more than one thing. */
  readonly said: Map<string, ReadonlySet<string>>;
  /** Bodies that SQS has taken into queues of work. */
  readonly sent: Set<string>;
  /** Letters that SQS has taken, less those whose message was deleted since. */
  letters: number;
}

/** Judges what functions do with messages: nothing is lost, harped on, or dies without a word. */
export class MessageJudge {
  readonly #oracle: Oracle;
  /** The message that a receipt belongs to, until it is deleted. */
  readonly #receives = new Map<string, Receive>();
  /** After which receives a message was handed back, by its id; a message that SQS delivers twice has one id. */
  readonly #handedBack = new Map<string, Set<string>>();
  /** When the reconciler enqueued something within the last day, by queue and what it is about. */
  readonly #enqueued = new Map<string, readonly number[]>();
  readonly #works = new Map<string, Work>();

  constructor(oracle: Oracle) {
    this.#oracle = oracle;
  }

  /** Before a call to SQS takes effect. */
  before(call: ServiceCall): void {
    if (call.operation === 'SendMessageBatch') this.#tellsCause(call);
    if (call.operation === 'DeleteMessage') this.#losesNothing(call);
  }

  /** After a call to SQS, with its answer or its error. */
  after(call: ServiceCall): void {
    if (call.error !== undefined) return;
    this.#noteReceives(call);
    if (call.operation === 'SendMessageBatch' && call.environment.functionName === 'reconciler')
      this.#backsOff(call);
  }

  logged(event: string, fields: LogFields): void {
    if (!event.startsWith('message.')) return;
    const { said } = this.#workOf(String(fields['requestId']));
    const id = String(fields['messageId']);
    said.set(id, new Set([...(said.get(id) ?? []), event]));
  }

  #noteReceives({ environment, operation, input, output }: ServiceCall): void {
    if (operation === 'ReceiveMessage') {
      for (const { ReceiptHandle = '', MessageId = '', Body = '', ...rest } of (output as Received)
        .Messages ?? [])
        this.#receives.set(ReceiptHandle, {
          messageId: MessageId,
          receive: rest.Attributes?.['ApproximateReceiveCount'] ?? '',
          body: Body,
          hasLetter: rest.MessageAttributes?.[HAS_LETTER] !== undefined,
        });
      return;
    }
    if (operation === 'SendMessageBatch')
      noteSent(this.#workOf(environment.invocation?.label), input as Batch, output as Accepted);
    if (operation !== 'ChangeMessageVisibility' && operation !== 'DeleteMessage') return;
    const { ReceiptHandle = '' } = input as { readonly ReceiptHandle?: string };
    const received = this.#receives.get(ReceiptHandle);
    if (received === undefined) return;
    const { messageId, receive } = received;
    if (operation === 'DeleteMessage') {
      this.#receives.delete(ReceiptHandle);
      this.#handedBack.delete(messageId);
    } else this.#handedBack.set(messageId, (this.#handedBack.get(messageId) ?? new Set()).add(receive));
  }

  /** L6: what is only handed back for later, each time that it is received, must not die of being received. */
  moved(queue: string, { messageId, receiveCount, body }: MessageFacts): void {
    const handedBack = this.#handedBack.get(messageId)?.size ?? 0;
    if (handedBack > 0 && handedBack >= receiveCount)
      this.#oracle.broken(
        'L6',
        `a message of ${queue} died of being handed back ${handedBack} times`,
        [],
        body,
      );
  }

  ended({ label }: Invocation): void {
    this.#works.delete(label);
  }

  #workOf(label = ''): Work {
    let work = this.#works.get(label);
    if (work === undefined) {
      work = { said: new Map(), sent: new Set(), letters: 0 };
      this.#works.set(label, work);
    }
    return work;
  }

  /** L4: a message goes only when its work is done, or once SQS has what stands for it: a copy, parts, or its letter. */
  #losesNothing({ environment, input }: ServiceCall): void {
    const { ReceiptHandle = '', QueueUrl = '' } = input as {
      readonly ReceiptHandle?: string;
      readonly QueueUrl?: string;
    };
    const received = this.#receives.get(ReceiptHandle);
    // What was sent before Lambda ended the function takes effect after that.
    if (received === undefined || environment.sentBeforeDeath !== undefined) return;
    const work = this.#workOf(environment.invocation?.label);
    const said = [...(work.said.get(received.messageId) ?? [])];
    const reason = said.find((each) => isSafe(received, each, work));
    if (reason === 'message.dead-lettered' && !received.hasLetter) work.letters -= 1;
    if (reason !== undefined) return;
    const undone = leftUndone(this.#oracle, QueueUrl, received.body);
    const isFinished = said.some((each) => each === 'message.started' || each === 'message.done');
    if (isFinished && undone === undefined) return;
    this.#oracle.broken(
      'L4',
      `${environment.functionName} deletes a message (it said ${said.join(', ') || 'nothing'}), and nothing stands for it in any queue${undone === undefined ? '' : `: ${undone}`}`,
      [],
      received,
    );
  }

  /** L5: what is missing for long is enqueued less and less often, however often the reconciler looks. */
  #backsOff({ input, output }: ServiceCall): void {
    const { QueueUrl = '', Entries = [] } = input as Batch;
    if (WAKES.test(QueueUrl)) return;
    const now = this.#oracle.world.kernel.now();
    for (const { Id } of (output as Accepted).Successful ?? []) {
      const body = Entries.find((entry) => entry.Id === Id)?.MessageBody ?? '{}';
      const { unit, slot, snapshotId } = JSON.parse(body) as Readonly<Record<string, unknown>>;
      const thing = `${QueueUrl} ${String(snapshotId ?? `${unit} ${slot}`)}`;
      const lately = (this.#enqueued.get(thing) ?? []).filter((at) => at > now - DAY_MS);
      this.#enqueued.set(thing, [...lately, now]);
      if (lately.length >= ENQUEUED_A_DAY_MAX)
        this.#oracle.broken(
          'L5',
          `within a day the reconciler enqueued ${lately.length + 1} times: ${thing}`,
          [],
        );
    }
  }

  /** H3: what dies says of what. SQS's own redrive cannot, so it is only asked of what functions send. */
  #tellsCause({ environment, input }: ServiceCall): void {
    const { QueueUrl = '', Entries = [] } = input as Batch;
    if (!QueueUrl.includes('-dlq')) return;
    for (const { MessageAttributes = {} } of Entries) {
      const missing = LETTER_FACTS.filter((name) => MessageAttributes[name] === undefined);
      if (missing.length > 0)
        this.#oracle.broken(
          'H3',
          `${environment.functionName} sent a dead letter without ${missing.join(' and ')}`,
          [],
        );
    }
  }
}

function noteSent(work: Work, { QueueUrl = '', Entries = [] }: Batch, { Successful = [] }: Accepted): void {
  if (QueueUrl.includes('-dlq')) {
    work.letters += Successful.length;
    return;
  }
  for (const { Id } of Successful) work.sent.add(Entries.find((entry) => entry.Id === Id)?.MessageBody ?? '');
}

/** Whether SQS has what stands for a message. */
function isSafe({ body, hasLetter }: Receive, said: string, work: Work): boolean {
  switch (said) {
    case 'message.replaced':
      return snapshotIdsIn(body).every((id) => [...work.sent].some((part) => part.includes(id)));
    case 'message.handed-back':
      return work.sent.has(body);
    case 'message.dead-lettered':
      return hasLetter || work.letters > 0;
    default:
      return false;
  }
}
