/**
 * Outside truth that is not part of the project: `../shared/vectors` beside the repository, or the folder named by
 * `CHAIN_VECTORS`. Where a file is absent, its tests are skipped with one line that says so.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, test } from 'vitest'

const folder = process.env.CHAIN_VECTORS ?? resolve(import.meta.dirname, '../../../../shared/vectors')

/** A block of tests that needs one vector file; `define` gets its text. */
export function describeVectors(file: string, define: (text: string) => void): void {
  const path = join(folder, file)
  const isAbsent = !existsSync(path)
  describe(file, () => {
    if (isAbsent) test.skipIf(isAbsent)(`needs ${path}, or CHAIN_VECTORS to name its folder`)
    else define(readFileSync(path, 'utf8'))
  })
}
