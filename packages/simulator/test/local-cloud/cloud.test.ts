import { afterEach, describe, expect, it } from 'vitest';
import { parseFleet } from '../../src/ec2/fleet.ts';
import { createLocalCloud, type LocalCloud, type LocalCloudOptions } from '../../src/local-cloud/cloud.ts';
import { type AssemblySetup, anAssembly, callsEc2 } from './an-assembly.ts';

const INSTANCES = JSON.stringify({
  Instances: [
    {
      InstanceId: 'i-0123456789abcdef0',
      Tags: [{ Key: 'backup', Value: 'true' }],
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-0123456789abcdef0' } }],
    },
  ],
});
const fleet = parseFleet({ instances: INSTANCES, region: 'us-east-1' });
const MINUTES = 60_000;

let cloud: LocalCloud | undefined;
let lines: string[] = [];
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});

async function aCloud(setup: AssemblySetup, options: Partial<LocalCloudOptions> = {}): Promise<LocalCloud> {
  lines = [];
  cloud = await createLocalCloud({
    assembly: anAssembly(setup),
    fleet,
    onLine: (_name, line) => lines.push(line),
    ...options,
  });
  return cloud;
}
const runMinutes = (minutes: number) =>
  (cloud as LocalCloud).run({ until: (cloud as LocalCloud).startMs + minutes * MINUTES });

const DESCRIBE = callsEc2('Action=DescribeVolumes&Version=2016-11-15');
const allow = (action: string, resource = '*') => ({ Effect: 'Allow', Action: action, Resource: resource });

describe('rights, as the templates give them', () => {
  it('lets a function make a call that its role allows', async () => {
    await aCloud({ functions: { caller: DESCRIBE }, statements: [allow('ec2:DescribeVolumes')] });

    cloud?.functions.invokeAsync('v-caller', {});
    await runMinutes(1);

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^200 .*vol-0123456789abcdef0/);
    expect(cloud?.history.denials).toEqual([]);
  });

  it('refuses a call that the role of the function lacks, and remembers it', async () => {
    await aCloud({ functions: { caller: DESCRIBE }, statements: [allow('ec2:DescribeInstances')] });

    cloud?.functions.invokeAsync('v-caller', {});
    await runMinutes(1);

    expect(lines[0]).toMatch(/^403 .*UnauthorizedOperation/);
    expect(cloud?.history.denials).toMatchObject([
      { functionName: 'v-caller', action: 'ec2:DescribeVolumes', resource: '*', count: 1 },
    ]);
  });

  it('asks for the right on every resource that a call touches', async () => {
    const create = callsEc2('Action=CreateSnapshot&Version=2016-11-15&VolumeId=vol-0123456789abcdef0');
    const onSnapshotsOnly = allow('ec2:CreateSnapshot', 'arn:aws:ec2:us-east-1::snapshot/*');
    await aCloud({ functions: { caller: create }, statements: [onSnapshotsOnly] });

    cloud?.functions.invokeAsync('v-caller', {});
    await runMinutes(1);

    expect(cloud?.history.denials[0]?.resource).toBe(
      'arn:aws:ec2:us-east-1:000000000000:volume/vol-0123456789abcdef0',
    );
    expect(cloud?.history.denials).toHaveLength(1);
  });
});

describe('templates that cannot be run', () => {
  it('names every resource of a type that it does not know', async () => {
    const table = { Type: 'AWS::DynamoDB::Table', Properties: {} };

    await expect(aCloud({ resources: { Ledger: table } })).rejects.toThrow(/Ledger.*AWS::DynamoDB::Table/);
  });

  it('leaves the port and the clock free when it could not start', async () => {
    await expect(aCloud({ resources: { Ledger: { Type: 'AWS::DynamoDB::Table' } } })).rejects.toThrow();

    await expect(aCloud({})).resolves.toBeDefined();
  });

  it('refuses an event source mapping whose function may not read the queue', async () => {
    const resources = {
      Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'v-work' } },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { EventSourceArn: { 'Fn::GetAtt': ['Work', 'Arn'] }, FunctionName: 'v-scheduler' },
      },
    };

    await expect(aCloud({ resources })).rejects.toThrow('the role of v-scheduler lacks sqs:ReceiveMessage');
  });
});

it('is alone in its thread, as the clock is global', async () => {
  await aCloud({});

  await expect(createLocalCloud({ assembly: anAssembly(), fleet })).rejects.toThrow('Only one local cloud');
});

