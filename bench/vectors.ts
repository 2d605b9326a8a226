/**
 * Real blocks to measure with; they are not part of the project. From `../shared/vectors` beside the repository, or from
 * the folder named by `CHAIN_VECTORS`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = process.env.CHAIN_VECTORS ?? resolve(import.meta.dirname, '../../shared/vectors')

/** The path of a file, or `undefined` where it is absent. */
export function findVectors(file: string): string | undefined {
  const path = join(folder, file)
  return existsSync(path) ? path : undefined
}

/** The bytes of a file, or `undefined` where it is absent. */
export function readVectors(file: string): Uint8Array | undefined {
  const path = findVectors(file)
  return path === undefined ? undefined : Uint8Array.from(readFileSync(path))
}
