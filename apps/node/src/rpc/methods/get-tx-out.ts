/** `gettxout`: one unspent output. */
import type { ChainManager } from '@chain/core/chain'
import type { Mempool } from '@chain/core/mempool'
import { type Coin, formatHash, type OutPoint } from '@chain/core/primitives'
import { z } from 'zod'
import { jsonAmount } from '../json-amount.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { txidParameter } from '../parameters.ts'
import { scriptJson } from '../script-json.ts'

export const getTxOut: RpcMethod = defineMethod({
  name: 'gettxout',
  summary:
    'An unspent output, or null when it is spent or does not exist; waiting transactions count by default.',
  parameters: {
    txid: txidParameter,
    n: z.int().min(0).max(0xffff_ffff),
    include_mempool: z.boolean().default(true),
  },
  run: ({ txid, n, include_mempool }, { chain, mempool }) => {
    const outpoint = { txid, index: n }
    const coin = include_mempool ? coinWithMempool(outpoint, chain, mempool) : chain.readCoin(outpoint)
    return coin === undefined ? null : coinJson(coin, chain)
  },
})

function coinWithMempool(outpoint: OutPoint, chain: ChainManager, mempool: Mempool): Coin | undefined {
  if (mempool.spender(outpoint) !== undefined) return undefined
  const output = mempool.get(outpoint.txid)?.transaction.outputs[outpoint.index]
  return output === undefined
    ? chain.readCoin(outpoint)
    : { output, height: chain.tip.height + 1, isCoinbase: false }
}

function coinJson(
  { output, height, isCoinbase }: Coin,
  { tip, spec }: ChainManager,
): Record<string, unknown> {
  return {
    bestblock: formatHash(tip.hash),
    confirmations: tip.height - height + 1,
    value: jsonAmount(output.value),
    scriptPubKey: scriptJson(output.scriptPubKey, spec.addressPrefix),
    coinbase: isCoinbase,
  }
}