it('gives Date back when it closes', async () => {
  const before = Date.now();
  await aCloud({});
  expect(Date.now()).toBe(Date.UTC(2026, 10, 2));

  await cloud?.close();

  expect(Date.now()).toBeGreaterThanOrEqual(before);
});

describe('a failed asynchronous invocation', () => {
  const resources = {
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'v-dead' } },
    Config: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: 'v-failing',
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 2,
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Dead', 'Arn'] } } },
      },
    },
  };
  const functions = { failing: "exports.handler = async () => { throw new Error('always'); };" };

  it('ends in the destination of the template after two retries', async () => {
    await aCloud({ functions, resources, statements: [allow('sqs:SendMessage')] });

    cloud?.functions.invokeAsync('v-failing', { slot: 'x' });
    await runMinutes(10);

    const letters = cloud?.queues.messages('v-dead') ?? [];
    expect(letters.map((letter) => JSON.parse(letter.body))).toMatchObject([
      {
        requestPayload: { slot: 'x' },
        responsePayload: { errorMessage: 'always' },
        requestContext: { approximateInvokeCount: 3 },
      },
    ]);
    expect(cloud?.history.invocations.get('v-failing')).toMatchObject({ started: 3, failed: 3 });
  });

  it('is lost, and said to be, when the role may not send there', async () => {
    await aCloud({ functions, resources });

    cloud?.functions.invokeAsync('v-failing', {});
    await runMinutes(10);

    expect(cloud?.queues.messages('v-dead')).toEqual([]);
    expect(cloud?.history.oddities[0]).toContain('its role lacks sqs:SendMessage');
  });
});

describe('a scheduled function', () => {
  it('is invoked at its time with the scheduled time in its input', async () => {
    const resources = {
      Nightly: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          Name: 'nightly',
          ScheduleExpression: 'cron(0 3 * * ? *)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: {
            Arn: { 'Fn::GetAtt': ['schedulerFunction', 'Arn'] },
            RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Input: '{"slot":"<aws.scheduler.scheduled-time>"}',
          },
        },
      },
    };
    const scheduler =
      'exports.handler = async (event) => { console.log(event.slot + " " + new Date().toISOString()); };';
    await aCloud({ functions: { scheduler }, resources, statements: [allow('lambda:InvokeFunction')] });

    await cloud?.run({ days: 2 });

    expect(lines).toEqual([
      '2026-11-02T03:00:00Z 2026-11-02T03:00:00.000Z',
      '2026-11-03T03:00:00Z 2026-11-03T03:00:00.000Z',
    ]);
    expect(cloud?.history.runs.map((run) => [run.slot, [...run.volumes.keys()]])).toEqual([
      ['2026-11-02T03:00:00Z', ['vol-0123456789abcdef0']],
      ['2026-11-03T03:00:00Z', ['vol-0123456789abcdef0']],
    ]);
  });
});

describe('its own pages', () => {
  it('tell the state and lift the faults', async () => {
    const { endpoint } = await aCloud({}, { faults: ['throttle', 'crash'] });

    const before = (await (await fetch(`${endpoint}/_local/status`)).json()) as { faults: string[] };
    await fetch(`${endpoint}/_local/faults/lift`, { method: 'POST' });
    const after = (await (await fetch(`${endpoint}/_local/status`)).json()) as { faults: string[] };

    expect([before.faults, after.faults]).toEqual([['throttle', 'crash'], []]);
    expect(cloud?.world.faults.list()).toEqual([]);
  });
});

describe('a crash', () => {
  it('kills the invocation at an API call, and the retry finds a fresh environment', async () => {
    const caller = `${DESCRIBE.replace('exports.handler =', 'const call =')}
      exports.handler = async () => { for (let time = 0; time < 6; time += 1) await call(); };`;
    const { clock, history, functions } = await aCloud(
      { functions: { caller }, statements: [allow('ec2:DescribeVolumes')] },
      { faults: ['crash'] },
    );

    for (let second = 0; second < 60; second += 1) {
      clock.after(second * 1000, 'call', () => functions.invokeAsync('v-caller', {}));
    }
    await runMinutes(10);

    const crashes = cloud?.crashes ?? 0;
    expect(crashes).toBeGreaterThan(0);
    expect(history.invocations.get('v-caller')).toMatchObject({ started: 60 + crashes, failed: crashes });
    expect(history.invocations.get('v-caller')?.lastError).toMatch(/Killed before/);
  });
});
