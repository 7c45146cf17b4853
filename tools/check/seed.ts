import { randomInt } from 'node:crypto';
import fc from 'fast-check';

/** Environment variable with the seed of all random tests: `SUPPLANT_TEST_SEED=7 npm test` for the same cases again. */
export const SEED = 'SUPPLANT_TEST_SEED';

/** The seed that was asked for, else one by chance. */
export function readSeed({ [SEED]: given }: NodeJS.ProcessEnv = process.env): number {
  if (given === undefined) return randomInt(1e9);
  if (!/^\d{1,9}$/.test(given)) throw new Error(`${SEED} must be a whole number below 1,000,000,000, not ${given}`);
  return Number(given);
}

// Mocha loads this file in each of its workers, before any test: every property takes its cases from this seed.
fc.configureGlobal({ seed: readSeed() });
