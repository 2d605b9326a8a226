/**
 * Serves filters and proofs of a chain in memory to wallets, over p2p's real protocols.
 */
import { type BlockNode, type ChainManager, decodeUndo } from '@chain/core/chain'
import { computeBasicFilter, computeFilterHash } from '@chain/core/filters'
import {
  createMerkleProof,
  decodeBlock,
  encodeMerkleBlock,
  encodeTransaction,
  type Transaction,
  txids,
  ZERO_HASH,
} from '@chain/core/primitives'
import { handleFilters, handleProofs } from '@chain/p2p'
import type { FilterReply, FilterRequest, ProofReply } from '@chain/wire'
import type { Libp2p } from '@libp2p/interface'

/** How filters are served. */
export interface FilterLies {
  /** Changes a filter before it is sent, and before it is hashed for its header. */
  readonly spoilFilter?: (filter: Uint8Array, height: number) => Uint8Array
  /** Changes a filter before it is sent only. */
  readonly spoilSent?: (filter: Uint8Array, height: number) => Uint8Array
  /** Height up to which there are filters. */
  readonly indexed?: number
}

/** What was served. */
export interface FiltersServed {
  filters: number
  /** Of filters, and of filter hashes. */
  bytes: number
}

/** Answers `filters/1` and `proofs/1`; counts what it serves. */
export async function serveFilters(
  host: Libp2p,
  chain: ChainManager,
  lies: FilterLies,
  served: FiltersServed,
): Promise<void> {
  const { id } = chain.spec
  await handleFilters(host, id, async function* (request) {
    for (const reply of answerFilters(chain, lies, request)) {
      if (reply.kind === 'filter') served.filters += 1
      if (reply.kind === 'filter') served.bytes += reply.filter.length
      if (reply.kind === 'headers') served.bytes += 32 * reply.hashes.length
      yield reply
    }
  })
  await handleProofs(host, id, async function* ({ block }) {
    yield* proveCoinbase(chain, block)
  })
}

function* answerFilters(
  chain: ChainManager,
  lies: FilterLies,
  { kind, startHeight, stop }: FilterRequest,
): Generator<FilterReply> {
  const { spoilFilter = same, spoilSent = same, indexed = Number.POSITIVE_INFINITY } = lies
  const last = chain.find(stop)
  if (last === undefined || !chain.isActive(last)) {
    yield { kind: 'not-found', hash: stop }
    return
  }
  if (last.height > indexed) {
    yield { kind: 'not-indexed', hash: stop }
    return
  }
  const nodes: BlockNode[] = []
  for (let height = startHeight; height <= last.height; height++) nodes.push(last.ancestor(height))
  const filters = nodes.map((node) => spoilFilter(filterOf(chain, node), node.height))
  if (kind === 'headers') {
    const previous = (nodes[0] as BlockNode).parent?.filterHeader ?? ZERO_HASH
    yield { kind, previous, hashes: filters.map(computeFilterHash) }
    return
  }
  for (const [index, filter] of filters.entries()) {
    const { hash, height } = nodes[index] as BlockNode
    yield { kind: 'filter', block: hash, filter: spoilSent(filter, height) }
  }
}

function filterOf(chain: ChainManager, node: BlockNode): Uint8Array {
  const coins = decodeUndo(chain.readUndo(node) as Uint8Array).flat()
  const scripts = coins.map(({ output }) => output.scriptPubKey)
  return computeBasicFilter(decodeBlock(chain.readBody(node) as Uint8Array), scripts)
}

function* proveCoinbase(chain: ChainManager, hash: Uint8Array): Generator<ProofReply> {
  const node = chain.find(hash)
  if (node === undefined) {
    yield { kind: 'not-found', hash }
    return
  }
  const { header, transactions } = decodeBlock(chain.readBody(node) as Uint8Array)
  const ids = txids(transactions)
  const proof = createMerkleProof(ids, ids.slice(0, 1))
  yield { kind: 'proof', merkleBlock: encodeMerkleBlock({ header, proof }) }
  yield { kind: 'transaction', transaction: encodeTransaction(transactions[0] as Transaction) }
}

function same(filter: Uint8Array): Uint8Array {
  return filter
}
