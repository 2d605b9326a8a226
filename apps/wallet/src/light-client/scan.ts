/**
 * Scans the chain for the wallet's transactions: takes back what a reorganisation took back, then looks at the new blocks,
 * and records how far it came.
 *
 * Where the network commits to filters and a peer serves them, only blocks are fetched whose filter matches a script of
 * the wallet; elsewhere all are. One block vouches for many filters: no scan ends below it, and when it leaves the chain the
 * blocks that it vouched for are looked at again, since it may have lied.
 *
 * Source: docs/protocol/light-clients.md#commitment
 */
import type { Bytes } from '@chain/core/bytes'
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { forkPoint } from '@chain/core/chain'
import { ChainError, DecodeError } from '@chain/core/errors'
import { matchFilter } from '@chain/core/filters'
import { formatHash } from '@chain/core/primitives'
import type { UnixTime } from '@chain/core/units'
import { serviceFlags } from '@chain/wire'
import { chainUnusable } from '../errors.ts'
import { BLOCKS_PER_REQUEST, fetchBlocks } from './fetch-blocks.ts'
import { type CheckedFilter, FILTERS_PER_REQUEST, fetchFilters } from './fetch-filters.ts'
import type { Ledger } from './ledger.ts'
import type { LightPeer, LightPeers } from './light-peers.ts'
import type { WalletStore } from './wallet-store.ts'

/** What a scan works with. */
export interface ScanModules {
  readonly chain: ChainManager
  readonly peers: LightPeers
  readonly ledger: Ledger
  readonly store: WalletStore
}

/** Told after each group of blocks. */
export type ScanProgress = (height: number, target: number) => void

/**
 * Brings the ledger to the end of the best header chain.
 *
 * @param birthday - blocks well before this Unix time are not looked at
 * @throws {OperationalError} `peers-failed`, `chain-unusable`; what was scanned before is kept
 */
export async function scanChain(
  modules: ScanModules,
  birthday: UnixTime,
  onProgress: ScanProgress,
): Promise<void> {
  const target = modules.chain.bestHeader
  const scan = new Scan(modules, target)
  let from = takeBack(modules, target, birthday)
  while (from !== target) {
    from = await scan.next(from)
    modules.store.write(modules.ledger.takeChanges(), from)
    onProgress(from.height, target.height)
  }
}

/** Looks at the blocks of one chain, group by group. */
class Scan {
  readonly #modules: ScanModules
  readonly #target: BlockNode
  /** Peers that cannot tell the filters of this chain. */
  readonly #withoutFilters = new Set<LightPeer>()

  constructor(modules: ScanModules, target: BlockNode) {
    this.#modules = modules
    this.#target = target
  }

  /** Looks at some of the blocks after `from`, and returns the last of them, above which no block was believed. */
  async next(from: BlockNode): Promise<BlockNode> {
    const end = Math.min(from.height + FILTERS_PER_REQUEST + 1, this.#target.height)
    const voucher = this.#target.ancestor(end)
    let filters = await this.#fetchFilters(from, voucher)
    if (filters === undefined) return await this.#lookAtAll(from, voucher)
    let last = from
    while (filters !== undefined) {
      last = await this.#lookAtMatches(filters)
      filters = await this.#fetchFilters(last, voucher)
    }
    while (last !== voucher) last = await this.#lookAtAll(last, voucher)
    return last
  }

  /** Filters of blocks between two, or `undefined` when these blocks have to be looked at. */
  async #fetchFilters(from: BlockNode, voucher: BlockNode): Promise<CheckedFilter[] | undefined> {
    const { chain, ledger } = this.#modules
    const { spec } = chain
    // A block does not vouch for its own filter.
    if (!spec.consensus.filterCommitment || voucher.height - from.height < 2) return undefined
    if (ledger.filterScripts() === undefined) return undefined
    for (let peer = this.#filterPeer(); peer !== undefined; peer = this.#filterPeer()) {
      const filters = await this.#fetchFrom(peer, from, voucher)
      if (filters !== undefined) return filters
      this.#withoutFilters.add(peer)
    }
    return undefined
  }

