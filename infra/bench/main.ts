import { benchInit } from './init.ts';

/** The benchmarks: run by hand, never as tests, as wall-clock times differ between machines and minutes. */
const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  init: benchInit,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  process.stderr.write(`usage: pnpm bench <name>; names: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exitCode = 1;
} else {
  await bench(args);
}
