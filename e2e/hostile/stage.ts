/**
 * Where attacks happen: a node under attack with a chain, an honest node beside it, and what must be true after each attack.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex } from '@chain/core/bytes'
import { type Block, blockHash, encodeBlock, formatHash } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { NodeProcess } from '../../tools/processes/node-process.ts'
import { Attacker, type Network, type Pretence } from './attacker.ts'
import { askAsNewcomer, takeOften } from './client.ts'
import { collectGarbage, inspectable } from './collect-garbage.ts'
import { residentBytes } from './resident-memory.ts'

/** One thing that a hostile peer does. */
export interface Attack {
  /** A sentence: what the peer does, or what the node does about it. */
  readonly title: string
  readonly run: (stage: Stage) => Promise<void>
}

/** Blocks of the chain in the beginning: the first coinbases can be spent. */
const CHAIN_LENGTH = 300

/** Bytes by which the memory of the node may be larger after an attack than before. */
const MEMORY_TOLERANCE = 50 * 2 ** 20

/** Milliseconds that the node has to be as before. */
const PATIENCE = 60_000

/** Milliseconds between two looks. */
const LOOK_INTERVAL = 100

export class Stage {
  /** The node under attack. */
  readonly target: NodeProcess
  /** Where it listens, and on which ports. */
  readonly address: string
  readonly port: number
  readonly webSocketPort: number
  /** The chain that both nodes have. */
  readonly builder: ChainBuilder
  readonly network: Network
  /** Whether attacks may take minutes. */
  readonly isLong: boolean
  #largeBlock: Uint8Array = new Uint8Array(32)
  readonly #honest: NodeProcess
  readonly #directory: string

  private constructor(parts: StageParts) {
    this.target = parts.target
    const { addresses } = parts
    this.address = addresses.find((address) => !address.includes('/ws/')) ?? ''
    this.port = portOf(this.address)
    this.webSocketPort = portOf(addresses.find((address) => address.includes('/ws/')) ?? '')
    this.builder = parts.builder
    this.isLong = parts.isLong
    this.network = { specId: parts.builder.spec.id, genesis: parts.builder.tip.ancestor(0).hash }
    this.#honest = parts.honest
    this.#directory = parts.directory
  }

  /** Starts both nodes and gives them a chain; `isLong` for attacks that may take minutes. */
  static async begin(isLong = false): Promise<Stage> {
    const directory = await mkdtemp(join(tmpdir(), 'chain-hostile-'))
    const args: string[] = []
    const listen = [
      '--filterindex',
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
      '--listen',
      '/ip4/127.0.0.1/tcp/0/ws',
    ]
    const target = new NodeProcess({
      directory: join(directory, 'target'),
      args: [...args, ...listen],
      environment: inspectable,
    })
    await target.ready()
    const { addresses } = await target.status()
    const honest = new NodeProcess({
      directory: join(directory, 'honest'),
      args: [...args, '--connect', addresses[0] ?? ''],
    })
    await honest.ready()
    const builder = ChainBuilder.create()
    const stage = new Stage({ target, addresses, builder, isLong, honest, directory })
    builder.mineEmpty(CHAIN_LENGTH)
    stage.#largeBlock = blockHash(mineLargeBlock(builder).header)
    for (const block of builder.blocks) await stage.publish(block)
    await stage.#warmUp()
    return stage
  }

  /** The hash of a block of almost a megabyte. */
  get largeBlock(): Uint8Array {
    return this.#largeBlock
  }

  /** Where the RPC of the node under attack listens. */
  async rpcUrl(): Promise<string> {
    const file = await readFile(join(this.target.directory, 'node.json'), 'utf8')
    return (JSON.parse(file) as { rpcUrl: string }).rpcUrl
  }

  /** `usual` as a rule, `long` when there is time. */
  many(usual: number, long: number): number {
    return this.isLong ? long : usual
  }

  /** The honest node comes by a block. */
  async publish(block: Block): Promise<void> {
    await this.#honest.rpc('submitblock', toHex(encodeBlock(block)))
  }

