import type { Ec2World } from '@smart-vault/simulator';
import { type Rng, runEc2Command } from '@smart-vault/simulator';
import type { Command } from '../clients.ts';
import { type Environment, serviceError } from '../environment.ts';
import type { Meter } from './meter.ts';

/** The SDK's standard retries as they are set up by default: three attempts, full jitter. */
const ATTEMPTS_MAX = 3;
const THROTTLE_BASE_MS = 500;

/** Sends EC2 commands as a plain client of the SDK does: throttles are tried again, everything else is thrown. */
export class NaiveClient {
  readonly #environment: Environment;
  readonly #ec2: Ec2World;
  readonly #meter: Meter;
  readonly #rng: Rng;

  constructor(environment: Environment, ec2: Ec2World, meter: Meter, rng: Rng) {
    this.#environment = environment;
    this.#ec2 = ec2;
    this.#meter = meter;
    this.#rng = rng;
  }

  /** @throws the service's error, after its retries */
  async send(region: string, command: Command): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(region, command);
      } catch (error) {
        if ((error as Error).name !== 'RequestLimitExceeded' || attempt === ATTEMPTS_MAX) throw error;
        await this.#environment.sleep(this.#rng.next() * THROTTLE_BASE_MS * 2 ** (attempt - 1));
      }
    }
  }

  #once(region: string, command: Command): Promise<unknown> {
    const operation = command.constructor.name.slice(0, -'Command'.length);
    const call = { service: 'ec2', region, operation, subject: '' } as const;
    return this.#environment.call(call, () => {
      const output = runEc2Command(this.#ec2, region, command);
      this.#meter.afterCall({ ...call, environment: this.#environment, input: command.input });
      return output;
    });
  }
}

/** The field of an answer. @throws Error when it is not there */
export function fieldOf(output: unknown, name: string): string {
  const value = (output as Readonly<Record<string, unknown>>)[name];
  if (typeof value !== 'string') throw serviceError('Unknown', `the answer has no ${name}`, 500);
  return value;
}
