/**
 * The list of test projects: one per package and app, named after it, then the tools and the end-to-end tests.
 *
 * `vitest.config.ts` loads this list (Vitest does not look for it by itself), and the run fails when a project named
 * here collects no test file. Not for options that hold for every project: those stand in `vitest.config.ts`.
 */
import type { TestProjectConfiguration } from 'vitest/config'

/** What a stranger's machine may need for one end-to-end test, in milliseconds: processes start, mine and stop. */
const endToEndTimeout = 120_000

/** A project whose tests are `<folder>/test/**\/*.test.ts`. */
function unitProject(name: string, folder: string): TestProjectConfiguration {
  return {
    extends: true,
    test: { name, include: [`${folder}/test/**/*.test.ts`] },
  }
}

/** Every test project of the workspace, in the order in which they are reported. */
export const projects: TestProjectConfiguration[] = [
  unitProject('@chain/core', 'packages/core'),
  unitProject('@chain/cli', 'packages/cli'),
  unitProject('@chain/storage', 'packages/storage'),
  unitProject('@chain/verifier', 'packages/verifier'),
  unitProject('@chain/wire', 'packages/wire'),
  unitProject('@chain/p2p', 'packages/p2p'),
  unitProject('@chain/node', 'apps/node'),
  unitProject('@chain/wallet', 'apps/wallet'),
  unitProject('tools', 'tools'),
  unitProject('examples', 'examples'),
  {
    extends: true,
    test: {
      name: 'e2e',
      include: ['e2e/*.e2e.ts'],
      testTimeout: endToEndTimeout,
      hookTimeout: endToEndTimeout,
      maxWorkers: 2,
      sequence: { groupOrder: 1 },
    },
  },
]
