/** Commits ever more to a store until that fails; says how many commits were acknowledged, the error, and what then. */
import { ChainError } from '@chain/core/errors'
import { openStore } from '../../src/open-store.ts'

const store = await openStore({ directory: process.argv[2] as string, specId: '0a1b2c3d' })
let count = 0
try {
  for (;;) {
    const tip = new Uint8Array(32).fill(count + 1)
    await store.chainStore.commit({
      bodies: [{ block: { hash: tip, height: count }, bytes: new Uint8Array(50_000) }],
      tip,
    })
    count++
  }
} catch (error) {
  if (!(error instanceof ChainError)) throw error
  console.log(`${count} ${error.code} ${error.message}`)
}
// What follows would build on what is missing.
const later = store.chainStore.commit({ tip: new Uint8Array(32) })
const refused = await later.then(
  () => undefined,
  (error: unknown) => error,
)
console.log(refused === (await store.failed) ? 'no more is stored' : 'more is stored')
await store.close()
