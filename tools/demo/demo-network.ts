/**
 * Three nodes and two wallets on this machine, in a temporary folder that is gone afterwards.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeProcess, type NodeStatus } from '../processes/node-process.ts'
import { runJson } from '../processes/program.ts'

/** Passphrase of the demonstration's wallets, whose coins are worth nothing. */
const PASSPHRASE = 'demonstration'

/** Milliseconds between two looks at the tip of a network that stays up. */
const LOOK_INTERVAL = 500

/** What `chain-wallet send --json` prints. */
export interface SentPayment {
  readonly txid: string
  readonly fee: string
}

export class DemoNetwork {
  readonly directory: string
  readonly nodes: NodeProcess[] = []

  private constructor(directory: string) {
    this.directory = directory
  }

  static async create(): Promise<DemoNetwork> {
    return new DemoNetwork(await mkdtemp(join(tmpdir(), 'chain-demo-')))
  }

  /** Starts one more node. */
  async startNode(args: readonly string[]): Promise<NodeProcess> {
    const directory = join(this.directory, `node-${this.nodes.length + 1}`)
    const node = new NodeProcess({ directory, network: 'dev', args })
    this.nodes.push(node)
    return await node.ready()
  }

  /** Runs a command of `chain-wallet` and returns what it prints. */
  wallet<Value>(name: string, ...args: readonly string[]): Promise<Value> {
    return runJson<Value>('chain-wallet', [...this.walletOptions(name), ...args], {
      CHAIN_PASSPHRASE: PASSPHRASE,
    })
  }

  /** The global options of a wallet, as a person would type them. */
  walletOptions(name: string): string[] {
    return ['--network', 'dev', '--datadir', join(this.directory, 'wallets'), '--wallet', name]
  }

  /** A command line that uses a wallet of this network. */
  walletCommand(name: string, ...args: readonly string[]): string {
    return `CHAIN_PASSPHRASE=${PASSPHRASE} npx chain-wallet ${[...this.walletOptions(name), ...args].join(' ')}`
  }

  /**
   * Reports what happens until a node has ended, which it should not. Payments that wait are mined at once; otherwise
   * nobody mines, because a network that only stands there should not heat the room.
   *
   * @param address - whom the blocks pay
   */
  async watch(address: string, report: (line: string) => void): Promise<void> {
    const [first] = this.nodes
    if (first === undefined) return
    let last = ''
    while (this.nodes.every(({ running }) => running)) {
      const status = await first.status()
      const line = describeStatus(status)
      if (line !== last) report(line)
      last = line
      if (status.mempool.transactions > 0) await first.rpc('generatetoaddress', 1, address)
      else await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL))
    }
    throw new Error('A node has ended by itself.')
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.filter(({ running }) => running).map((node) => node.stop()))
    await rm(this.directory, { recursive: true, force: true })
  }
}

function describeStatus({ bestHash, height, peers, mempool }: NodeStatus): string {
  return [
    `height ${height}  ${bestHash.slice(0, 16)}…`,
    count(peers, 'peer'),
    count(mempool.transactions, 'waiting transaction'),
  ].join('  ')
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
