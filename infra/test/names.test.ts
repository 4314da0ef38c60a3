import {
  encodeMessage,
  type InstanceId,
  parseSnapshotUnit,
  type Slot,
  type VolumeId,
} from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { boundedNames, POLICY_NAME } from '../lib/names.ts';
import { type Synthesized, synthesize } from './support/synthesized.ts';

const LONGEST_VAULT = `v${'a'.repeat(30)}z`;

/** CloudFormation's property for the name of a resource, and how many characters its service allows (AWS docs). */
const NAME_OF: Readonly<Record<string, { readonly property: string; readonly max: number }>> = {
  'AWS::SQS::Queue': { property: 'QueueName', max: 80 },
  'AWS::Lambda::Function': { property: 'FunctionName', max: 64 },
  'AWS::SNS::Topic': { property: 'TopicName', max: 256 },
  'AWS::Scheduler::Schedule': { property: 'Name', max: 64 },
  'AWS::Scheduler::ScheduleGroup': { property: 'Name', max: 64 },
  'AWS::Events::Rule': { property: 'Name', max: 64 },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', max: 512 },
  'AWS::Logs::QueryDefinition': { property: 'Name', max: 255 },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', max: 255 },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', max: 255 },
  'AWS::IAM::Role': { property: 'RoleName', max: 64 },
};

interface Name {
  readonly type: string;
  readonly name: string;
  readonly max: number;
}

/** Every name that the templates give, with its limit; stacks too. */
function namesIn({ templates }: Synthesized): readonly Name[] {
  const stacks = [...templates.keys()].map((name) => ({ type: 'stack', name, max: 128 }));
  const resources = [...templates.values()].flatMap((template) =>
    Object.values(template.Resources ?? {}).flatMap(({ Type, Properties = {} }) => {
      const rule = NAME_OF[Type];
      const name = rule === undefined ? undefined : Properties[rule.property];
      return rule === undefined || typeof name !== 'string' ? [] : [{ type: Type, name, max: rule.max }];
    }),
  );
  return [...stacks, ...resources];
}

describe.each([
  ['ap-southeast-3', ['ap-northeast-1', 'ap-southeast-2']],
  ['us-east-1', ['ap-southeast-3']],
  ['us-gov-west-1', ['us-gov-east-1']],
])('the longest vault in %s', (sourceRegion, destinationRegions) => {
  const vault = synthesize({ vault: LONGEST_VAULT, sourceRegion, destinationRegions });

  test('has no name that AWS would refuse', () => {
    const names = namesIn(vault);

    expect(names.length).toBeGreaterThan(40);
    expect(names.filter(({ name, max }) => name.length > max)).toEqual([]);
  });

  test('has no long name that the check of the configuration does not know', () => {
    const known = new Set(
      boundedNames(LONGEST_VAULT, { source: sourceRegion, destinations: destinationRegions }).flatMap(
        ({ names }) => names,
      ),
    );
    const tight = namesIn(vault).filter(({ name, max }) => max <= 128 && !known.has(name));

    expect(tight).toEqual([]);
  });
});

test('messages can carry the longest vault and the policy', () => {
  const instanceId = 'i-0123456789abcdef0' as InstanceId;
  const body = encodeMessage({
    v: 1,
    kind: 'snapshot-unit',
    vault: LONGEST_VAULT,
    policy: POLICY_NAME,
    slot: '2026-11-22T03:00:00Z' as Slot,
    unit: instanceId,
    instanceId,
    volumeIds: ['vol-0123456789abcdef0' as VolumeId],
    firstSeenAt: 0,
  });

  expect(parseSnapshotUnit(body).vault).toBe(LONGEST_VAULT);
});
