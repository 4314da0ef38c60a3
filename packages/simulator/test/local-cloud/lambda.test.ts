import { afterEach, describe, expect, it } from 'vitest';
import { aLambda, MINUTE, START } from './a-lambda.ts';

let lambda: Awaited<ReturnType<typeof aLambda>> | undefined;
afterEach(async () => {
  await lambda?.close();
  lambda = undefined;
});

const SLEEPER = `
exports.handler = async (event, context) => {
  const before = Date.now();
  await new Promise((resolve) => setTimeout(resolve, event.ms));
  return { before, after: Date.now(), remaining: context.getRemainingTimeInMillis(), id: context.awsRequestId };
};`;

describe('a function on the virtual clock', () => {
  it('sleeps six minutes of virtual time, and its Date agrees', async () => {
    lambda = await aLambda({ functions: { sleeper: { code: SLEEPER, config: { timeoutSeconds: 900 } } } });

    const ended = lambda.invoke('sleeper', { ms: 6 * MINUTE });
    await lambda.run(60);

    const end = await ended;
    expect(end).toMatchObject({
      kind: 'returned',
      result: { before: START, after: START + 6 * MINUTE, remaining: 9 * MINUTE },
    });
    expect(lambda.clock.now()).toBe(START + 60 * MINUTE);
  });

  it('finds the time where the clock stands when it is invoked again, in a warm environment', async () => {
    const code = `let calls = 0; exports.handler = async () => ({ calls: ++calls, now: Date.now() });`;
    lambda = await aLambda({ functions: { counter: { code } } });

    const first = lambda.invoke('counter');
    await lambda.run(5);
    const second = lambda.invoke('counter');
    await lambda.run(1);

    expect((await first) as unknown).toEqual({ kind: 'returned', result: { calls: 1, now: START } });
    expect((await second) as unknown).toEqual({
      kind: 'returned',
      result: { calls: 2, now: START + 5 * MINUTE },
    });
  });

  it('is killed at its timeout and gets a fresh environment next time', async () => {
    const code = `let calls = 0; exports.handler = async (event) => {
      calls += 1;
      if (event.hang) await new Promise(() => {});
      return { calls };
    };`;
    lambda = await aLambda({ functions: { hanger: { code, config: { timeoutSeconds: 30 } } } });

    const hung = lambda.invoke('hanger', { hang: true });
    await lambda.run(1);
    const next = lambda.invoke('hanger', {});
    await lambda.run(1);

    expect(await hung).toMatchObject({ kind: 'failed', error: { name: 'Sandbox.Timedout' } });
    expect(lambda.records[0]).toMatchObject({ startedAt: START, endedAt: START + 30_000 });
    expect(await next).toEqual({ kind: 'returned', result: { calls: 1 } });
  });

  it('fails on an error, on a bundle that does not load and on process.exit', async () => {
    lambda = await aLambda({
      functions: {
        thrower: { code: `exports.handler = async () => { throw new TypeError('no'); };` },
        broken: { code: `throw new Error('cannot load');` },
        leaver: { code: `exports.handler = async () => { process.exit(3); };` },
      },
    });

    const ends = [lambda.invoke('thrower'), lambda.invoke('broken'), lambda.invoke('leaver')];
    await lambda.run(1);

    const errors = (await Promise.all(ends)).map((end) =>
      end.kind === 'failed' ? end.error.message : 'returned',
    );
    expect(errors).toEqual(['no', 'cannot load', 'The process of the function ended with exit code 3']);
  });

  it('sees exactly the environment that it is given', async () => {
    const code = `exports.handler = async () => ({ ...process.env });`;
    lambda = await aLambda({ functions: { env: { code, config: { variables: { VAULT_NAME: 'v' } } } } });

    const end = lambda.invoke('env');
    await lambda.run(1);

    expect(await end).toEqual({
      kind: 'returned',
      result: { VAULT_NAME: 'v', AWS_ACCESS_KEY_ID: 'key-env-1', AWS_SECRET_ACCESS_KEY: 's' },
    });
  });

  it('keeps the clock standing while a request is under way and files are being read', async () => {
    const code = `const http = require('node:http'); const fs = require('node:fs/promises');
      exports.handler = async () => {
        const times = [Date.now()];
        for (let i = 0; i < 5; i += 1) await fs.readFile(__filename);
        times.push(Date.now());
        const body = JSON.stringify({});
        const auth = 'AWS4-HMAC-SHA256 Credential=k/20261102/us-east-1/sqs/aws4_request, x';
        await new Promise((resolve, reject) => http.request(process.env.AWS_ENDPOINT_URL, { method: 'POST',
          headers: { authorization: auth, 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' } },
          (response) => { response.resume(); response.on('end', resolve); }).on('error', reject).end(body));
        times.push(Date.now());
        return times;
      };`;
    lambda = await aLambda({ functions: { caller: { code } } });
    lambda.clock.after(1000, 'something else', () => {});

    const end = lambda.invoke('caller');
    await lambda.run(1);

    expect(await end).toEqual({ kind: 'returned', result: [START, START, START] });
    expect(lambda.requests.map((request) => request.headers['x-amz-target'])).toEqual([
      'AmazonSQS.ListQueues',
    ]);
  });

  it('hands over what it writes on stdout, line by line', async () => {
    const code = `exports.handler = async () => { process.stdout.write('{"a":1}\\n{"b"'); console.log(':2}'); };`;
    lambda = await aLambda({ functions: { talker: { code } } });

    void lambda.invoke('talker');
    await lambda.run(1);

    expect(lambda.lines).toEqual(['{"a":1}', '{"b":2}']);
  });
});

describe('an asynchronous invocation', () => {
  it('is retried after one and after two more minutes, and then handed over as failed for good', async () => {
    const code = `exports.handler = async () => { console.log(String(Date.now())); throw new Error('always'); };`;
    lambda = await aLambda({ functions: { failing: { code } } });

    lambda.functions.invokeAsync('failing', { slot: 1 });
    await lambda.run(30);

    expect(lambda.lines.map((line) => (Number(line) - START) / MINUTE)).toEqual([0, 1, 3]);
    expect(lambda.failedForGood).toMatchObject([
      { event: { slot: 1 }, attempts: 3, error: { message: 'always' }, at: START + 3 * MINUTE },
    ]);
  });

  it('is not retried when it went well at the second attempt', async () => {
    const code = `let calls = 0; exports.handler = async () => { if (++calls === 1) throw new Error('once'); };`;
    lambda = await aLambda({ functions: { once: { code } } });

    lambda.functions.invokeAsync('once', {});
    await lambda.run(30);

    expect(lambda.records).toHaveLength(2);
    expect(lambda.failedForGood).toEqual([]);
  });
});
