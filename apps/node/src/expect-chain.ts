/**
 * Commands that only look at a chain, or repair one, make no data directory where there is none.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DATA_FILE } from '@chain/storage'
import { chainMissing } from './errors.ts'

/**
 * Makes sure that there is a chain in a data directory.
 *
 * @throws {OperationalError} `chain-missing`
 * @throws {Error} of the operating system, when this user may not look into the directory
 */
export function expectChain(dataDir: string): void {
  const found = statSync(join(dataDir, DATA_FILE), { throwIfNoEntry: false })
  if (found === undefined) throw chainMissing(dataDir)
}
