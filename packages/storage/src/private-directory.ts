/**
 * Makes directories that are for their owner alone, since private keys lie in them.
 *
 * Step by step, and not by Node's recursive `mkdir`: that one never returns where the system says of a directory that is
 * there that it does not exist, as Linux does below `/proc`.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Everything for the owner alone. */
const MODE = 0o700

/**
 * Makes a directory, and those it stands in, where they do not exist yet.
 *
 * @throws {Error} of the operating system, or with a clause that says where nothing can be made
 */
export function makePrivateDirectory(directory: string): void {
  if (isDirectory(directory)) return
  const parent = dirname(directory)
  if (!existsSync(parent)) makePrivateDirectory(parent)
  try {
    mkdirSync(directory, { mode: MODE })
  } catch (error) {
    // Another process may have been faster.
    if (isDirectory(directory)) return
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw isMissing ? new Error(`no directory can be made in ${parent}`, { cause: error }) : error
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
