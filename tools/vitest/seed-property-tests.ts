/**
 * Set-up of every test file: property, fuzz, differential and simulation tests draw from the seed of the run.
 *
 * The seed is printed when the run ends, and `CHAIN_TEST_SEED=<seed> npm test` repeats it. fast-check is loaded only for
 * files whose name says that they need it.
 */
import { expect } from 'vitest'

const randomised = /\.(prop|fuzz|diff|sim)\.test\.ts$/

if (randomised.test(expect.getState().testPath ?? '')) {
  const { configureGlobal, readConfigureGlobal } = await import('fast-check')
  configureGlobal({ ...readConfigureGlobal(), seed: Number(process.env.CHAIN_TEST_SEED) })
}
