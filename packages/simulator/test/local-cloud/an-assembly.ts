import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a vault's functions have in their environment, as far as the local cloud asks for it. */
const ENVIRONMENT = {
  VAULT_NAME: 'v',
  SOURCE_REGION: 'us-east-1',
  DEST_REGION: 'eu-west-1',
  RETENTION_DAYS: '1',
};

export interface AssemblySetup {
  /** Source text of a function's bundle by its name; those that a vault must have are there anyway. */
  readonly functions?: Readonly<Record<string, string>>;
  /** Statements of every function's role. */
  readonly statements?: readonly object[];
  /** More resources of the template. */
  readonly resources?: Readonly<Record<string, object>>;
}

const IDLE = 'exports.handler = async () => {};';

/** A cloud assembly as `cdk synth` writes it, made by hand: one stack of small functions. @returns its folder */
export function anAssembly({ functions = {}, statements = [], resources = {} }: AssemblySetup = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'an-assembly-'));
  const all = { scheduler: IDLE, pruner: IDLE, reporter: IDLE, ...functions };
  const files: Record<string, object> = {};
  const template: Record<string, object> = {};
  for (const [name, code] of Object.entries(all)) {
    mkdirSync(join(folder, `asset.${name}`));
    writeFileSync(join(folder, `asset.${name}`, 'index.cjs'), code);
    files[name] = {
      source: { path: `asset.${name}`, packaging: 'zip' },
      destinations: { here: { bucketName: 'assets', objectKey: `${name}.zip` } },
    };
    template[`${name}Function`] = {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: `v-${name}`,
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Timeout: 60,
        MemorySize: 256,
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
        Environment: { Variables: ENVIRONMENT },
      },
    };
  }
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } };
  template['Role'] = {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
      Policies: [{ PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  };
  const write = (name: string, content: object): void =>
    writeFileSync(join(folder, name), JSON.stringify(content));
  write('manifest.json', {
    artifacts: {
      v: {
        type: 'aws:cloudformation:stack',
        environment: 'aws://unknown-account/us-east-1',
        properties: { templateFile: 'v.template.json' },
      },
    },
  });
  write('v.template.json', { Resources: { ...template, ...resources } });
  write('v.assets.json', { files });
  return folder;
}

/** A function that makes one signed call of EC2 and tells the answer on stdout. */
export const callsEc2 = (form: string): string => `
const http = require('node:http');
exports.handler = () => new Promise((resolve, reject) => {
  const { AWS_ACCESS_KEY_ID: key, AWS_REGION: region, AWS_ENDPOINT_URL: url } = process.env;
  const authorization = 'AWS4-HMAC-SHA256 Credential=' + key + '/20261102/' + region + '/ec2/aws4_request, Signature=x';
  const request = http.request(url, { method: 'POST', headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' } }, (response) => {
    let text = '';
    response.on('data', (chunk) => { text += chunk; });
    response.on('end', () => { console.log(response.statusCode + ' ' + text.replace(/\\n/g, '')); resolve(); });
  });
  request.on('error', reject);
  request.end('${form}');
});`;
