import { execFileSync } from 'node:child_process';

export interface Sample {
  readonly importMs: number;
  readonly rssMb: number;
}

const QUEUE = 'https://sqs.us-east-1.amazonaws.com/000000000000/bench';

/** What any of the functions asks for, with nothing behind it: loading a bundle makes no call. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: '/nonexistent',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'session',
  SOURCE_REGION: 'us-east-1',
  DEST_REGION: 'eu-west-1',
  RETENTION_DAYS: '7',
  SNS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:bench',
  VAULT_NAME: 'bench',
  POLICY_NAME: 'default',
  VOLUMES_QUEUE_URL: `${QUEUE}.fifo`,
  VOLUMES_DLQ_URL: `${QUEUE}.fifo`,
  SNAPSHOTTER_WAKEUPS_QUEUE_URL: `${QUEUE}.fifo`,
  COPIER_WAKEUPS_QUEUE_URL: `${QUEUE}.fifo`,
  COPIES_QUEUE_URLS: QUEUE,
  COPIES_DLQ_URLS: QUEUE,
  REPORTS_QUEUE_URL: QUEUE,
  CONSISTENCY: 'instance',
  SCHEDULE_EXPRESSION: 'cron(0 3 * * ? *)',
  SCHEDULE_TIMEZONE: 'UTC',
};

/**
 * CommonJS through `require`, as Lambda does: through `import()` the lexer that looks for exports adds much to a
 * big bundle. What the measurement itself needs is loaded before the clock starts.
 */
const SCRIPT = `
  const { createRequire } = require('node:module');
  const { performance } = require('node:perf_hooks');
  const { pathToFileURL } = require('node:url');
  const file = process.argv[1];
  const url = pathToFileURL(file).href;
  const load = createRequire(url);
  const started = performance.now();
  (async () => {
    file.endsWith('.mjs') ? await import(url) : load(file);
    const importMs = performance.now() - started;
    process.stdout.write(JSON.stringify({ importMs, rssMb: process.memoryUsage().rss / 1e6 }));
  })();
`;

/** Loads a bundle in a process of its own. */
export function measureImport(file: string): Sample {
  const output = execFileSync(process.execPath, ['-e', SCRIPT, file], {
    env: { ...ENVIRONMENT },
    encoding: 'utf8',
  });
  return JSON.parse(output) as Sample;
}
