/**
 * Blocks between peers: tells them about new ones and takes in what they tell.
 *
 * Peers that want it get a new block in its compact form as soon as it is checked but for its coins; all others hear of it by
 * its header when it has become the tip. What peers announce goes to sync, which fetches what relay does not put together.
 *
 * Not for putting blocks together (`compact-downloads.ts`) nor for giving them out (`compact-source.ts`).
 *
 * Source: docs/protocol/peers.md#compact-blocks; BIP152
 */
import type { Bytes } from '@chain/core/bytes'
import type { BlockNode, ChainEvent } from '@chain/core/chain'
import { DecodeError } from '@chain/core/errors'
import {
  type Block,
  type BlockHash,
  type BlockTransactionsRequest,
  blockHash,
  decodeHeader,
  formatHash,
  HEADER_LENGTH,
} from '@chain/core/primitives'
import type { KnownRelayMessage } from '@chain/wire'
import { Allowances } from '../allowances.ts'
import type { Credit } from '../peers/penalise.ts'
import type { Random } from '../random.ts'
import { CompactDownloads, type CompactDownloadsModules } from './compact-downloads.ts'
import { readBlockTransactions, readBlockTransactionsRequest, readCompactBlock } from './compact-messages.ts'
import { CompactSource } from './compact-source.ts'
import { HighBandwidthPeers } from './high-bandwidth-peers.ts'
import { relayLimits } from './relay-limits.ts'
import type { RelayPeer } from './relay-peer.ts'

/** What it works with. */
export interface BlockRelayModules extends CompactDownloadsModules {
  readonly random: Random
  readonly credit?: Credit
}