  /** A new peer that has not told its status. */
  connect(pretence?: Pretence): Promise<Attacker> {
    return Attacker.connect(this.address, this.network, pretence)
  }

  /** A new peer that is ready. */
  join(pretence?: Pretence): Promise<Attacker> {
    return Attacker.join(this.address, this.network, pretence)
  }

  /** Does something with a new peer, which is gone afterwards. */
  async as(peer: Promise<Attacker>, act: (attacker: Attacker) => Promise<void>): Promise<void> {
    const attacker = await peer
    try {
      await act(attacker)
    } finally {
      await attacker.close()
    }
  }

  /** Resident bytes of the node under attack. */
  memory(): Promise<number> {
    return residentBytes(this.target.pid)
  }

  /** Runs an attack and checks that the node is as before. Returns how much memory it took, in bytes. */
  async suffer({ run }: Attack): Promise<{ before: number; peak: number; after: number }> {
    const before = await this.memory()
    let peak = before
    const timer = setInterval(() => {
      void this.memory().then((bytes) => {
        peak = Math.max(peak, bytes)
      })
    }, LOOK_INTERVAL)
    try {
      await run(this)
    } finally {
      clearInterval(timer)
    }
    await this.expectHealth()
    const after = await this.#settle(before + MEMORY_TOLERANCE)
    return { before, peak, after }
  }

  /** A block of the honest node arrives, and a newcomer is given it. */
  async expectHealth(): Promise<void> {
    const known = this.builder.tip.hash
    const block = this.builder.mine()
    const wanted = this.builder.tip.hash
    await this.publish(block)
    await this.target.waitFor(
      'the block of the honest node',
      ({ bestHash }) => bestHash === formatHash(wanted),
    )
    await this.eventually('serve a newcomer', () =>
      askAsNewcomer(this.address, { specId: this.network.specId, known, wanted }),
    )
  }

  async close(): Promise<void> {
    await Promise.all([this.target, this.#honest].map((node) => node.stop('SIGKILL')))
    await rm(this.#directory, { recursive: true, force: true })
  }

  /** What a node takes once, when it is first busy, is not the attack's doing. */
  async #warmUp(): Promise<void> {
    const wish = { specId: this.network.specId, wanted: this.largeBlock }
    await this.expectHealth()
    await Promise.all(Array.from({ length: 8 }, () => takeOften(this.address, wish, 40)))
  }

  /** Waits until the memory has come down to `limit`; garbage does not count. */
  async #settle(limit: number): Promise<number> {
    let bytes = 0
    await this.eventually(`take no more than ${toMegabytes(limit)} MB`, async () => {
      bytes = await this.memory()
      if (bytes <= limit) return
      await collectGarbage(this.target)
      bytes = await this.memory()
      if (bytes > limit) throw new Error(`It takes ${toMegabytes(bytes)} MB.`)
    })
    return bytes
  }

  /** Looks again and again until a check passes. */
  async eventually(what: string, check: () => Promise<void>): Promise<void> {
    const deadline = performance.now() + PATIENCE
    for (;;) {
      try {
        await check()
        return
      } catch (error) {
        if (!this.target.running || performance.now() > deadline) {
          throw new Error(`The node does not ${what}.\n${this.target.stderr.slice(-2_000)}`, { cause: error })
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL))
      }
    }
  }
}

interface StageParts extends Pick<Stage, 'target' | 'builder' | 'isLong'> {
  readonly addresses: readonly string[]
  readonly honest: NodeProcess
  readonly directory: string
}

function portOf(address: string): number {
  return Number(/\/tcp\/(\d+)/.exec(address)?.[1])
}

/** A block whose bytes are mostly one output that nobody can spend, over and over. */
function mineLargeBlock(builder: ChainBuilder): Block {
  const [coin] = builder.spendable()
  if (coin === undefined) throw new Error('The chain has coins.')
  const burnt = { value: 0n, scriptPubKey: new Uint8Array(9_000).fill(0x6a) }
  return builder.mine({
    transactions: [
      builder.spend(
        [coin],
        Array.from({ length: 100 }, () => burnt),
      ),
    ],
  })
}

/** Bytes as whole megabytes of 2**20. */
export function toMegabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
