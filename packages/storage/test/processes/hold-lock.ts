/**
 * Takes the lock of a directory, says `locked` or the code and sentence of the error, and keeps the lock until its
 * standard input ends.
 */
import { once } from 'node:events'
import { ChainError } from '@chain/core/errors'
import { lockDirectory } from '../../src/lock.ts'

try {
  const lock = await lockDirectory(process.argv[2] as string)
  console.log('locked')
  process.stdin.resume()
  await once(process.stdin, 'end')
  lock.release()
} catch (error) {
  if (!(error instanceof ChainError)) throw error
  console.log(`${error.code} ${error.message}`)
}
