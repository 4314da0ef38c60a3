import type { LogFields } from '@smart-vault/core';
import type { MetricId } from '@smart-vault/simulator';
import type { Environment, Invocation, InvocationEnd } from '../environment.ts';
import type { Oracle } from './oracle.ts';

/** Errors that somebody is told of in another way: by a letter in a queue, by the mail about the run. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set(['message.dead-lettered']);

/** Ages that people are promised not to see, and the templates' `rpoHours`. */
const AGES: ReadonlySet<string> = new Set(['OldestPointAgeSeconds', 'OldestCopyAgeSeconds']);
const RPO_SECONDS = 26 * 3_600;

const ours = (name: string): MetricId => ({
  namespace: 'SmartVault',
  name,
  dimensions: { Service: 'Backup' },
});

/** H5: whatever goes wrong rings an alarm that is there for it. */
export class RingJudge {
  readonly #oracle: Oracle;
  /** The first error that an invocation has logged, by its label. */
  readonly #errors = new Map<string, string>();
  /** Invocations that have counted something that an alarm looks at. */
  readonly #counted = new Set<string>();

  constructor(oracle: Oracle) {
    this.#oracle = oracle;
  }

  logged(functionName: string, level: string, event: string, fields: LogFields): void {
    // What the reporter cannot do or see is in its mail.
    if (level !== 'error' || functionName === 'reporter' || TOLD_OTHERWISE.has(event)) return;
    const label = String(fields['requestId']);
    if (!this.#errors.has(label)) this.#errors.set(label, event);
  }

  /** A function has counted something: with a clock that is right its alarm looks at it. */
  counted({ invocation, skewMs }: Environment, name: string, value: number): void {
    if (value <= 0) return;
    this.#counted.add(invocation?.label ?? '');
    if (skewMs === 0) this.#await(ours(name));
  }

  /** The reporter has told CloudWatch of a run. */
  measured({ skewMs }: Environment, name: string, value: number): void {
    if (AGES.has(name) && value > RPO_SECONDS && skewMs === 0) this.#await(ours(name));
  }

  ended({ label, functionName }: Invocation, end: InvocationEnd): void {
    const error = this.#errors.get(label);
    if (end.kind === 'failed')
      this.#await({
        namespace: 'AWS/Lambda',
        name: 'Errors',
        dimensions: { FunctionName: `${this.#oracle.world.facts.vault}-${functionName}` },
      });
    else if (error !== undefined && !this.#counted.has(label))
      this.#oracle.broken('H5', `${functionName} logged ${error}, and counted nothing that would ring`, []);
    this.#errors.delete(label);
    this.#counted.delete(label);
  }

  /** Letters lie in a dead-letter queue. */
  lettersIn(queue: string): void {
    this.#await({
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: queue },
    });
  }

  #await(metric: MetricId): void {
    this.#oracle.world.monitoring.ask(metric, (rings) => {
      if (rings) return;
      const { namespace, name, dimensions } = metric;
      this.#oracle.broken(
        'H5',
        `no alarm rings for ${namespace} ${name} of ${Object.values(dimensions).join(' ')}`,
        [],
      );
    });
  }
}
