/** Data directories that hold a chain already. */
import { ChainManager } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import type { Block } from '@chain/core/primitives'
import { type DataStore, openStore } from '@chain/storage'
import { onTestFinished } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const spec = loadNetwork('regtest')

/** Judges no signatures: they are not what is tested with it. */
export const carelessVerifier: { readonly name: string; findInvalid: () => Promise<undefined> } = {
  name: 'none',
  findInvalid: () => Promise.resolve(undefined),
}

export interface StoredChain {
  readonly store: DataStore
  readonly chain: ChainManager
}

/** A regtest chain in a new data directory, or in one that is there; closed when the test is over. */
export async function openStoredChain(
  blocks: readonly Block[] = [],
  directory: string = temporaryDirectory(),
): Promise<StoredChain> {
  const store = await openStore({ directory, specId: spec.id, cacheSize: 0 })
  onTestFinished(() => store.close())
  const modules = { store: store.chainStore, verifier: carelessVerifier, clock: systemClock }
  const chain = await ChainManager.open(spec, modules)
  await Promise.all(blocks.map((block) => chain.acceptBlock(block)))
  return { store, chain }
}

/** A data directory with a regtest chain, of which what is old can be pruned. */
export async function directoryWith(blocks: readonly Block[], pruneUpTo = 0): Promise<string> {
  const directory = temporaryDirectory()
  const { store, chain } = await openStoredChain(blocks, directory)
  await chain.prune(pruneUpTo)
  await store.close()
  return directory
}
