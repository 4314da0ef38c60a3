import { writeFileSync } from 'node:fs';
import { sampleFleetFiles } from './sample-fleet.ts';

// Writes the sample fleet beside this file: `pnpm --filter @smart-vault/simulator sample-fleet`.
for (const [name, content] of Object.entries(sampleFleetFiles()))
  writeFileSync(new URL(name, import.meta.url), content);
