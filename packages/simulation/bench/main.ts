/** The benchmarks: run by hand, never as tests, as wall-clock times differ between machines and minutes. */
const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  init: async (args) => (await import('@smart-vault/infra/bench')).benchInit(args),
  scale: async (args) => (await import('./scale.ts')).benchScale(args),
};

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  process.stderr.write(`usage: pnpm bench <name>; names: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exitCode = 1;
} else {
  await bench(args);
}
