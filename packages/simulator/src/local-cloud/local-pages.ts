import type { LocalCloud } from './cloud.ts';
import type { WireResponse } from './wire.ts';

/** The local cloud's own pages: `GET /_local/status`, `POST /_local/faults/lift`, `POST /_local/regions/<region>/erase`. */
export function localPage(cloud: LocalCloud, method: string, path: string): WireResponse {
  if (method === 'GET' && path === '/_local/status') return json(200, statusOf(cloud));
  if (method === 'POST' && path === '/_local/faults/lift') {
    const lifted = cloud.faults;
    cloud.liftFaults();
    return json(200, { lifted });
  }
  const region = /^\/_local\/regions\/([a-z0-9-]+)\/erase$/.exec(path)?.[1];
  if (method === 'POST' && region !== undefined) return erasePage(cloud, region);
  return json(404, {
    error: 'There are GET /_local/status, POST /_local/faults/lift and POST /_local/regions/<region>/erase',
  });
}

/** A disaster: all that EC2 has in a region of the vault is gone, and it answers no more until the faults are lifted. */
function erasePage(cloud: LocalCloud, region: string): WireResponse {
  const { sourceRegion, destinations } = cloud.settings;
  const regions = [sourceRegion, ...destinations];
  if (!regions.includes(region))
    return json(404, { error: `${region} is no region of the vault; there are ${regions.join(', ')}` });
  cloud.eraseRegion(region);
  return json(200, { erased: region, down: true });
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
