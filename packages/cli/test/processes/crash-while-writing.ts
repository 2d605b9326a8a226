/**
 * A process that dies with the new content of a file written, and its name not yet given: run by
 * `private-file.test.ts` with the file, what to do and the system call in which to die.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [file = '', action = '', call = ''] = process.argv.slice(2)

Object.assign(fs, { [call]: () => process.kill(process.pid, 'SIGKILL') })
syncBuiltinESMExports()

const { createPrivateFile, replacePrivateFile } = await import('../../src/private-file.ts')
if (action === 'create') createPrivateFile(file, 'new')
else replacePrivateFile(file, 'new')
