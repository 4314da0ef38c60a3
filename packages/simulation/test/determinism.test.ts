import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { knobsOf } from '../src/packs.ts';
import { runWorld } from '../src/run-world.ts';
import { templates } from './templates.ts';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;
const [pack, seed] = ['lossy', 7] as const;

describe('a world', () => {
  it('is a function of pack and seed: the same trace twice in one process, and in another one', async () => {
    const [first, second] = [
      await runWorld({ knobs: knobsOf(pack, seed), templates }),
      await runWorld({ knobs: knobsOf(pack, seed), templates }),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, [
      MAIN,
      '--pack',
      pack,
      '--seed',
      String(seed),
    ]);

    expect(second.hash).toBe(first.hash);
    expect([...second.fired.keys()]).toEqual([...first.fired.keys()]);
    expect(stdout).toContain(
      `${first.events} events, ${first.fired.size} faults struck, trace hash ${first.hash}`,
    );
  });

  it('differs from that of another seed', async () => {
    const worlds = [1, 2, 3].map((other) => runWorld({ knobs: knobsOf(pack, other), templates }));

    expect(new Set((await Promise.all(worlds)).map(({ hash }) => hash)).size).toBe(3);
  });

  it('has no faults in the pack without faults, and keeps every promise', async () => {
    const { fired, violations } = await runWorld({ knobs: knobsOf('calm', 3), templates });

    expect([...fired.keys()]).toEqual([]);
    expect(violations).toEqual([]);
  });

  it('leaves the other faults where they were when one is suppressed', async () => {
    const all = await runWorld({ knobs: knobsOf('standard', 5), templates });
    const planned = [...all.fired.keys()].filter((id) => /\/\d+$/.test(id));
    const [without] = planned;
    const less = await runWorld({ knobs: knobsOf('standard', 5), templates, mask: new Set([without ?? '']) });

    expect(planned.length).toBeGreaterThan(3);
    expect([...less.fired.keys()].filter((id) => /\/\d+$/.test(id))).toEqual(planned.slice(1));
  });
});
