import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../../src/clock.ts';
import { Endpoint, type ServiceRequest } from '../../src/local-cloud/endpoint.ts';
import { Engine } from '../../src/local-cloud/engine.ts';
import {
  type FailedInvocation,
  type FunctionConfig,
  Functions,
  type InvocationEnd,
  type InvocationRecord,
} from '../../src/local-cloud/lambda/functions.ts';
import { Mapping, type MappingConfig } from '../../src/local-cloud/mappings.ts';
import { Processor } from '../../src/local-cloud/processor.ts';
import { Queues } from '../../src/local-cloud/queues.ts';
import { VirtualDate } from '../../src/local-cloud/virtual-date.ts';

export const START = Date.parse('2026-11-02T00:00:00Z');
export const MINUTE = 60_000;

/** The engine without EC2 and templates: functions from source text, queues, one clock. */
export async function aLambda(setup: {
  functions: Record<string, { code: string; config?: Partial<FunctionConfig> }>;
  queues?: Record<string, Record<string, string>>;
  mappings?: Partial<MappingConfig>[];
}) {
  const folder = mkdtempSync(join(tmpdir(), 'a-lambda-'));
  const clock = new VirtualClock(START);
  const date = new VirtualDate(START);
  const processor = new Processor();
  const lines: string[] = [];
  const records: InvocationRecord[] = [];
  const failedForGood: FailedInvocation[] = [];
  const requests: ServiceRequest[] = [];
  let queues: Queues;
  const endpoint = await Endpoint.open(0, () => ({
    serve: async (request) => {
      requests.push(request);
      return queues.handle({ ...request.headers }, request.body.toString('utf8'));
    },
    local: async () => ({ status: 404, headers: {}, body: '' }),
  }));
  queues = await Queues.open((name) => `${endpoint.url}/000000000000/${name}`);
  const functions = new Functions({
    clock,
    processor,
    credentials: (name, environment) => ({
      AWS_ACCESS_KEY_ID: `key-${name}-${environment}`,
      AWS_SECRET_ACCESS_KEY: 's',
    }),
    onLines: (_name, some) => lines.push(...some),
    onEnd: (record) => records.push(record),
    onFailedForGood: (failed) => failedForGood.push(failed),
  });
  for (const [name, { code, config }] of Object.entries(setup.functions)) {
    const bundle = join(folder, `${name}.cjs`);
    writeFileSync(bundle, code);
    functions.add({
      name,
      arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      region: 'us-east-1',
      bundle,
      handler: 'handler',
      variables: { AWS_ENDPOINT_URL: endpoint.url, AWS_REGION: 'us-east-1' },
      timeoutSeconds: 300,
      memoryMb: 256,
      asyncRetriesMax: 2,
      asyncMaxAgeSeconds: 21_600,
      ...config,
    });
  }
  for (const [name, attributes] of Object.entries(setup.queues ?? {}))
    queues.createQueue(name, 'us-east-1', attributes);
  const mappings = (setup.mappings ?? []).map(
    (config) =>
      new Mapping(
        {
          queueName: 'work',
          functionName: 'worker',
          region: 'us-east-1',
          enabled: true,
          batchSize: 10,
          windowSeconds: 0,
          reportsItemFailures: true,
          ...config,
        },
        { queues, functions, clock },
      ),
  );
  const engine = new Engine({ clock, date, processor, queues, endpoint, mappings });
  return {
    clock,
    queues,
    functions,
    engine,
    endpoint,
    lines,
    records,
    failedForGood,
    requests,
    run: (minutes: number) => engine.run({ until: clock.now() + minutes * MINUTE }),
    invoke: (name: string, event: unknown = {}) =>
      new Promise<InvocationEnd>((resolve) => {
        functions.invoke(name, event, resolve);
      }),
    close: async () => {
      await functions.close();
      await endpoint.close();
      await queues.close();
      date.close();
    },
  };
}
