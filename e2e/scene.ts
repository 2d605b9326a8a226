/**
 * A place for one end-to-end test: a temporary folder, and processes that are gone when the test is over.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from 'vitest'
import { NodeProcess } from '../tools/processes/node-process.ts'
import { type Exit, run, runJson } from '../tools/processes/program.ts'

/** The passphrase of all wallets in these tests. */
export const passphrase = 'end to end'

export class Scene {
  readonly directory: string
  /** Milliseconds that nodes started from now on have for what is waited for; a minute when absent. */
  patience: number | undefined
  readonly #nodes: NodeProcess[] = []

  constructor(directory: string) {
    this.directory = directory
  }

  /** The data directory of a node or wallet. */
  path(name: string): string {
    return join(this.directory, name)
  }

  /** Starts a node on `regtest`; the same name again uses the same data directory. */
  async node(name: string, ...args: readonly string[]): Promise<NodeProcess> {
    const { patience } = this
    const node = new NodeProcess({
      directory: this.path(name),
      args,
      ...(patience === undefined ? {} : { patience }),
    })
    this.#nodes.push(node)
    return await node.ready()
  }

  /** Runs `chain-node` on the data directory of a node that need not run. */
  chainNode(name: string, ...args: readonly string[]): Promise<Exit> {
    return run('chain-node', [...args, '--network', 'regtest', '--datadir', this.path(name)])
  }

  /** Runs `chain-wallet --json` and returns what it prints. */
  wallet<Value>(name: string, ...args: readonly string[]): Promise<Value> {
    return runJson<Value>('chain-wallet', [...this.walletOptions(name), ...args], {
      CHAIN_PASSPHRASE: passphrase,
    })
  }

  /** Runs `chain-wallet` to its end, whatever that is. */
  walletExit(name: string, ...args: readonly string[]): Promise<Exit> {
    return run('chain-wallet', [...this.walletOptions(name), ...args], { CHAIN_PASSPHRASE: passphrase })
  }

  /** Makes a wallet and returns its first address. */
  async createWallet(name: string): Promise<string> {
    const { address } = await this.wallet<{ address: string }>(name, 'create')
    return address
  }

  walletOptions(name: string): string[] {
    return ['--network', 'regtest', '--datadir', this.path('wallets'), '--wallet', name]
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.filter(({ running }) => running).map((node) => node.stop('SIGKILL')))
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** A test that is given a scene of its own. */
export const test = base.extend<{ scene: Scene }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of the fixtures that are used from the pattern.
  scene: async ({}, use) => {
    const scene = new Scene(await mkdtemp(join(tmpdir(), 'chain-e2e-')))
    try {
      await use(scene)
    } finally {
      await scene.close()
    }
  },
})
