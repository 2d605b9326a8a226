/**
 * Outside truth that is not part of the project: `../shared/vectors` beside the repository, or the folder named by
 * `CHAIN_VECTORS`. Where a file is absent, its tests are skipped with one line that says so.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'vitest'

const folder = process.env.CHAIN_VECTORS ?? resolve(import.meta.dirname, '../../../../shared/vectors')

/** A test that needs a file of vectors, of which it gets the path. */
export function testVector(file: string, title: string, run: (path: string) => Promise<void>): void {
  const path = join(folder, file)
  const isAbsent = !existsSync(path)
  const name = isAbsent ? `${title} (needs ${path}, or CHAIN_VECTORS to name its folder)` : title
  test.skipIf(isAbsent)(name, () => run(path), 240_000)
}
