/**
 * Behaviours of hostile peers, by name.
 */

import { bytesKey } from '@chain/core/bytes'
import { createBlockTemplate } from '@chain/core/mining'
import { type Block, blockHash, encodeBlock, encodeHeader, type Transaction } from '@chain/core/primitives'
import { p2wpkhScript } from '@chain/core/script'
import { reroot, solve } from '@chain/core/testing'
import {
  decodeGetBlocks,
  decodeGetHeaders,
  encodeBlockReply,
  encodeHeaders,
  fieldLimits,
  type Status,
} from '@chain/wire'
import type { RelayLink } from '../relay/relay-peer.ts'
import type { HostileBehaviour, HostileContext } from './hostile-peer.ts'

/** Claims far more work than there is. */
function claimMore(status: Status): Status {
  return { ...status, work: status.work * 2n + 1_000n, height: status.height + 100 }
}

/** Claims much and never answers. */
const silent: HostileBehaviour = { boast: claimMore }

/** Answers for headers as it should and never for blocks. */
const staller: HostileBehaviour = {
  answer: (protocol, request, { chain }) =>
    protocol === 'headers/1' ? giveHeaders(request, chain) : undefined,
}

/** Shows headers with the wrong target on top of the chain. */
const headerLiar: HostileBehaviour = {
  boast: claimMore,
  answer: (protocol, _request, { chain, random }) => {
    if (protocol !== 'headers/1') return []
    const { header, hash } = chain.tip
    const lie = {
      ...header,
      parent: hash,
      merkleRoot: random.bytes(32),
      time: header.time + 1,
      bits: 0x1d00ffff,
    }
    return [encodeHeaders({ headers: [encodeHeader(lie)] })]
  },
}

/** Serves a block of valid work on top of the chain that pays its miner too much. */
const blockLiar: HostileBehaviour = {
  boast: claimMore,
  answer: (protocol, request, context) => {
    const lie = greedyBlock(context)
    if (protocol === 'headers/1') return giveHeaders(request, context.chain, lie)
    return protocol === 'blocks/1' ? giveBlocks(request, context.chain, lie) : []
  },
  relay: async (link, context) => {
    await link.send({ kind: 'new-block', header: encodeHeader(greedyBlock(context).header) })
    await ignore(link)
  },
}

/** Finds the next block before everybody else each time, shows its header and keeps the rest. */
const withholder: HostileBehaviour = {
  answer: (protocol, request, context) => {
    if (protocol === 'headers/1') return giveHeaders(request, context.chain, emptyBlock(context))
    return protocol === 'blocks/1' ? giveBlocks(request, context.chain) : []
  },
  relay: async (link, context) => {
    const tell = (): Promise<void> =>
      link.send({ kind: 'new-block', header: encodeHeader(emptyBlock(context).header) })
    await tell()
    for await (const { kind } of link.messages) {
      if (kind === 'new-block' || kind === 'compact-block') await tell()
    }
  },
}

/** Announces transactions that do not exist, more of them at once than a peer may. */
const flooder: HostileBehaviour = {
  answer: (protocol, request, { chain }) => (protocol === 'headers/1' ? giveHeaders(request, chain) : []),
  relay: async (link, { random, world }) => {
    const flood = async (): Promise<void> => {
      for (let count = 0; count < 25; count++) {
        const transactions = Array.from({ length: fieldLimits.inventoryItems }, () => random.bytes(32))
        await link.send({ kind: 'inventory', transactions })
        await new Promise<void>((resolve) => world.clock.setTimer(20, resolve))
      }
    }
    await Promise.all([flood(), ignore(link)])
  },
}

/** Every behaviour. */
export const hostileBehaviours: Readonly<Record<HostileKind, HostileBehaviour>> = {
  silent,
  staller,
  'header-liar': headerLiar,
  'block-liar': blockLiar,
  withholder,
  flooder,
}

/**
 * - `silent`: claims much and never answers
 * - `staller`: answers for headers and never for blocks
 * - `header-liar`: shows headers with the wrong target
 * - `block-liar`: serves a block of valid work that pays its miner too much
 * - `withholder`: shows the header of a block on top of the chain, and nobody gets the block
 * - `flooder`: announces transactions that do not exist
 */
export type HostileKind = 'silent' | 'staller' | 'header-liar' | 'block-liar' | 'withholder' | 'flooder'

type Chain = HostileContext['chain']

/** One block for each tip, and not one for each question. */
const emptyBlocks = new WeakMap<Chain['tip'], Block>()
const greedyBlocks = new WeakMap<Chain['tip'], Block>()

/** A valid block on top of the chain. The context is the watched chain's of the moment. */
function emptyBlock({ chain, random }: HostileContext): Block {
  const { tip, spec } = chain
  const known = emptyBlocks.get(tip)
  if (known !== undefined) return known
  const script = p2wpkhScript(random.bytes(20))
  const now = tip.header.time + 1
  const block = solve(createBlockTemplate({ params: spec.consensus, parent: tip, entries: [], script, now }))
  emptyBlocks.set(tip, block)
  return block
}

/** The same, whose coinbase pays too much. */
function greedyBlock(context: HostileContext): Block {
  const { tip } = context.chain
  const known = greedyBlocks.get(tip)
  if (known !== undefined) return known
  const { header, transactions } = emptyBlock(context)
  const [coinbase, ...rest] = transactions as [Transaction, ...Transaction[]]
  const outputs = coinbase.outputs.map((output, index) =>
    index === 0 ? { ...output, value: output.value + 1n } : output,
  )
  const block = solve(reroot({ header, transactions: [{ ...coinbase, outputs }, ...rest] }))
  greedyBlocks.set(tip, block)
  return block
}

function giveHeaders(request: Uint8Array, chain: Chain, lie?: Block): Uint8Array[] {
  const { locator, stop } = decodeGetHeaders(request)
  const headers = chain.headersAfter(locator, stop)
  const last = headers.at(-1)
  const atTip = last === undefined || bytesKey(blockHash(last)) === bytesKey(chain.tip.hash)
  const all = lie !== undefined && atTip ? [...headers, lie.header] : headers
  return [encodeHeaders({ headers: all.slice(0, fieldLimits.headers).map(encodeHeader) })]
}

function giveBlocks(request: Uint8Array, chain: Chain, lie?: Block): Uint8Array[] {
  return decodeGetBlocks(request).hashes.map((hash) => {
    if (lie !== undefined && bytesKey(hash) === bytesKey(blockHash(lie.header))) {
      return encodeBlockReply({ kind: 'block', block: encodeBlock(lie) })
    }
    const node = chain.find(hash)
    const block = node === undefined ? undefined : chain.readBody(node)
    return encodeBlockReply(block === undefined ? { kind: 'not-found', hash } : { kind: 'block', block })
  })
}

/** Reads and forgets until the link ends. */
async function ignore({ messages }: RelayLink): Promise<void> {
  for await (const _ of messages);
}
