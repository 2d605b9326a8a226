/**
 * A small network that lives for as long as one likes: blocks and payments all the time, and nodes that come, go, are
 * killed and come back, some of them as strangers.
 *
 * The first two nodes stay up: they are the ones that are looked at. Everything follows from the seed but the timing.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex } from '@chain/core/bytes'
import { loadNetwork } from '@chain/core/consensus'
import { decodeBlock } from '@chain/core/primitives'
import { NodeProcess } from '../../../tools/processes/node-process.ts'
import { Random } from '../../crash/random.ts'
import { Payments } from './payments.ts'

/** How large a network. */
export interface NetworkSoakOptions {
  readonly nodes: number
  readonly seed: number
  /** Further arguments of the nodes that stay up. */
  readonly args: readonly string[]
}

/** Payments that are submitted in a round at most. */
const PAYMENTS = 5

/** A node that comes and goes. */
interface Visitor {
  directory: string
  process: NodeProcess | undefined
}

/** A network that has begun. */
export class NetworkSoak {
  /** The nodes that stay up. */
  readonly lasting: readonly NodeProcess[]
  readonly counts = { blocks: 0, payments: 0, stopped: 0, killed: 0, returned: 0, strangers: 0, refused: 0 }
  readonly #root: string
  readonly #bootnode: string
  readonly #random: Random
  readonly #visitors: Visitor[]
  readonly #payments = new Payments(loadNetwork('regtest'))

  private constructor(
    root: string,
    lasting: readonly NodeProcess[],
    bootnode: string,
    { nodes, seed }: NetworkSoakOptions,
  ) {
    this.#root = root
    this.lasting = lasting
    this.#bootnode = bootnode
    this.#random = new Random(seed, 'network soak')
    const visitors = Array.from({ length: nodes - lasting.length }, () => this.#newDirectory())
    this.#visitors = visitors.map((directory) => ({ directory, process: undefined }))
  }

  /** Starts the nodes that stay up, with enough blocks for the first coins to be mature. */
  static async begin(options: NetworkSoakOptions): Promise<NetworkSoak> {
    const root = mkdtempSync(join(tmpdir(), 'chain-network-soak-'))
    const first = await startNode(join(root, 'first'), options.args)
    const bootnode = await first.address()
    const second = await startNode(join(root, 'second'), ['--bootnode', bootnode, ...options.args])
    const soak = new NetworkSoak(root, [first, second], bootnode, options)
    for (let count = 0; count < 101; count++) await soak.#mine(first)
    return soak
  }

  /**
   * One block, some payments, and one visitor that comes or goes.
   *
   * @param strangers - whether visitors may come back as somebody else; what the hash table keeps of those who are gone stays for hours
   */
  async round({ strangers }: { readonly strangers: boolean }): Promise<void> {
    const running = this.#running()
    await this.#mine(this.#random.pick(running))
    await this.#pay(this.#random.pick(running))
    await this.#churn(this.#random.pick(this.#visitors), strangers)
  }

  /** Brings everybody back, and waits until all have one tip. */
  async agree(): Promise<string> {
    for (const visitor of this.#visitors) if (visitor.process === undefined) await this.#start(visitor)
    const [first] = this.lasting
    if (first === undefined) throw new Error('Two nodes stay up.')
    await this.#mine(first)
    const { bestHash } = await first.status()
    for (const node of this.#running())
      await node.waitFor('the tip of all', (status) => status.bestHash === bestHash)
    return bestHash
  }

  /** Ends all nodes and removes everything. */
  async close(): Promise<void> {
    await Promise.all(this.#running().map((node) => node.stop()))
    rmSync(this.#root, { recursive: true })
  }

  #running(): NodeProcess[] {
    return [...this.lasting, ...this.#visitors.flatMap(({ process }) => process ?? [])]
  }

  async #mine(node: NodeProcess): Promise<void> {
    const [hash] = await node.rpc<string[]>('generatetoaddress', 1, this.#payments.address)
    const block = await node.rpc<string>('getblock', hash, 0)
    const { height } = await node.rpc<{ height: number }>('getblockheader', hash)
    this.#payments.mined(decodeBlock(fromHex(block)), height)
    this.counts.blocks += 1
  }

  async #pay(node: NodeProcess): Promise<void> {
    const { height } = await node.status()
    for (let count = 0; count < PAYMENTS; count++) {
      const payment = this.#payments.next(height)
      if (payment === undefined) return
      try {
        await node.rpc('sendrawtransaction', payment.hex)
        payment.taken()
        this.counts.payments += 1
      } catch {
        // The node is behind, or the coin went with a branch that lost: the next coin is as good.
        this.counts.refused += 1
      }
    }
  }

  async #churn(visitor: Visitor, strangers: boolean): Promise<void> {
    const { process } = visitor
    if (process === undefined) {
      await this.#start(visitor)
      return
    }
    const isKilled = this.#random.fraction() < 0.5
    visitor.process = undefined
    await process.stop(isKilled ? 'SIGKILL' : 'SIGTERM')
    this.counts[isKilled ? 'killed' : 'stopped'] += 1
    if (!strangers || this.#random.fraction() > 0.3) return
    rmSync(visitor.directory, { recursive: true })
    visitor.directory = this.#newDirectory()
    this.counts.strangers += 1
  }

  async #start(visitor: Visitor): Promise<void> {
    visitor.process = await startNode(visitor.directory, ['--bootnode', this.#bootnode])
    this.counts.returned += 1
  }

  #newDirectory(): string {
    return join(this.#root, `visitor-${this.#random.below(2 ** 32)}`)
  }
}

function startNode(directory: string, args: readonly string[]): Promise<NodeProcess> {
  return new NodeProcess({ directory, args: [...args] }).ready()
}
