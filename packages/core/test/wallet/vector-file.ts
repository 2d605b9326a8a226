/** Finds files of outside truth: `CHAIN_VECTORS`, or `shared/vectors` beside the project. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = process.env.CHAIN_VECTORS ?? resolve(import.meta.dirname, '../../../../../shared/vectors')

/** The parsed JSON of a vector file, or `undefined` where the files are not on this machine. */
export function readJsonVectors<Value>(name: string): Value | undefined {
  const path = join(folder, name)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Value) : undefined
}
