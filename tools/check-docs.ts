/**
 * Checks that every module of the packages says what it is, and every export what it is good for.
 *
 * Part of `npm test`; run alone with `node tools/check-docs.ts`. Not for judging the sentences: people do that.
 */
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readUndocumented } from './docs/read-undocumented.ts'

/** One place where a docstring is missing. */
export interface MissingDoc {
  /** File, from the root of the workspace. */
  readonly path: string
  /** Line of the declaration, from 1. */
  readonly line: number
  /** What is missing, in one sentence. */
  readonly rule: string
}

/** Lists what has no docstring in the `src` folders of the packages under `root`; generated code is left out. */
export function checkDocs(root: string): MissingDoc[] {
  const paths = globSync('packages/*/src/**/*.ts', { cwd: root, exclude: ['**/generated/**'] }).sort()
  return paths.flatMap((path) => {
    const missing = readUndocumented(path, readFileSync(join(root, path), 'utf8'))
    return missing.map(({ line, rule }) => ({ path, line, rule }))
  })
}

if (import.meta.main) {
  const missing = checkDocs(resolve(import.meta.dirname, '..'))
  for (const { path, line, rule } of missing) console.error(`${path}:${line}: ${rule}`)
  process.exitCode = missing.length === 0 ? 0 : 1
}
