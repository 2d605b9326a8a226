/**
 * Opens what a node keeps in its data directory, and what works on it without a network: chain, mempool and miner.
 *
 * The composition root of everything that runs offline; `node.ts` adds peers and RPC.
 */
import type { ChainManager } from '@chain/core/chain'
import type { ChainSpec } from '@chain/core/consensus'
import { Mempool } from '@chain/core/mempool'
import type { DataStore } from '@chain/storage'
import { systemClock } from './clock.ts'
import type { CountingVerifier } from './counting-verifier.ts'
import type { Logger } from './logger.ts'
import { Miner } from './mining/miner.ts'
import { openBareChain } from './open-bare-chain.ts'

export interface OpenChainOptions {
  readonly spec: ChainSpec
  readonly dataDir: string
  /** Mining threads, 1 to 256. */
  readonly threads: number
  /** Threads that verify signatures, as `openVerifier` takes it; 0 unless told otherwise. */
  readonly par?: number
  /** Bytes of memory for cached coins; what the store thinks best unless told otherwise. */
  readonly cacheSize?: number
  readonly log: Logger
}

/** A chain on disk with what works on it. */
export interface OpenChain {
  readonly store: DataStore
  readonly chain: ChainManager
  readonly mempool: Mempool
  readonly miner: Miner
  readonly verifier: CountingVerifier
  /** Ends mining, waits for what was handed in, closes the store, frees the directory and ends the verifier. */
  close(): Promise<void>
}

/**
 * Opens the data directory for this process alone; makes it where it does not exist.
 *
 * @throws {OperationalError} `data-dir-*`, `store-*`
 */
export async function openChain(options: OpenChainOptions): Promise<OpenChain> {
  const { threads, log, ...others } = options
  const bare = await openBareChain({
    ...others,
    report: (sentence) => log.warn(sentence),
    onCatchUp: (facts) => log.info(facts, 'Connecting blocks that are stored beyond the tip'),
  })
  const { chain, store, verifier } = bare
  const mempool = new Mempool({ chain, verifier, clock: systemClock })
  const miner = new Miner({ chain, mempool, clock: systemClock, threads, log })
  const close = async (): Promise<void> => {
    await miner.close()
    await chain.settled()
    await mempool.settled()
    await bare.close()
  }
  return { store, chain, mempool, miner, verifier, close }
}
