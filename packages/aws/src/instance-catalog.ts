import { DescribeInstancesCommand, DescribeVolumesCommand, type Filter } from '@aws-sdk/client-ec2';
import type { Instance, InstanceCatalog, Volume } from '@smart-vault/core';
import { callAws } from './ebs-errors.ts';
import { createEc2Clients } from './ec2-clients.ts';
import { exactly, tagged } from './ec2-filters.ts';
import { listed, toInstance, toVolume } from './ec2-mapping.ts';
import type { Ec2Options } from './ec2-options.ts';
import { findById, uniqueById } from './find-by-id.ts';
import { collectPages } from './paginate.ts';

const INSTANCES_PER_PAGE = 1_000;
/** DescribeVolumes has been documented with 500 and with 1,000. */
const VOLUMES_PER_PAGE = 500;
const STATES_BUT_TERMINATED = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

/** Instances and volumes of one region, for those who look at what is not selected too. */
export interface FleetCatalog extends InstanceCatalog {
  /** Every instance of the region, whatever its tags, in every state but `terminated`. */
  listInstances(): Promise<readonly Instance[]>;
}

/** Instances and volumes of one region, by DescribeInstances and DescribeVolumes. */
export function createInstanceCatalog(options: Ec2Options): FleetCatalog {
  const { region } = options;
  const { reads } = options.clients ?? createEc2Clients(options);

  const listInstances = (filters: Filter[]): Promise<Instance[]> =>
    collectPages('DescribeInstances', async (NextToken) => {
      const command = new DescribeInstancesCommand({
        Filters: filters,
        MaxResults: INSTANCES_PER_PAGE,
        NextToken,
      });
      const answer = await callAws('DescribeInstances', () => reads.send(command));
      const found = listed('DescribeInstances', answer.Reservations).flatMap(
        ({ Instances = [] }) => Instances,
      );
      return { items: found.map((instance) => toInstance(instance, region)), nextToken: answer.NextToken };
    });

  const listVolumes = (filters: Filter[]): Promise<Volume[]> =>
    collectPages('DescribeVolumes', async (NextToken) => {
      const command = new DescribeVolumesCommand({
        Filters: filters,
        MaxResults: VOLUMES_PER_PAGE,
        NextToken,
      });
      const answer = await callAws('DescribeVolumes', () => reads.send(command));
      const found = listed('DescribeVolumes', answer.Volumes);
      return { items: found.map((volume) => toVolume(volume, region)), nextToken: answer.NextToken };
    });

  return {
    listInstances: async () =>
      uniqueById(await listInstances([exactly('instance-state-name', STATES_BUT_TERMINATED)])),
    listInstancesTagged: async (key, value) =>
      uniqueById(
        await listInstances([tagged(key, [value]), exactly('instance-state-name', STATES_BUT_TERMINATED)]),
      ),
    findInstances: (ids) => findById(ids, (some) => listInstances([exactly('instance-id', some)])),
    findVolumes: (ids) => findById(ids, (some) => listVolumes([exactly('volume-id', some)])),
  };
}
