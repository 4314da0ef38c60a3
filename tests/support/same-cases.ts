import fc from 'fast-check';

/**
 * Property tests take the same cases in every run, so that a red run is always due to the change that it stands for.
 * To look further: `PROPERTY_SEED=7 npx -y pnpm@10.34.9 test`. What that finds becomes an example of the property.
 */
const seed = Number(process.env['PROPERTY_SEED'] ?? 20_261_122);
if (!Number.isInteger(seed))
  throw new Error(
    `PROPERTY_SEED is ${process.env['PROPERTY_SEED']}; allowed: a whole number; fix: PROPERTY_SEED=7`,
  );
fc.configureGlobal({ seed });