/** Blocks of all peers. */
export class BlockRelay {
  readonly #modules: BlockRelayModules
  readonly #downloads: CompactDownloads
  readonly #source: CompactSource
  readonly #highBandwidth = new HighBandwidthPeers()
  readonly #unsubscribe: () => void
  /** Compact blocks that come from a peer, and questions about blocks. */
  readonly #taken = new Allowances({
    burst: relayLimits.compactBurst,
    perSecond: relayLimits.compactPerSecond,
  })
  /** Compact blocks that a peer is sent unasked: fewer, so that it never finds them too many. */
  readonly #pushed = new Allowances({
    burst: relayLimits.compactBurst / 2,
    perSecond: relayLimits.compactPerSecond / 2,
  })

  constructor(modules: BlockRelayModules) {
    this.#modules = modules
    this.#source = new CompactSource(modules)
    this.#downloads = new CompactDownloads(modules)
    this.#unsubscribe = modules.sync.subscribe((peer, node) => this.#thank(peer, node))
  }

  /** Tells a peer that came how we want blocks, and our tip. */
  greet(peer: RelayPeer): void {
    const { tip } = this.#modules.chain
    peer.blocks.tellMode(false)
    if (tip.height > 0) peer.blocks.announce(tip.hash, tip.header)
  }

  /** A peer is gone. */
  removePeer(peer: RelayPeer): void {
    this.#highBandwidth.remove(peer.id)
    this.#downloads.removePeer(peer)
  }

  /** Puts together nothing more. */
  stop(): void {
    this.#unsubscribe()
    this.#downloads.stop()
  }

  /** The chain has changed, or is about to. */
  follow(event: ChainEvent): void {
    if (event.type === 'block-checked') this.#pass(event.node, event.block)
    else if (event.type === 'block-connected') this.#downloads.settle(event.node.hash)
    else if (event.type === 'block-invalid') {
      this.#source.delete(event.node.hash)
      this.#downloads.settle(event.node.hash)
    } else if (event.type === 'tip-changed') this.#announce(event.tip)
  }

  /** A peer announced its new tip by the header. */
  async takeHeader(peer: RelayPeer, header: Bytes): Promise<void> {
    peer.blocks.learn(blockHash(decodeHeader(header)))
    await this.#downloads.takeHeader(peer, header)
  }

  /** A peer sent a compact block. */
  async takeCompact(peer: RelayPeer, bytes: Bytes): Promise<void> {
    const compact = readCompactBlock(bytes)
    if (compact instanceof DecodeError) {
      this.#blame(peer, compact)
      return
    }
    const hash = blockHash(compact.header)
    if (!peer.blocks.deliverCompact(hash)) {
      this.#modules.penalise(peer.id, 'unrequested-data', `Block ${formatHash(hash)} was not asked for.`)
      return
    }
    peer.blocks.learn(hash)
    if (this.#mayTake(peer)) await this.#downloads.takeBlock(peer, compact, bytes.length)
    else await this.#modules.sync.announce(peer.id, bytes.subarray(0, HEADER_LENGTH))
  }

  /** A peer sent transactions of a block. */
  takeTransactions(peer: RelayPeer, bytes: Bytes): void {
    const answer = readBlockTransactions(bytes)
    if (answer instanceof DecodeError) this.#blame(peer, answer)
    else if (peer.blocks.deliverTransactions(answer.block)) this.#downloads.takeTransactions(peer, answer)
    else {
      const sentence = `Transactions of block ${formatHash(answer.block)} were not asked for.`
      this.#modules.penalise(peer.id, 'unrequested-data', sentence)
    }
  }

  /** A peer gives nothing about a block. */
  takeRefusal(peer: RelayPeer, hash: BlockHash): void {
    this.#downloads.takeRefusal(peer, hash)
  }

  /** A peer wants the compact form of a block. */
  giveCompact(peer: RelayPeer, hash: BlockHash): void {
    if (!this.#mayTake(peer)) {
      peer.blocks.refuse(hash)
      return
    }
    peer.blocks.answer(hash, () => {
      const block = this.#source.compactForm(hash)
      return block === undefined ? undefined : { kind: 'compact-block', block }
    })
  }

  /** A peer wants transactions of a block. */
  giveTransactions(peer: RelayPeer, bytes: Bytes): void {
    const request = readBlockTransactionsRequest(bytes)
    if (request instanceof DecodeError) {
      this.#blame(peer, request)
      return
    }
    if (this.#mayTake(peer)) peer.blocks.answer(request.block, () => this.#answer(peer, request))
    else peer.blocks.refuse(request.block)
  }

  #answer(peer: RelayPeer, request: BlockTransactionsRequest): KnownRelayMessage | undefined {
    const answer = this.#source.transactions(request)
    if (answer === 'beyond') {
      const sentence = `It asked for transactions that block ${formatHash(request.block)} does not have.`
      this.#modules.penalise(peer.id, 'protocol-violation', sentence)
      return undefined
    }
    return answer === undefined ? undefined : { kind: 'block-transactions', answer }
  }

  /** Sends a block that was checked to peers that want it at once and can make use of it. */
  #pass(node: BlockNode, block: Block): void {
    const { chain, peers } = this.#modules
    if (node.parent !== chain.tip || node !== chain.bestHeader) return
    this.#source.add(node.hash, block)
    for (const peer of peers.values()) {
      if (peer.blocks.wantsUnasked && !peer.blocks.has(node.hash)) this.#push(peer, node)
    }
  }

  /** Sends a peer the compact form of a block, if it knows the block before; says whether. */
  #push(peer: RelayPeer, { hash, header }: BlockNode): boolean {
    if (!peer.blocks.has(header.parent)) return false
    const block = this.#source.compactForm(hash)
    if (block === undefined || !this.#isDue(this.#pushed, peer)) return false
    peer.blocks.push(hash, block)
    return true
  }

  /** Tells the new tip to all that do not have it. */
  #announce(tip: BlockNode): void {
    const { chain, peers } = this.#modules
    if (chain.tip !== chain.bestHeader) return
    for (const peer of peers.values()) {
      if (peer.blocks.has(tip.hash)) continue
      if (!peer.blocks.wantsUnasked || !this.#push(peer, tip)) peer.blocks.announce(tip.hash, tip.header)
    }
  }

  /** A peer gave us a block: if it is one of the last, the peer is asked to send the next ones unasked. */
  #thank(id: string, { height }: BlockNode): void {
    const { chain, peers, credit } = this.#modules
    const peer = peers.get(id)
    if (peer === undefined || height + relayLimits.compactReach < chain.bestHeader.height) return
    credit?.(id, 'block')
    if (!peer.blocks.isCompact) return
    const isNew = !this.#highBandwidth.has(id)
    const leaving = this.#highBandwidth.promote(id, peer.direction)
    if (leaving !== undefined) peers.get(leaving)?.blocks.tellMode(false)
    if (isNew) peer.blocks.tellMode(true)
  }

  #mayTake(peer: RelayPeer): boolean {
    return this.#isDue(this.#taken, peer)
  }

  #isDue(allowances: Allowances, { id }: RelayPeer): boolean {
    return allowances.takeIfThere(id, 1, this.#modules.clock.now())
  }

  #blame({ id }: RelayPeer, error: DecodeError): void {
    this.#modules.penalise(id, 'protocol-violation', error.message)
  }
}
