import type { Chaos } from './chaos.ts';
import type { Act, Draw, Stage } from './faults/act.ts';
import { FLEET_FAULTS } from './faults/fleet-faults.ts';
import { MESSAGE_FAULTS } from './faults/message-faults.ts';
import { SERVICE_FAULTS } from './faults/service-faults.ts';
import { SNAPSHOT_FAULTS } from './faults/snapshot-faults.ts';
import { HOUR_MS, type Planned } from './packs.ts';

const ACTS: Readonly<Record<Planned['kind'], Act>> = {
  ...MESSAGE_FAULTS,
  ...FLEET_FAULTS,
  ...SNAPSHOT_FAULTS,
  ...SERVICE_FAULTS,
};

/**
 * Lets the planned faults take place, each at its time unless it is suppressed. Those that last end by themselves, or
 * when the world heals.
 * @returns ends all that still last
 */
export function planFaults(stage: Stage, planned: readonly Planned[]): () => void {
  const endings = new Set<() => void>();
  const { world, chaos } = stage;
  for (const { kind, label, atMs } of planned) {
    world.kernel.clock.after(atMs, label, () => {
      if (!chaos.isOn || !chaos.happens(kind, label)) return;
      const draw = drawOf(chaos, label);
      const end = ACTS[kind](stage, draw);
      if (end === 'nothing') chaos.cameToNothing(kind, label);
      if (typeof end === 'string') return;
      world.kernel.note('fault', `${label} begins`, []);
      const once = (): void => {
        if (!endings.delete(once)) return;
        world.kernel.note('fault', `${label} ends`, []);
        end();
      };
      endings.add(once);
      world.kernel.clock.after(Math.round(lastingMs(kind, draw, stage)), `${label} ends`, once);
    });
  }
  return () => {
    for (const end of [...endings]) end();
  };
}

/** How long a fault lasts that lasts. */
function lastingMs(kind: Planned['kind'], draw: Draw, stage: Stage): number {
  switch (kind) {
    case 'region-outage':
      return stage.world.schedules.length > 0 ? draw.hours(1, 72) : 0;
    case 'all-fail':
      return draw.hours(12, 60);
    case 'throttle-burst':
      return draw.hours(0.02, 0.4);
    case 'token-expired':
      return draw.hours(0.1, 1);
    default:
      return draw.hours(0.5, 14);
  }
}

function drawOf(chaos: Chaos, label: string): Draw {
  const unit = (what: string): number => chaos.unit(`${label}/${what}`);
  return {
    label,
    unit,
    pick: (items, what = 'pick') => items[Math.floor(unit(what) * items.length)],
    hours: (min, max) => (min + (max - min) * unit('hours')) * HOUR_MS,
  };
}
