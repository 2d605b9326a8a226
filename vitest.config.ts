/**
 * Vitest for the whole workspace: options shared by every project of `vitest.workspace.ts`.
 *
 * Sources are loaded through the `@chain/source` export condition, as they are when Node runs them directly.
 */
import { defineConfig } from 'vitest/config'
import { closingLineReporter } from './tools/vitest/closing-line-reporter.ts'
import { projects } from './vitest.workspace.ts'

/** Ours first, then Vite's own defaults for code that runs on a server. */
const conditions = ['@chain/source', 'module', 'node', 'development|production']

const seed = Number(process.env.CHAIN_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects,
    pool: 'forks',
    maxWorkers: '100%',
    setupFiles: ['tools/vitest/seed-property-tests.ts'],
    env: { CHAIN_TEST_SEED: String(seed) },
    reporters: ['default', closingLineReporter(seed)],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    allowOnly: false,
  },
})
