/**
 * What Litecoin Core 0.21 answers about its own version of the chain in `regtest-370.blk`: other hashes, times and
 * signatures, but the same blocks, coins and amounts.
 */
import { ChainManager, decodeUndo, MemoryChainStore } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import { decodeBlock } from '@chain/core/primitives'
import { formatAmount } from '@chain/core/units'
import { expect } from 'vitest'
import { BlockFile } from '../../src/block-file/block-file.ts'
import { importBlocks } from '../../src/block-file/import-blocks.ts'
import { systemClock } from '../../src/clock.ts'
import { blockStats } from '../../src/rpc/block-stats.ts'
import { sumCoins } from '../../src/rpc/coin-totals.ts'
import { carelessVerifier } from '../directory-with.ts'
import { testVector } from '../vectors.ts'

/** Of `getblockstats 200`, those that do not depend on the lengths of signatures. */
const statsAt200 = {
  avgfee: 400,
  avgfeerate: 1,
  avgtxsize: 370,
  feerate_percentiles: [1, 1, 1, 1, 1],
  ins: 500,
  maxfee: 400,
  maxfeerate: 1,
  maxtxsize: 372,
  medianfee: 400,
  mediantxsize: 371,
  minfee: 400,
  minfeerate: 1,
  outs: 502,
  swtxs: 250,
  total_out: 2_499_500_000,
  totalfee: 100_000,
  txs: 251,
  utxo_increase: 2,
  utxo_size_inc: 160,
}

testVector('regtest-370.blk', 'coins and blocks add up to what Litecoin Core says', async (path) => {
  const store = new MemoryChainStore()
  const chain = await ChainManager.open(loadNetwork('regtest'), {
    store,
    verifier: carelessVerifier,
    clock: systemClock,
  })
  const file = await BlockFile.open(path)
  const { signal } = new AbortController()
  await importBlocks({ file, chain, signal })
  await file.close()
  const totals = await sumCoins(store.readCoins(), false, signal)
  expect({ ...totals, amount: formatAmount(totals.amount) }).toEqual({
    coins: 10_360,
    transactions: 5_360,
    bogosize: 745_920,
    amount: '12087.50000000',
    hash: undefined,
  })
  const node = chain.at(200)
  if (node === undefined) throw new Error('unreachable')
  const [body, undo] = [chain.readBody(node), chain.readUndo(node)]
  if (body === undefined || undo === undefined) throw new Error('unreachable')
  expect(blockStats(decodeBlock(body), decodeUndo(undo), false)).toMatchObject(statsAt200)
})
