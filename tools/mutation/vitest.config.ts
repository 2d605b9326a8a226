/**
 * Vitest for mutation testing: the tests of the consensus rules alone, so that no rule owes its safety to a test of
 * something else. `stryker.config.json` names this file.
 *
 * Not for `npm test`: that has `vitest.config.ts` at the root.
 */
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

const conditions = ['@chain/source', 'module', 'node', 'development|production']

export default defineConfig({
  root: resolve(import.meta.dirname, '../..'),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/core/test/consensus/**/*.test.ts'],
    exclude: [],
    setupFiles: ['tools/vitest/seed-property-tests.ts'],
    env: { CHAIN_TEST_SEED: '1' },
    testTimeout: 20_000,
  },
})
