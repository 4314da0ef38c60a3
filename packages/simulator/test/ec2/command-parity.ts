import { expect } from 'vitest';
import { type Ec2Command, runEc2Command } from '../../src/index.ts';
import { type Endpoint, HOME, serve, type TestWorld, testWorld, type WorldOptions } from './world.ts';

/** What came of a command: what it gave, or the parts of the error that callers look at. */
type Outcome = { readonly output: unknown } | { readonly error: Record<string, unknown> };

/** Two equal worlds: the same commands go to one over HTTP and straight into the other. */
export interface Twins {
  readonly wire: TestWorld;
  readonly direct: TestWorld;
  /** Sends the command both ways, and fails unless all that comes back is equal. */
  same(command: Ec2Command, region?: string): Promise<Outcome>;
  /** The same, for what must be an error. @returns its code */
  fails(command: Ec2Command, region?: string): Promise<unknown>;
  /** The same, for what must not be an error. */
  gives<T>(command: Ec2Command, region?: string): Promise<T>;
  /** Changes both worlds. */
  both(change: (it: TestWorld) => void): void;
  close(): Promise<void>;
}

export async function twins(options: WorldOptions = {}): Promise<Twins> {
  const [wire, direct] = [testWorld(options), testWorld(options)];
  const endpoint = await serve(wire.world);
  const clients = new Map<string, ReturnType<Endpoint['client']>>();
  const clientOf = (region: string) => {
    const client = clients.get(region) ?? endpoint.client(region);
    clients.set(region, client);
    return client;
  };
  const same = async (command: Ec2Command, region = HOME): Promise<Outcome> => {
    const there = await outcomeOf(() => clientOf(region).send(command as never));
    const here = await outcomeOf(async () => runEc2Command(direct.world, region, command));
    expect(here).toEqual(there);
    return here;
  };
  return {
    wire,
    direct,
    same,
    fails: async (command, region) => {
      const outcome = await same(command, region);
      if ('error' in outcome) return outcome.error['name'];
      throw new Error(`expected an error, got ${JSON.stringify(outcome.output)}`);
    },
    gives: async <T>(command: Ec2Command, region?: string) => {
      const outcome = await same(command, region);
      if ('output' in outcome) return outcome.output as T;
      throw new Error(`expected an answer, got ${JSON.stringify(outcome.error)}`);
    },
    both: (change) => {
      change(wire);
      change(direct);
    },
    close: () => endpoint.close(),
  };
}

async function outcomeOf(send: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { output: await send() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message } = error;
    return { error: { ...error, name, message } };
  }
}
