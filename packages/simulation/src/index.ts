export { Chaos, type FaultId } from './chaos.ts';
export type { Bound, BoundName } from './forecast/bound.ts';
export { type Forecast, type ForecastInput, forecast } from './forecast/forecast.ts';
export type { CostLine, MonthlyCost } from './forecast/monthly-cost.ts';
export {
  LIST_PRICES,
  PRICE_NAMES,
  type PriceName,
  type Prices,
  withPrices,
} from './forecast/prices.ts';
export { type Remedies, runSeconds } from './forecast/remedies.ts';
export { fleetFrom } from './forecast/selection.ts';
export { type ForecastSettings, settingsFrom } from './forecast/settings.ts';
export type { RunMeasure } from './forecast/simulate-run.ts';
export { Kernel } from './kernel.ts';
export { knobsOf, PACK_NAMES, PACKS, type PackName, type WorldKnobs } from './packs.ts';
export { type RunOptions, runWorld, type Templates, type WorldResult } from './run-world.ts';
export { templatesOf, vaultTemplates } from './templates.ts';
export { type Observer, type ServiceCall, VaultWorld, type VaultWorldOptions } from './vault-world.ts';
