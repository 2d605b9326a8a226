/** Runs one example as a reader would, in a process of its own. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

/** What an example printed. */
export interface Printed {
  readonly stdout: string
  readonly stderr: string
}

/** Runs an example to its end. Rejects, with what it printed, when it fails. */
export async function runExample(name: string, ...args: readonly string[]): Promise<Printed> {
  const folder = resolve(import.meta.dirname, '..')
  const options = ['--conditions=@chain/source', name, ...args]
  return await promisify(execFile)(process.execPath, options, { cwd: folder, encoding: 'utf8' })
}
