import { ChainManager, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier, loadNetwork } from '@chain/core/consensus'
import { decodeBlock, formatHash } from '@chain/core/primitives'
import { expect } from 'vitest'
import { openStore } from '../src/open-store.ts'
import { digestCoins } from './digest-coins.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { testBlockFile } from './vectors.ts'

const spec = loadNetwork('regtest')
const modules = { verifier: inlineVerifier, clock: (): number => 0xffffffff }

testBlockFile(
  'regtest-135.blk',
  'a chain of Bitcoin regtest connects to its tip on LMDB, with the coins of the memory store',
  async (blocks) => {
    const directory = temporaryDirectory()
    const first = await openStore({ directory, specId: spec.id })
    const memory = new MemoryChainStore()
    const onDisk = await ChainManager.open(spec, { ...modules, store: first.chainStore })
    // Signatures were judged once already on this side, and take most of the time.
    const inMemory = await ChainManager.open(spec, {
      ...modules,
      verifier: { name: 'none', findInvalid: () => Promise.resolve(undefined) },
      store: memory,
    })
    for (const bytes of blocks) {
      expect((await onDisk.acceptBlock(decodeBlock(bytes))).status).toBe('connected')
      await inMemory.acceptBlock(decodeBlock(bytes))
    }
    await first.close()

    const again = await openStore({ directory, specId: spec.id })
    const chain = await ChainManager.open(spec, { ...modules, store: again.chainStore })
    expect(chain.tip.height).toBe(135)
    expect(formatHash(chain.tip.hash)).toBe(
      '5d8c0aad24ab02108cff491c80387baebd0891dc45380e13ef7eb4305155adda',
    )
    expect(chain.readBody(chain.tip)).toEqual(blocks[134])
    expect(digestCoins(again.chainStore)).toBe(digestCoins(memory))
    await again.close()
  },
)
