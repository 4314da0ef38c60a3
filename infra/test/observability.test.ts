import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { LOG_QUERIES } from '../lib/constructs/log-queries.ts';
import { ACCOUNT, named, type Synthesized, synthesize } from './support/synthesized.ts';

const REPOSITORY = new URL('../../', import.meta.url);

let vault: Synthesized;
beforeAll(() => {
  vault = synthesize({ destinationRegions: ['eu-west-1', 'eu-central-1'], alertEmails: ['ops@example.com'] });
});

const allAlarms = () => [...vault.models.values()].flatMap(({ alarms }) => alarms);
/** The CloudFormation properties of an alarm. */
const propertiesOf = (name: string): Readonly<Record<string, unknown>> => {
  const resources = [...vault.templates.values()].flatMap(({ Resources }) => Object.values(Resources ?? {}));
  const found = resources.find(({ Properties }) => Properties?.['AlarmName'] === name);
  return found?.Properties ?? {};
};

describe('alarms', () => {
  test('these are all', () => {
    expect(
      allAlarms()
        .map(({ name }) => name.replace('smart-vault-', ''))
        .sort(),
    ).toEqual([
      'DeadLettersCopies-eu-central-1',
      'DeadLettersCopies-eu-west-1',
      'DeadLettersEvents',
      'DeadLettersForwarding-eu-central-1',
      'DeadLettersForwarding-eu-west-1',
      'DeadLettersJobs',
      'DeadLettersReports',
      'DeadLettersVolumes',
      'FunctionErrors-copier',
      'FunctionErrors-pruner',
      'FunctionErrors-reconciler',
      'FunctionErrors-reporter',
      'FunctionErrors-scheduler',
      'FunctionErrors-snapshotter',
      'NoSnapshotsCreated',
      'OldestCopyWaiting-eu-central-1',
      'OldestCopyWaiting-eu-west-1',
      'PruneRefused',
      'RecordsFailed',
      'RpoBreached-destinations',
      'RpoBreached-source',
    ]);
  });

  test('NoSnapshotsCreated: not one snapshot within the recovery point objective, and silence is an alarm', () => {
    expect(propertiesOf('smart-vault-NoSnapshotsCreated')).toMatchObject({
      Namespace: 'SmartVault',
      MetricName: 'SnapshotsCreated',
      Dimensions: [{ Name: 'Service', Value: 'Backup' }],
      Statistic: 'Sum',
      Period: 3_600,
      EvaluationPeriods: 26,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  test('a vault that backs up weekly waits a week before it is alarmed', () => {
    const weekly = synthesize({ schedule: 'cron(0 3 ? * SUN *)', rpoHours: 170 });

    const alarm = named(weekly.source.alarms, 'smart-vault-NoSnapshotsCreated');
    expect(alarm).toMatchObject({ periodSeconds: 3_600, evaluationPeriods: 168 });
  });

  test('every dead-letter queue has an alarm that one letter sets off', () => {
    const watched = allAlarms()
      .filter(({ name }) => name.includes('DeadLetters'))
      .map(({ name }) => {
        const properties = propertiesOf(name);
        expect(properties).toMatchObject({
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Statistic: 'Maximum',
          Threshold: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          TreatMissingData: 'notBreaching',
        });
        return JSON.stringify(properties['Dimensions']);
      });
    for (const [stack, { queues }] of vault.models) {
      for (const queue of queues.filter(({ name }) => name.includes('dlq'))) {
        const reference = `"Fn::GetAtt":["${queue.logicalId}","QueueName"]`;
        expect(
          watched.some((dimensions) => dimensions.includes(reference)),
          `${stack} ${queue.name}`,
        ).toBe(true);
      }
    }
  });

  test('thresholds follow the configuration', () => {
    const strict = synthesize({ rpoHours: 30, runDeadlineHours: 2 });

    expect(named(strict.source.alarms, 'smart-vault-RpoBreached-source').threshold).toBe(30 * 3600);
    expect(named(strict.source.alarms, 'smart-vault-RpoBreached-destinations').threshold).toBe(30 * 3600);
    expect(named(strict.source.alarms, 'smart-vault-OldestCopyWaiting-eu-west-1').threshold).toBe(2 * 3600);
  });

  test('each says how it takes missing data and notifies the topic of its own region', () => {
    for (const [stack, { alarms, region, topics }] of vault.models) {
      for (const alarm of alarms) {
        const properties = propertiesOf(alarm.name);
        expect(properties['TreatMissingData'], alarm.name).toMatch(/^(breaching|notBreaching|ignore)$/);
        expect(alarm.actions.ALARM, `${stack} ${alarm.name}`).toEqual([topics[0]?.arn]);
      }
      expect(topics.map(({ arn }) => arn)).toEqual([
        `arn:aws:sns:${region}:${ACCOUNT}:smart-vault-notifications`,
      ]);
    }
  });

  test('each names its runbook page; every page belongs to an alarm and has the five parts', () => {
    const pages = new Set<string>();
    for (const { name } of allAlarms()) {
      const page = /Runbook: (docs\/runbook\/(\w+)\.md)$/.exec(
        String(propertiesOf(name)['AlarmDescription']),
      );
      expect(name.replace('smart-vault-', '').split('-')[0]).toBe(page?.[2]);
      pages.add(page?.[1] ?? '');
    }

    const files = readdirSync(new URL('docs/runbook', REPOSITORY)).filter((file) => file !== 'README.md');
    expect(files.map((file) => `docs/runbook/${file}`).sort()).toEqual([...pages].sort());
    const index = readFileSync(new URL('docs/runbook/README.md', REPOSITORY), 'utf8');
    for (const file of files) {
      const text = readFileSync(new URL(`docs/runbook/${file}`, REPOSITORY), 'utf8');
      const headings = text.split('\n').filter((line) => line.startsWith('#'));
      expect(headings).toEqual([
        `# ${file.replace('.md', '')}`,
        '## Meaning',
        '## First three checks',
        '## Safe actions',
        '## Unsafe actions',
        '## Escalation',
      ]);
      expect(text.match(/^\d\. /gm), file).toHaveLength(3);
      expect(index).toContain(`](${file})`);
      for (const query of text.matchAll(/[Qq]uery `([a-z-]+)`/g)) {
        expect([...LOG_QUERIES.map(({ name }) => name), 'errors'], `${file}: ${query[1]}`).toContain(
          query[1],
        );
      }
    }
  });
});

describe('the topic', () => {
  test('is open to the alarms of this vault, over TLS only, and to nobody else', () => {
    for (const { topicPolicies, region, topics } of vault.models.values()) {
      const statements = topicPolicies.flatMap(({ document }) => document.Statement);
      expect(statements).toHaveLength(2);
      expect(statements).toContainEqual({
        Sid: 'AlarmsOfThisVault',
        Effect: 'Allow',
        Action: 'sns:Publish',
        Resource: topics[0]?.arn,
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': ACCOUNT },
          ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:${region}:${ACCOUNT}:alarm:smart-vault-*` },
        },
      });
      expect(statements.find(({ Effect }) => Effect === 'Deny')?.Condition).toEqual({
        Bool: { 'aws:SecureTransport': 'false' },
      });
    }
  });

  test('mails to every address, in each region', () => {
    for (const { subscriptions } of vault.models.values()) {
      expect(subscriptions.map(({ protocol, endpoint }) => `${protocol} ${endpoint}`)).toEqual([
        'email ops@example.com',
      ]);
    }
  });
});

test('the dashboard shows the flow', () => {
  const dashboard = named(vault.source.dashboards, 'smart-vault');

  for (const shown of [
    'VolumesSelected',
    'SnapshotsCreated',
    'CopiesCompleted',
    'OldestPointAgeSeconds',
    'OldestCopyAgeSeconds',
    'smart-vault-volumes.fifo',
    'smart-vault-copies-eu-central-1',
    'smart-vault-jobs-dlq',
    'smart-vault-pruner',
    'PruneRefused',
  ]) {
    expect(dashboard.body).toContain(shown);
  }
});

describe('saved queries', () => {
  /** All source of the functions and of what they are made of. */
  const source = (): string =>
    ['core', 'lambda-kit', 'scheduler', 'snapshotter', 'copier', 'reconciler', 'pruner', 'reporter']
      .flatMap((name) => {
        const folder = new URL(`packages/${name}/src/`, REPOSITORY);
        const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
          file.endsWith('.ts'),
        );
        return files.map((file) => readFileSync(new URL(file, folder), 'utf8'));
      })
      .join('\n');

  test('every event and every field that they ask for is one that is logged', () => {
    const text = source();
    for (const { name, events, fields } of LOG_QUERIES) {
      for (const event of events) expect(text.includes(`'${event}'`), `${name}: ${event}`).toBe(true);
      for (const field of fields) {
        const property = field.split('.').at(-1) ?? '';
        expect(new RegExp(`\\b${property}\\b`).test(text), `${name}: ${field}`).toBe(true);
      }
    }
  });

  test('each is deployed', () => {
    const names = Object.values(vault.templates.get('smart-vault')?.Resources ?? {})
      .filter(({ Type }) => Type === 'AWS::Logs::QueryDefinition')
      .map(({ Properties }) => Properties?.['Name']);

    expect(names.sort()).toEqual(
      [...LOG_QUERIES.map(({ name }) => `smart-vault/${name}`), 'smart-vault/errors'].sort(),
    );
  });
});
