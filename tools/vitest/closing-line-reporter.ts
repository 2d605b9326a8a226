/**
 * Vitest reporter that ends a run with `N passed, N failed`, alone on a line, and names the seed of the run.
 *
 * It also fails the run when a project of `vitest.workspace.ts` collects no test file, which Vitest by itself lets
 * pass. What is not a test but went wrong (a file that cannot be loaded, an unhandled error, an empty project) counts
 * as one failure each, so that the line never says 0 failed for a run that failed.
 */
import type { Reporter, TestModule, Vitest } from 'vitest/node'

/** Creates the reporter; `seed` is what property tests draw from. */
export function closingLineReporter(seed: number): Reporter {
  let vitest: Vitest | undefined
  return {
    onInit(context) {
      vitest = context
    },
    async onTestRunEnd(modules, unhandledErrors) {
      const empty = await emptyProjects(vitest)
      for (const name of empty) console.error(`\nThe test project ${name} collects no test file.`)
      if (empty.length > 0) process.exitCode = 1
      const passed = modules.reduce((sum, module) => sum + count(module, 'passed'), 0)
      const failed = modules.reduce((sum, module) => sum + failures(module), 0)
      console.log(`\nseed ${seed} (CHAIN_TEST_SEED=${seed} repeats the property tests)`)
      console.log(`${passed} passed, ${failed + unhandledErrors.length + empty.length} failed`)
    },
  }
}

async function emptyProjects(vitest: Vitest | undefined): Promise<string[]> {
  const names: string[] = []
  for (const project of vitest?.projects ?? []) {
    const { testFiles } = await project.globTestFiles()
    if (testFiles.length === 0) names.push(project.name)
  }
  return names
}

function count(module: TestModule, state: 'passed' | 'failed'): number {
  return [...module.children.allTests(state)].length
}

/** Failed tests of a file; a file that failed as a whole, before or beside its tests, is one failure more. */
function failures(module: TestModule): number {
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0)
  return count(module, 'failed') + suites.length + (module.errors().length > 0 ? 1 : 0)
}
