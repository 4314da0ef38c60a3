import type { BusEvent } from '@smart-vault/simulator';
import { ACCOUNT } from '../account.ts';
import { type Act, type Draw, type Effect, ours, type Stage } from './act.ts';

const text = (body: unknown): string => JSON.stringify(body);

function send(stage: Stage, queue: string, body: string, group: string): Effect {
  const { world } = stage;
  try {
    world
      .queue(queue)
      .send({ body, ...(queue.endsWith('.fifo') ? { groupId: group, deduplicationId: group } : {}) });
    return 'done';
  } catch (error) {
    world.kernel.note('sender', `${queue} refuses: ${(error as Error).message}`, []);
    return 'nothing';
  }
}

/** A queue of work: its pump meets the message at its next tick. */
function workQueue(stage: Stage, draw: Draw): string {
  const { volumesQueue, copiesQueues } = stage.world.facts;
  return draw.pick([volumesQueue, ...copiesQueues.values()], 'queue') ?? volumesQueue;
}

function ebsEvent(stage: Stage, draw: Draw, detail: Readonly<Record<string, unknown>>): BusEvent {
  const { source } = stage.world.facts;
  return {
    version: '0',
    id: `made-up-${draw.label}`,
    'detail-type': 'EBS Snapshot Notification',
    source: 'aws.ec2',
    account: ACCOUNT,
    time: new Date(stage.world.kernel.now()).toISOString(),
    region: source,
    resources: [],
    detail: { result: 'succeeded', cause: '', 'request-id': '', ...detail },
  };
}

/** Letters, a tab, marks that turn and combine, and both ends of a surrogate pair. SQS takes no control characters. */
const ODD_TEXT = 'ä€🗄️\t\u202e{"v":1';

/** Messages and events that go wrong, or that people make. */
export const MESSAGE_FAULTS = {
  'poison-message': (stage, draw) => send(stage, workQueue(stage, draw), 'no JSON at all', draw.label),
  'unknown-version': (stage, draw) =>
    send(stage, workQueue(stage, draw), text({ v: 99, kind: 'snapshot-unit', slot: 'soon' }), draw.label),
  'huge-message': (stage, draw) => send(stage, workQueue(stage, draw), ODD_TEXT.repeat(24_000), draw.label),
  redrive: (stage, draw) => redriveSome(stage, draw),
  'redrive-broken': (stage, draw) => redriveSome(stage, draw),
  'queue-denied': ({ world }, draw) => {
    const { volumesQueue, reportsQueue, volumesDlq, copiesQueues } = world.facts;
    const name =
      draw.pick([volumesQueue, reportsQueue, volumesDlq, ...copiesQueues.values()]) ?? volumesQueue;
    world.deniedQueues.add(name);
    return () => world.deniedQueues.delete(name);
  },
  'junk-event': (stage, draw) => {
    const { world } = stage;
    const { source } = world.facts;
    const foreign =
      draw.pick([...world.ec2.region(source).snapshots.values()])?.id ?? 'snap-00000000000000bad';
    const details = [
      { event: 'createSnapshot', snapshot_id: `arn:aws:ec2::${source}:snapshot/${foreign}` },
      { event: 'createSnapshot', snapshot_id: 'arn:aws:ec2::mars-1:snapshot/snap-0badbadbadbadbad0' },
      {
        event: 'createSnapshot',
        result: 'failed',
        snapshot_id: `arn:aws:ec2::${source}:snapshot/${foreign}`,
      },
      { event: 'createSnapshots', snapshots: [] },
      { event: 'createSnapshot', snapshot_id: 'snap-../../etc/passwd' },
      { event: 'lockSnapshot', snapshot_id: `arn:aws:ec2::${source}:snapshot/${foreign}` },
      { event: 'copySnapshot', snapshot_id: `arn:aws:ec2::${source}:snapshot/${foreign}` },
    ];
    world.buses.bus(source).putEvent(ebsEvent(stage, draw, draw.pick(details) ?? {}));
    return 'done';
  },
  'early-copy': (stage) => {
    const { world } = stage;
    const pending = ours(stage, world.facts.source).find(({ state }) => state === 'pending');
    if (pending === undefined) return 'nothing';
    const event = {
      event: 'createSnapshot',
      result: 'succeeded',
      snapshot_id: `arn:aws:ec2::${world.facts.source}:snapshot/${pending.id}`,
    };
    for (const queue of world.facts.copiesQueues.values()) {
      send(
        stage,
        queue,
        text({
          'detail-type': 'EBS Snapshot Notification',
          source: 'aws.ec2',
          account: ACCOUNT,
          region: world.facts.source,
          resources: [],
          detail: event,
        }),
        pending.id,
      );
    }
    return 'done';
  },
  'bus-outage': ({ world }) => {
    world.busIsDown = true;
    return () => {
      world.busIsDown = false;
    };
  },
} as const satisfies Readonly<Record<string, Act>>;

function redriveSome({ world }: Stage, draw: Draw): Effect {
  let effect: Effect = 'nothing';
  for (const name of world.facts.deadLetterQueues) {
    const queue = world.queue(name);
    const { visible } = queue.counts();
    if (visible === 0) continue;
    try {
      queue.redrive(Math.max(1, Math.ceil(visible * draw.unit(name))));
      effect = 'done';
      world.kernel.note('operator', `REDRIVE ${name}`, []);
    } catch {
      // A queue that no other queue's failures go to: there is nowhere to move them.
    }
  }
  return effect;
}
