import type { LocalCloud } from './cloud.ts';
import type { WireResponse } from './wire.ts';

/** The local cloud's own pages: `GET /_local/status`, `POST /_local/faults/lift`. */
export function localPage(cloud: LocalCloud, method: string, path: string): WireResponse {
  if (method === 'GET' && path === '/_local/status') return json(200, statusOf(cloud));
  if (method === 'POST' && path === '/_local/faults/lift') {
    const lifted = cloud.faults;
    cloud.liftFaults();
    return json(200, { lifted });
  }
  return json(404, { error: 'There are GET /_local/status and POST /_local/faults/lift' });
}

/** How things stand, for whoever asks from outside. */
function statusOf(cloud: LocalCloud): Record<string, unknown> {
  const { vault, sourceRegion, destinations } = cloud.settings;
  const queues = cloud.queues.names().map((name) => {
    const { visible, inFlight, delayed } = cloud.queues.counts(name);
    return [name, { visible, inFlight, delayed }] as const;
  });
  return {
    now: new Date(cloud.clock.now()).toISOString(),
    vault,
    regions: { source: sourceRegion, destinations },
    faults: cloud.faults,
    inFlight: cloud.inFlight(),
    queues: Object.fromEntries(queues),
    functions: Object.fromEntries(cloud.history.invocations),
    alarms: cloud.ringingAlarms(),
    snapshots: cloud.history.present().length,
  };
}

const json = (status: number, body: unknown): WireResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(body, undefined, 2)}\n`,
});