  async #fetchFrom(
    peer: LightPeer,
    from: BlockNode,
    voucher: BlockNode,
  ): Promise<CheckedFilter[] | undefined> {
    const { chain, peers } = this.#modules
    try {
      return await fetchFilters(peer, chain.spec.id, from, voucher)
    } catch (error) {
      if (!(error instanceof ChainError)) throw error
      peers.drop(peer, error)
      return undefined
    }
  }

  #filterPeer(): LightPeer | undefined {
    return this.#modules.peers
      .list()
      .find((peer) => (peer.services & serviceFlags.lightClients) !== 0 && !this.#withoutFilters.has(peer))
  }

  /** Looks at the blocks after `from` up to `to`, or as many as one request takes; returns the last of them. */
  async #lookAtAll(from: BlockNode, to: BlockNode): Promise<BlockNode> {
    const end = Math.min(from.height + BLOCKS_PER_REQUEST, to.height)
    const nodes: BlockNode[] = []
    for (let height = from.height + 1; height <= end; height++) nodes.push(this.#target.ancestor(height))
    let last = from
    for await (const node of this.#lookAt(nodes)) last = node
    return last
  }

  async #lookAtMatches(filters: readonly CheckedFilter[]): Promise<BlockNode> {
    const { ledger } = this.#modules
    let due = this.#match(filters)
    while (due.length > 0) {
      const asked = due.slice(0, BLOCKS_PER_REQUEST)
      let watched = ledger.watchedAddresses
      let count = 0
      for await (const node of this.#lookAt(asked)) {
        count += 1
        due = due.slice(1)
        if (ledger.watchedAddresses !== watched) {
          due = this.#match(filters.filter((filter) => filter.node.height > node.height))
          watched = ledger.watchedAddresses
        }
        // Addresses that came into view may be in blocks that did not match before.
        if (due[0] !== asked[count]) break
      }
    }
    return (filters.at(-1) as CheckedFilter).node
  }

  /** The blocks whose filters match a script of the wallet, in their order. */
  #match(filters: readonly CheckedFilter[]): BlockNode[] {
    const scripts = this.#modules.ledger.filterScripts() ?? []
    return filters.filter((filter) => matches(filter, scripts)).map(({ node }) => node)
  }

  /** Yields each of the blocks when the ledger has looked at it. */
  async *#lookAt(nodes: readonly BlockNode[]): AsyncGenerator<BlockNode, void, void> {
    const { chain, peers, ledger } = this.#modules
    for await (const { node, block } of fetchBlocks(chain, peers, nodes)) {
      ledger.connect({ height: node.height, time: node.header.time, transactions: block.transactions })
      yield node
    }
  }
}

/** @throws {OperationalError} `chain-unusable` when the chain vouches for something that is no filter */
function matches({ node, filter }: CheckedFilter, scripts: readonly Bytes[]): boolean {
  try {
    return matchFilter(filter, node.hash, scripts)
  } catch (error) {
    throw error instanceof DecodeError ? chainUnusable(formatHash(node.hash), error.message) : error
  }
}

/** Takes back blocks that are not on the way to `target`, and returns the last block that need not be looked at (again). */
function takeBack({ chain, ledger, store }: ScanModules, target: BlockNode, birthday: UnixTime): BlockNode {
  const point = store.readScanPoint()
  const last = point === undefined ? undefined : chain.find(point.hash)
  const start = last === undefined ? beforeBirthday(target, birthday) : forkPoint(last, target)
  if (last === start) return start
  ledger.disconnectAbove(start.height)
  const isVouched = last !== undefined && chain.spec.consensus.filterCommitment
  const from = isVouched ? lastVouchedBelow(start, birthday) : start
  store.write(ledger.takeChanges(), from)
  return from
}

/** The last block, or the one before the birthday, for which nothing above `fork` can have vouched. */
function lastVouchedBelow(fork: BlockNode, birthday: UnixTime): BlockNode {
  const { height } = beforeBirthday(fork, birthday)
  return fork.ancestor(Math.max(fork.height - FILTERS_PER_REQUEST, height))
}

/** Seconds by which the times of blocks may lag behind the clock of whoever made the wallet. */
const BIRTHDAY_MARGIN = 86_400

/** The last block before the first one whose time is near the birthday. */
function beforeBirthday(target: BlockNode, birthday: UnixTime): BlockNode {
  const threshold = birthday - BIRTHDAY_MARGIN
  for (let height = 1; height <= target.height; height++) {
    const node = target.ancestor(height)
    if (node.header.time >= threshold) return node.parent as BlockNode
  }
  return target
}
