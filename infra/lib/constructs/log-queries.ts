import { QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../names.ts';
import type { VaultFunction } from './vault-function.ts';

/** One saved query of CloudWatch Logs Insights, over the lines that the functions write. */
export interface LogQuery {
  readonly name: string;
  readonly functions: readonly FunctionName[];
  /** Names as the functions log them; a test holds them against the source. */
  readonly events: readonly string[];
  readonly fields: readonly string[];
}

/** What an operator asks first; the runbook pages name these queries. */
export const LOG_QUERIES: readonly LogQuery[] = [
  {
    name: 'runs',
    functions: ['scheduler', 'reporter'],
    events: ['run.scheduled', 'run.reported', 'run.late', 'selection.empty'],
    fields: ['slot', 'status'],
  },
  {
    name: 'volumes-of-runs',
    functions: ['reporter'],
    events: ['volume.outcome'],
    fields: ['slot', 'volumeId', 'instanceId', 'snapshot', 'problem'],
  },
  {
    name: 'failed-messages',
    functions: ['snapshotter', 'copier', 'reporter'],
    events: [
      'message.failed',
      'message.dead-lettered',
      'message.stuck',
      'pump.failed',
      'pump.wake-up-failed',
      'wake-up.failed',
    ],
    fields: ['pump', 'messageId', 'receiveCount', 'errorCode', 'error.message'],
  },
  {
    name: 'pumps',
    functions: ['snapshotter', 'copier'],
    events: ['pump.summary'],
    fields: ['pump', 'region', 'stopped', 'inProgress', 'permitsLeft', 'started', 'failed', 'tookMs'],
  },
  {
    name: 'prune-decisions',
    functions: ['pruner'],
    events: ['prune.decision', 'prune.refused', 'prune.summary'],
    fields: ['region', 'snapshotId', 'kind', 'rule', 'reason'],
  },
  {
    name: 'deletions',
    functions: ['pruner'],
    events: ['snapshot.deleting', 'snapshot.deleted', 'snapshot.delete-refused', 'snapshot.delete-failed'],
    fields: ['region', 'snapshotId', 'slot', 'rule', 'reason'],
  },
];

export interface LogQueriesProps {
  readonly vault: string;
  readonly functions: readonly VaultFunction[];
}

/** Saved queries, in a folder of the vault's name; and one for everything that went wrong anywhere. */
export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, { vault, functions }: LogQueriesProps) {
    super(scope, id);
    const groupsOf = (names: readonly FunctionName[]) =>
      functions.filter(({ name }) => names.includes(name)).map(({ logGroup }) => logGroup);

    for (const query of LOG_QUERIES) {
      new QueryDefinition(this, query.name, {
        queryDefinitionName: `${vault}/${query.name}`,
        logGroups: groupsOf(query.functions),
        queryString: new QueryString({
          fields: ['time', 'event', ...query.fields],
          filterStatements: [`event in [${query.events.map((event) => `"${event}"`).join(', ')}]`],
          sort: 'time desc',
          limit: 500,
        }),
      });
    }
    new QueryDefinition(this, 'errors', {
      queryDefinitionName: `${vault}/errors`,
      logGroups: functions.map(({ logGroup }) => logGroup),
      queryString: new QueryString({
        fields: ['time', 'service', 'event', 'errorCode', '@message'],
        // Lambda's own lines (a timeout, a crash at start) are no JSON and have no level.
        filterStatements: [
          'level in ["WARN", "ERROR"] or @message like /Task timed out|Runtime exited|Error:/',
        ],
        sort: '@timestamp desc',
        limit: 500,
      }),
    });
  }
}
