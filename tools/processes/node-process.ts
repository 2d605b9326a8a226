/**
 * A running `chain-node`, asked over its JSON-RPC.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Program } from './program.ts'

/** What `getstatus` answers. */
export interface NodeStatus {
  readonly network: string
  readonly specId: string
  readonly height: number
  readonly bestHash: string
  readonly headers: number
  readonly state: 'starting' | 'syncing' | 'stalled' | 'no-peers' | 'synced'
  readonly why: string
  readonly peers: number
  readonly mempool: { readonly transactions: number; readonly bytes: number }
  /** Milliseconds by which the event loop was late. */
  readonly eventLoopLag: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly peerId: string
  /** Multiaddrs that end with the peer id. */
  readonly addresses: readonly string[]
}

/** One row of `getpeerinfo`, as far as it is looked at here. */
export interface PeerRow {
  readonly peerId: string
  readonly direction: 'inbound' | 'outbound'
  readonly height: number
  readonly score: number
}

export interface NodeOptions {
  readonly directory: string
  /** `regtest` unless given. */
  readonly network?: string
  /** Further arguments of `chain-node start`. */
  readonly args?: readonly string[]
  /** Milliseconds after which a condition counts as never met; a minute unless given. */
  readonly patience?: number
  /** Variables beyond those of this process. */
  readonly environment?: NodeJS.ProcessEnv
}

/** Milliseconds between two looks at a running node. */
const LOOK_INTERVAL = 50

/** What `NodeOptions.patience` is unless given. */
const PATIENCE = 60_000

export class NodeProcess {
  readonly directory: string
  readonly network: string
  readonly #program: Program
  readonly #patience: number

  /** Starts a node on loopback with ports that the system chooses; await {@link ready} before anything else. */
  constructor({
    directory,
    network = 'regtest',
    args = [],
    environment = {},
    patience = PATIENCE,
  }: NodeOptions) {
    this.directory = directory
    this.network = network
    this.#patience = patience
    const listen = args.includes('--listen') ? [] : ['--listen', '/ip4/127.0.0.1/tcp/0']
    const all = [
      'start',
      ...['--network', network, '--datadir', directory, '--rpc-port', '0', '--log-format', 'json'],
      ...listen,
      ...args,
    ]
    this.#program = new Program('chain-node', all, environment)
  }

  /** Waits until the RPC answers and the node listens. */
  async ready(): Promise<this> {
    await this.waitFor(
      'its RPC to answer',
      ({ state, addresses }) => state !== 'starting' && addresses.length > 0,
    )
    return this
  }

  get pid(): number {
    return this.#program.child.pid as number
  }

  get running(): boolean {
    return this.#program.running
  }

  get stdout(): string {
    return this.#program.stdout
  }

  /** The log. */
  get stderr(): string {
    return this.#program.stderr
  }

  /** A method of the node's JSON-RPC. Rejects with the error's message. */
  async rpc<Result>(method: string, ...params: readonly unknown[]): Promise<Result> {
    const file = await readFile(join(this.directory, 'node.json'), 'utf8')
    const { rpcUrl, pid } = JSON.parse(file) as { rpcUrl: string; pid: number }
    if (pid !== this.pid) throw new Error('The data directory still names another process.')
    const cookie = await readFile(join(this.directory, 'rpc.cookie'), 'utf8')
    const response = await fetch(rpcUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(cookie.trim()).toString('base64')}`,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = (await response.json()) as { result?: Result; error?: { message: string } }
    if (error !== undefined && error !== null) throw new Error(error.message)
    return result as Result
  }

  status(): Promise<NodeStatus> {
    return this.rpc('getstatus')
  }

  peers(): Promise<PeerRow[]> {
    return this.rpc('getpeerinfo')
  }

  /** The first multiaddr that others can dial. */
  async address(): Promise<string> {
    const { addresses } = await this.status()
    const [first] = addresses
    if (first === undefined) throw new Error('The node listens nowhere.')
    return first
  }

  /** Looks at the status again and again until a condition holds. */
  waitFor(what: string, condition: (status: NodeStatus) => boolean): Promise<NodeStatus> {
    return this.#look(what, () => this.status(), condition)
  }

  /** Looks at the peers again and again until a condition holds. */
  waitForPeers(what: string, condition: (peers: readonly PeerRow[]) => boolean): Promise<PeerRow[]> {
    return this.#look(what, () => this.peers(), condition)
  }

  /** Looks at the ids of the peers that it knows again and again until a condition holds. */
  async waitForKnown(what: string, condition: (peerIds: readonly string[]) => boolean): Promise<void> {
    const known = async (): Promise<string[]> => {
      const rows = await this.rpc<{ peerId: string }[]>('getnodeaddresses', 0)
      return rows.map(({ peerId }) => peerId)
    }
    await this.#look(what, known, condition)
  }

  async #look<Value>(
    what: string,
    read: () => Promise<Value>,
    condition: (value: Value) => boolean,
  ): Promise<Value> {
    const deadline = Date.now() + this.#patience
    let last: unknown
    while (this.running && Date.now() < deadline) {
      try {
        const value = await read()
        if (condition(value)) return value
        last = value
      } catch (error) {
        // The RPC does not answer before the node is up; the last reason is told when it never does.
        last = (error as Error).message
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL))
    }
    const state = this.running ? 'is running' : 'has ended'
    throw new Error(
      `Waited in vain for ${what}; the node ${state}; last seen: ${JSON.stringify(last)}\n${this.stderr.slice(-4_000)}`,
    )
  }

  /** Sends a signal and waits for the end. Resolves to the exit code, `undefined` when the signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | undefined> {
    this.#program.child.kill(signal)
    return (await this.#program.exit).code
  }
}
