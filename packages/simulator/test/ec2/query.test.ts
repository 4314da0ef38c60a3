import { expect, test } from 'vitest';
import { escapeXml } from '../../src/ec2/query/xml.ts';
import { handleEc2Request } from '../../src/index.ts';
import { HOME, id, testWorld } from './world.ts';

const ask = (form: string, { world } = testWorld()) =>
  handleEc2Request(world, { region: HOME, form: new URLSearchParams(form) });

test('an error is the body that every EC2 client expects, with the request id in body and header', () => {
  const answer = ask(`Action=DeleteSnapshot&SnapshotId=${id('snap', 1)}`);
  const requestId = answer.headers['x-amzn-requestid'];
  expect(answer.status).toBe(400);
  expect(answer.body).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>InvalidSnapshot.NotFound</Code>' +
      `<Message>The snapshot &apos;${id('snap', 1)}&apos; does not exist.</Message></Error></Errors>` +
      `<RequestID>${requestId}</RequestID></Response>`,
  );
});

test('a response carries the namespace of the API and the request id', () => {
  const answer = ask('Action=DescribeSnapshots&Owner.1=self');
  expect(answer.body).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' +
      `<requestId>${answer.headers['x-amzn-requestid']}</requestId><snapshotSet/></DescribeSnapshotsResponse>`,
  );
});

test.each([
  ['', 'MissingParameter'],
  ['Action=toString', 'InvalidAction'],
  ['Action=DescribeSnapshots&MaxResults=ten', 'InvalidParameterValue'],
  ['Action=DescribeSnapshots&DryRun=perhaps', 'InvalidParameterValue'],
  ['Action=DescribeSnapshots&DryRun=true', 'DryRunOperation'],
  ['Action=DescribeSnapshots&Filter.1.Value.1=x', 'MissingParameter'],
  ['Action=DescribeSnapshots&Filter.1.Name=status', 'MissingParameter'],
  ['Action=DescribeSnapshots&Filter.1.Name=constructor&Filter.1.Value.1=x', 'InvalidParameterValue'],
  [`Action=CreateTags&ResourceId.1=${id('vol', 1)}`, 'MissingParameter'],
  ['Action=CreateTags&Tag.1.Key=a', 'MissingParameter'],
  ['Action=CreateTags&ResourceId.1=xyz-1&Tag.1.Key=a', 'InvalidID'],
  [
    `Action=CreateTags&ResourceId.1=${id('vol', 1)}&ResourceId.2=${id('vol', 9)}&Tag.1.Key=a`,
    'InvalidVolume.NotFound',
  ],
  [
    `Action=CreateSnapshots&InstanceSpecification.InstanceId=${id('i', 1)}&CopyTagsFromSource=x`,
    'InvalidParameterValue',
  ],
])('%s is answered with %s', (form, code) => {
  expect(ask(form).body).toContain(`<Code>${code}</Code>`);
});

test('one resource that is not there leaves the others untagged', () => {
  const it = testWorld();
  ask(`Action=CreateTags&ResourceId.1=${id('vol', 1)}&ResourceId.2=${id('vol', 9)}&Tag.1.Key=a`, it);
  expect(it.world.region(HOME).volumes.get(id('vol', 1))?.tags.size).toBe(0);
});

test('text that XML cannot hold is replaced, the rest is kept', () => {
  expect(escapeXml('a<b>&"\'\r\n\t')).toBe('a&lt;b&gt;&amp;&quot;&apos;&#xD;\n\t');
  expect(escapeXml('\u0000\u0008\u000b\u001f\ufffe\uffff\ud800x\udc00')).toBe(`${'\ufffd'.repeat(7)}x\ufffd`);
  expect(escapeXml('ä🙂\u0085')).toBe('ä🙂\u0085');
});
