/**
 * Opens the chain of a data directory by itself, for commands that neither mine nor hold transactions.
 *
 * Loads as little as it can: an import is measured from the start of its process. `open-chain.ts` adds mempool and miner.
 */
import { printProgress } from '@chain/cli'
import { ChainManager } from '@chain/core/chain'
import type { ChainSpec, SignatureVerifier } from '@chain/core/consensus'
import { openStore } from '@chain/storage'
import { systemClock } from './clock.ts'

export interface BareChainOptions {
  readonly spec: ChainSpec
  readonly dataDir: string
  readonly verifier: SignatureVerifier
}

/** A chain on disk. */
export interface BareChain {
  readonly chain: ChainManager
  /** Waits for what was handed in, closes the store and frees the directory. */
  close(): Promise<void>
}

/**
 * Opens the data directory for this process alone; makes it where it does not exist.
 *
 * @throws {OperationalError} `data-dir-*`, `store-*`
 */
export async function openBareChain({ spec, dataDir, verifier }: BareChainOptions): Promise<BareChain> {
  const store = await openStore({
    directory: dataDir,
    specId: spec.id,
    report: (line) => printProgress(line),
  })
  try {
    const modules = { verifier, clock: systemClock, store: store.chainStore }
    const chain = await ChainManager.open(spec, modules)
    const close = async (): Promise<void> => {
      try {
        await chain.settled()
      } finally {
        await store.close()
      }
    }
    return { chain, close }
  } catch (error) {
    await store.close()
    throw error
  }
}
