/**
 * Hands the blocks of a file to a chain manager on LMDB, one after the other, and says the index of each once it is
 * acknowledged. Both indexes follow, a few rows at a time.
 *
 * Arguments: data directory, file of blocks, each a length u32 LE and its bytes.
 */
import { readFileSync } from 'node:fs'
import { ChainManager } from '@chain/core/chain'
import { inlineVerifier, loadNetwork } from '@chain/core/consensus'
import { decodeBlock } from '@chain/core/primitives'
import { followIndex } from '../../src/follow-index.ts'
import { openStore } from '../../src/open-store.ts'

const [, , directory, file] = process.argv as [string, string, string, string]
const spec = loadNetwork('regtest')
const store = await openStore({ directory, specId: spec.id })
const modules = { store: store.chainStore, verifier: inlineVerifier, clock: (): number => 0xffffffff }
const chain = await ChainManager.open(spec, modules)
const stop = new AbortController()
const followings = [store.transactionIndex, store.filterIndex].map((index) =>
  followIndex(index, chain, { signal: stop.signal, groupRows: 3 }),
)
const bytes = readFileSync(file)
let index = 0
for (let offset = 0; offset < bytes.length; index++) {
  const length = bytes.readUInt32LE(offset)
  const outcome = await chain.acceptBlock(decodeBlock(bytes.subarray(offset + 4, offset + 4 + length)))
  if (outcome.status === 'invalid' || outcome.status === 'missing-parent') throw new Error(outcome.status)
  offset += 4 + length
  if (outcome.status !== 'duplicate') process.stdout.write(`${index}\n`)
}
stop.abort()
await Promise.all(followings.map(({ done }) => done))
await store.close()
