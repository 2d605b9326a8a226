import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Environment } from '../src/environment.ts'
import { DATA_FILE } from '../src/layout.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** An open, empty environment that is closed when the running test ends. */
export function temporaryEnvironment(directory: string = temporaryDirectory()): Environment {
  const environment = new Environment(join(directory, DATA_FILE))
  onTestFinished(() => environment.close())
  return environment
}
