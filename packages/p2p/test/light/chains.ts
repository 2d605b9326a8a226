/**
 * Chains with filters, and nodes on loopback that serve light clients from them.
 */
import { type BlockNode, ChainManager, decodeUndo, MemoryChainStore } from '@chain/core/chain'
import { type ChainSpec, computeSpecId, inlineVerifier, loadNetwork } from '@chain/core/consensus'
import { computeBasicFilter, computeFilterHeader } from '@chain/core/filters'
import { Mempool } from '@chain/core/mempool'
import { type Block, decodeBlock, ZERO_HASH } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { answerPeers } from '../../src/answers/answers.ts'
import { systemClock } from '../../src/clock.ts'
import type { BlockFilter, FilterPort } from '../../src/ports.ts'
import { startHost } from '../hosts.ts'
import { connectHosts, type Pair } from '../loopback.ts'
import { lateClock, silentLog } from '../nodes.ts'

const regtest = loadNetwork('regtest')
const consensus = { ...regtest.consensus, coinbaseMaturity: 2, filterCommitment: true }

/** A network whose coinbases commit to filter headers. */
export const spec: ChainSpec = { ...regtest, name: 'test', id: computeSpecId(consensus), consensus }

/** A chain of this many blocks; the one before the last has payments in it. */
export function buildChain(height: number): ChainBuilder {
  const builder = ChainBuilder.create(spec)
  builder.mineEmpty(height - 2)
  const payments = builder
    .spendable()
    .slice(0, 3)
    .map((coin) => builder.spend([coin], [{ value: 1_000n, scriptPubKey: testKey('payee').script }]))
  builder.mine({ transactions: payments })
  builder.mine()
  return builder
}

/** A chain in memory that holds these blocks. */
export async function openChain(blocks: readonly Block[]): Promise<ChainManager> {
  const chain = await ChainManager.open(spec, {
    store: new MemoryChainStore(),
    verifier: inlineVerifier,
    clock: lateClock,
  })
  for (const block of blocks) await chain.acceptBlock(block)
  return chain
}

/** The filters of a chain, made when they are asked for. */
export class ComputedFilters implements FilterPort {
  readonly #chain: ChainManager
  /** Height of the last block that has been dealt with. */
  height = Number.POSITIVE_INFINITY

  constructor(chain: ChainManager) {
    this.#chain = chain
  }

  find({ hash }: { readonly hash: Uint8Array }): BlockFilter | undefined {
    const node = this.#chain.find(hash)
    return node === undefined || node.height > this.height || !this.#chain.isActive(node)
      ? undefined
      : this.#compute(node)
  }

  #compute(node: BlockNode): BlockFilter {
    const block = decodeBlock(this.#chain.readBody(node) as Uint8Array)
    const coins = decodeUndo(this.#chain.readUndo(node) as Uint8Array).flat()
    const filter = computeBasicFilter(
      block,
      coins.map(({ output }) => output.scriptPubKey),
    )
    const previous = node.parent === undefined ? ZERO_HASH : (node.parent.filterHeader as Uint8Array)
    return { filter, header: computeFilterHeader(filter, previous) }
  }
}

/** A node that serves light clients, and a client that is connected to it. */
export interface LightPair extends Pair {
  readonly chain: ChainManager
  readonly filters: ComputedFilters
  /** Codes of the faults that the node has found, in order. */
  readonly faults: readonly string[]
}

/** Starts both; they stop when the test has finished. */
export async function startLightPair(blocks: readonly Block[]): Promise<LightPair> {
  const chain = await openChain(blocks)
  const filters = new ComputedFilters(chain)
  const faults: string[] = []
  const server = await startHost({ specId: spec.id })
  const mempool = new Mempool({ chain, verifier: inlineVerifier, clock: lateClock })
  const modules = { chain, mempool, filters, penalise: () => undefined, clock: systemClock, log: silentLog }
  await answerPeers(server, modules, { onFault: (_, { code }) => faults.push(code) })
  const client = await startHost({ specId: spec.id, listen: [] })
  return { ...(await connectHosts(client, server)), chain, filters, faults }
}
