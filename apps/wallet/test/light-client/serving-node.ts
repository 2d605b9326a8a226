/**
 * A node on loopback that serves a chain to wallets: core's chain manager and mempool behind p2p's real protocols.
 */
import { ChainManager, MemoryChainStore } from '@chain/core/chain'
import { type ChainSpec, inlineVerifier } from '@chain/core/consensus'
import { Mempool } from '@chain/core/mempool'
import { type Block, decodeTransaction, encodeHeader, txid } from '@chain/core/primitives'
import {
  createHost,
  createIdentity,
  handleBlocks,
  handleHeaders,
  handleStatus,
  handleSubmit,
} from '@chain/p2p'
import { protocolVersion, type Status, type SubmitReply, serviceFlags } from '@chain/wire'
import { MemoryDatastore } from 'datastore-core'
import { onTestFinished } from 'vitest'
import { type FilterLies, type FiltersServed, serveFilters } from './serving-filters.ts'

/** How a node lies, and what it serves. */
export interface Lies {
  /** Filters and proofs are served too; they may be false. */
  readonly filters?: FilterLies
  /** Changes the bytes of blocks before they are sent. */
  readonly spoilBlock?: (bytes: Uint8Array) => Uint8Array
  /** Changes the bytes of headers before they are sent. */
  readonly spoilHeader?: (bytes: Uint8Array) => Uint8Array
  /** Refuses all transactions by this rule. */
  readonly refuse?: string
}

export class ServingNode {
  readonly chain: ChainManager
  readonly mempool: Mempool
  /** Where to connect to, with the peer id. */
  address = ''
  /** Blocks that were asked for. */
  blocksServed = 0
  /** Bytes of them. */
  blockBytes = 0
  readonly filtersServed: FiltersServed = { filters: 0, bytes: 0 }
  #services: number = serviceFlags.fullBlocks
  stop: () => Promise<void> = () => Promise.resolve()
  /** Closes all connections and waits until they are closed on this side. */
  hangUp: () => Promise<void> = () => Promise.resolve()

  private constructor(chain: ChainManager) {
    this.chain = chain
    this.mempool = new Mempool({ chain, verifier: inlineVerifier, clock })
  }

  /** Starts a node that has these blocks; it stops when the test has finished. */
  static async start(spec: ChainSpec, blocks: readonly Block[], lies: Lies = {}): Promise<ServingNode> {
    const chain = await ChainManager.open(spec, {
      store: new MemoryChainStore(),
      verifier: inlineVerifier,
      clock,
    })
    const node = new ServingNode(chain)
    await node.accept(blocks)
    await node.#listen(lies)
    return node
  }

  /** Takes in blocks; all must be good. */
  async accept(blocks: readonly Block[]): Promise<void> {
    for (const block of blocks) {
      const outcome = await this.chain.acceptBlock(block)
      if (outcome.status === 'invalid') throw outcome.error
    }
  }

  async #listen({ spoilBlock = same, spoilHeader = same, refuse, filters }: Lies): Promise<void> {
    const { chain } = this
    const { id } = chain.spec
    const host = await createHost({
      specId: id,
      agent: 'serving-node/1.0.0',
      identity: await createIdentity(),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      datastore: new MemoryDatastore(),
      gater: {},
      maxConnections: 50,
      allowLoopback: true,
      dht: false,
    })
    await handleStatus(host, id, () => this.#status())
    await handleHeaders(host, id, ({ locator, stop }) => ({
      headers: chain.headersAfter(locator, stop).map((header) => spoilHeader(encodeHeader(header))),
    }))
    await handleBlocks(host, id, (hash) => {
      this.blocksServed += 1
      const node = chain.find(hash)
      const body = node === undefined ? undefined : chain.readBody(node)
      this.blockBytes += body?.length ?? 0
      return body === undefined ? undefined : spoilBlock(body)
    })
    await handleSubmit(host, id, (raw) =>
      refuse === undefined
        ? this.#judge(raw.slice())
        : { accepted: false, code: refuse, sentence: 'This node refuses everything.' },
    )
    if (filters !== undefined) {
      this.#services |= serviceFlags.lightClients
      await serveFilters(host, chain, filters, this.filtersServed)
    }
    await host.start()
    this.address = String(host.getMultiaddrs()[0])
    this.stop = async () => {
      await host.stop()
    }
    this.hangUp = async () => {
      await Promise.all(host.getConnections().map((connection) => connection.close()))
    }
    onTestFinished(this.stop)
  }

  #status(): Status {
    const { tip, genesis } = this.chain
    return {
      protocolVersion,
      agent: 'serving-node/1.0.0',
      genesis: genesis.hash,
      tip: tip.hash,
      height: tip.height,
      work: tip.chainWork,
      services: this.#services,
      time: clock(),
      nonce: new Uint8Array(8),
    }
  }

  async #judge(raw: Uint8Array): Promise<SubmitReply> {
    const transaction = decodeTransaction(raw)
    const id = txid(transaction)
    const outcome = await this.mempool.accept(transaction)
    if (outcome.status === 'accepted' || outcome.status === 'duplicate') return { accepted: true, txid: id }
    if (outcome.status === 'missing-inputs') {
      return {
        accepted: false,
        txid: id,
        code: 'inputs-missing',
        sentence: 'It spends coins that are not there.',
      }
    }
    const { code, message } = outcome.error
    return { accepted: false, txid: id, code, sentence: message }
  }
}

function same(bytes: Uint8Array): Uint8Array {
  return bytes
}

function clock(): number {
  return Math.floor(Date.now() / 1_000)
}
