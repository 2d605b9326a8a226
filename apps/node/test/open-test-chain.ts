/** Chains in memory with mempool and miner, and a wallet's view of the coins that were mined. */
import { ChainManager, MemoryChainStore } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import { Mempool } from '@chain/core/mempool'
import { ChainBuilder } from '@chain/core/testing'
import { createVerifier } from '@chain/verifier'
import { onTestFinished } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { Miner } from '../src/mining/miner.ts'
import { quietLog } from './quiet-log.ts'

export interface TestChain {
  /** The branch that the chain begins with. */
  readonly builder: ChainBuilder
  readonly chain: ChainManager
  readonly mempool: Mempool
  readonly miner: Miner
}

/** A regtest chain of some blocks, which pay the builder's key; or one of another network, with another clock or log. */
export async function openTestChain(
  blocks = 0,
  spec = loadNetwork('regtest'),
  { clock = systemClock, log = quietLog } = {},
): Promise<TestChain> {
  const builder = ChainBuilder.create(spec)
  builder.mineEmpty(blocks)
  const modules = { verifier: createVerifier({ threads: 0 }), clock }
  const chain = await ChainManager.open(spec, { ...modules, store: new MemoryChainStore() })
  for (const block of builder.blocks) await chain.acceptBlock(block)
  const mempool = new Mempool({ ...modules, chain })
  const miner = new Miner({ chain, mempool, clock, threads: 1, log })
  onTestFinished(() => miner.close())
  return { builder, chain, mempool, miner }
}
