/** Opens the data directory it is given, stores something in it, and says `stored`, or the code and sentence of the error. */
import { ChainError } from '@chain/core/errors'
import { openStore } from '../../src/open-store.ts'

try {
  const store = await openStore({ directory: process.argv[2] as string, specId: '0a1b2c3d' })
  await store.chainStore.commit({ tip: new Uint8Array(32) })
  await store.close()
  console.log('stored')
} catch (error) {
  if (!(error instanceof ChainError)) throw error
  console.log(`${error.code} ${error.message}`)
}
