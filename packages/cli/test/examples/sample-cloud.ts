import { writeFileSync } from 'node:fs';
import { DescribeInstancesCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  createLocalCloud,
  type FaultName,
  type LocalCloud,
  loadFleet,
  prepareSampleAccount,
} from '@smart-vault/simulator';
import { type Ended, runCommand } from '../a-command.ts';
import { type DocumentedLine, wordsOf } from './documented-lines.ts';

const SOURCE = 'us-east-1';
const HOUR = 3_600_000;
/** Looks of a `--watch` before somebody presses Ctrl-C. */
const LOOKS = 2;

/** The local cloud as `start --serve` leaves it after a day, with the sample account. */
export async function startSampleCloud(assembly: string, faults: readonly FaultName[]): Promise<LocalCloud> {
  const cloud = await createLocalCloud({ assembly, fleet: loadFleet({}, SOURCE), faults });
  prepareSampleAccount(cloud);
  await cloud.run({ days: 1 });
  return cloud;
}

export const pass = (cloud: LocalCloud, ms: number): Promise<void> =>
  cloud.run({ until: cloud.clock.now() + ms });

/**
 * Types a line, with the variables that the README exports, at a terminal of 120 columns whose user agrees to
 * everything, takes the first of what there is to choose, and ends a `--watch` by Ctrl-C. While a command waits, time
 * passes in the cloud.
 */
export async function typed(line: string, cloud: LocalCloud): Promise<Ended> {
  const variables = { AWS_ENDPOINT_URL: cloud.endpoint, AWS_REGION: SOURCE, NO_COLOR: '1' };
  Object.assign(process.env, variables);
  const ctrlC = new AbortController();
  const args = wordsOf(line);
  let looks = 0;
  return runCommand(args, {
    env: variables,
    columns: 120,
    answer: true,
    choose: (_question, [first]) => first?.value ?? '',
    signal: ctrlC.signal,
    now: () => cloud.clock.now(),
    sleep: async (ms) => {
      await pass(cloud, ms);
      looks += 1;
      if (args.includes('--watch') && looks >= LOOKS) ctrlC.abort();
    },
  });
}

/** Letters in all dead-letter queues. */
export const lettersIn = (cloud: LocalCloud): number =>
  cloud
    .deadLetterQueues()
    .map((name) => cloud.queues.counts(name))
    .reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0);

/** Has dead letters where there are none: copies are denied, and somebody asks for a run. */
export async function haveDeadLetters(cloud: LocalCloud): Promise<void> {
  if (lettersIn(cloud) > 0) return;
  cloud.inject('copy-denied');
  await typed('run --instance i-0123456789abcdef0', cloud);
  await pass(cloud, 2 * HOUR);
}

const LOCAL_PAGE = /^curl -X POST \$AWS_ENDPOINT_URL(\/_local\/\S+)$/;
const LISTING = /^aws ec2 (describe-instances|describe-volumes)\s+> (\S+)$/;

/** What the examples need of other programs: a page of the local cloud, and the files that the AWS CLI writes. */
export const isNeeded = ({ text }: DocumentedLine): boolean => LOCAL_PAGE.test(text) || LISTING.test(text);

/** Does what the other program would have done. */
export async function typedForOthers({ text }: DocumentedLine, cloud: LocalCloud): Promise<void> {
  const [, path] = LOCAL_PAGE.exec(text) ?? [];
  if (path !== undefined) {
    const { status } = await fetch(cloud.endpoint + path, { method: 'POST' });
    if (status !== 200) throw new Error(`${text}: ${status}`);
  }
  const [, what, file] = LISTING.exec(text) ?? [];
  if (file === undefined) return;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new EC2Client({ region: SOURCE, endpoint: cloud.endpoint, credentials });
  const answer =
    what === 'describe-instances'
      ? await client.send(new DescribeInstancesCommand({}))
      : await client.send(new DescribeVolumesCommand({}));
  writeFileSync(file, JSON.stringify(answer));
}
