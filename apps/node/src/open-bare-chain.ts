/**
 * Opens the chain of a data directory by itself, for commands that neither mine nor hold transactions.
 *
 * Loads as little as it can: an import is measured from the start of its process. `open-chain.ts` adds mempool and miner.
 */
import { printProgress } from '@chain/cli'
import { ChainManager } from '@chain/core/chain'
import type { ChainSpec } from '@chain/core/consensus'
import { type DataStore, openStore } from '@chain/storage'
import { type CatchUp, formatCatchUp, watchCatchUp } from './catch-up.ts'
import { systemClock } from './clock.ts'
import { CountingVerifier } from './counting-verifier.ts'
import { createGiveWay } from './give-way.ts'
import { DEFAULT_PAR, openVerifier } from './verifier.ts'

export interface BareChainOptions {
  readonly spec: ChainSpec
  readonly dataDir: string
  /** Threads that verify signatures, as {@link openVerifier} takes it; 0 unless told otherwise. */
  readonly par?: number
  /** Bytes of memory for cached coins; what the store thinks best unless told otherwise. */
  readonly cacheSize?: number
  /** Told in one sentence what people should know; written to the error output unless told otherwise. */
  readonly report?: (sentence: string) => void
  /** Told how far the chain is while it connects stored blocks; reported unless given. */
  readonly onCatchUp?: (catchUp: CatchUp) => void
}

/** A chain on disk. */
export interface BareChain {
  readonly store: DataStore
  readonly chain: ChainManager
  readonly verifier: CountingVerifier
  /** Waits for what was handed in, closes the store, frees the directory and ends the verifier. */
  close(): Promise<void>
}

/**
 * Opens the data directory for this process alone; makes it where it does not exist.
 *
 * @throws {OperationalError} `data-dir-*`, `store-*`
 */
export async function openBareChain(options: BareChainOptions): Promise<BareChain> {
  const { spec, dataDir, par = DEFAULT_PAR, cacheSize, report = (line) => printProgress(line) } = options
  const sizes = cacheSize === undefined ? {} : { cacheSize }
  const store = await openStore({ directory: dataDir, specId: spec.id, report, ...sizes })
  const verifier = new CountingVerifier(openVerifier(par, report))
  const end = async (): Promise<void> => {
    await store.close()
    await verifier.close()
  }
  const catchUp = watchCatchUp(options.onCatchUp ?? ((facts) => report(formatCatchUp(facts))))
  try {
    const modules = { verifier, clock: systemClock, store: store.chainStore, giveWay: createGiveWay() }
    const chain = await ChainManager.open(spec, modules, { listener: catchUp.listener })
    catchUp.end()
    const close = async (): Promise<void> => {
      try {
        await chain.settled()
      } finally {
        await end()
      }
    }
    return { store, chain, verifier, close }
  } catch (error) {
    await end()
    throw error
  }
}
