/**
 * A peer with an identity of its own that speaks chain's protocols as it likes: real libp2p, no chain behind it.
 */
import { randomBytes } from 'node:crypto'
import {
  createHost,
  createIdentity,
  handleBlocks,
  handleHeaders,
  handleStatus,
  type Identity,
  openRelay,
  type RelayChannel,
  requestStatus,
} from '@chain/p2p'
import {
  type GetHeaders,
  type ProtocolName,
  protocolId,
  protocolVersion,
  type Status,
  serviceFlags,
} from '@chain/wire'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'

/** The network that the victim is on. */
export interface Network {
  readonly specId: string
  readonly genesis: Uint8Array
}

/** What an attacker pretends to be, and what it answers. */
export interface Pretence {
  /** What differs from the status of an honest newcomer. */
  readonly status?: Partial<Status>
  readonly headers?: (request: GetHeaders) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>
  readonly block?: (hash: Uint8Array) => Uint8Array | undefined | Promise<Uint8Array | undefined>
  readonly identity?: Identity
}

export class Attacker {
  readonly host: Libp2p
  readonly connection: Connection
  readonly #network: Network
  readonly #status: Status

  private constructor(host: Libp2p, connection: Connection, network: Network, status: Status) {
    this.host = host
    this.connection = connection
    this.#network = network
    this.#status = status
  }

  /** Connects to `address`, answers what `pretence` answers, and says nothing yet. */
  static async connect(address: string, network: Network, pretence: Pretence = {}): Promise<Attacker> {
    const { specId } = network
    const host = await createHost({
      specId,
      agent: 'hostile/1.0.0',
      identity: pretence.identity ?? (await createIdentity()),
      listen: [],
      datastore: new MemoryDatastore(),
      gater: {},
      maxConnections: 10,
      allowLoopback: true,
      dht: false,
    })
    const status = { ...newcomer(network), ...pretence.status }
    await handleStatus(host, specId, () => status)
    const { headers, block } = pretence
    if (headers !== undefined) {
      await handleHeaders(host, specId, async (request) => ({ headers: await headers(request) }))
    }
    if (block !== undefined) await handleBlocks(host, specId, block)
    await host.start()
    try {
      return new Attacker(host, await host.dial(multiaddr(address)), network, status)
    } catch (error) {
      await host.stop()
      throw error
    }
  }

  /** Connects and tells its status, after which it is a peer like others. */
  static async join(address: string, network: Network, pretence?: Pretence): Promise<Attacker> {
    const attacker = await Attacker.connect(address, network, pretence)
    try {
      await attacker.tellStatus()
      return attacker
    } catch (error) {
      await attacker.close()
      throw error
    }
  }

  /** Tells its status and returns the victim's. */
  tellStatus(changes: Partial<Status> = {}): Promise<Status> {
    return requestStatus(this.connection, this.#network.specId, { ...this.#status, ...changes })
  }

  /** Opens a stream of one of chain's protocols. */
  stream(name: ProtocolName): Promise<Stream> {
    return this.streamOf(protocolId(this.#network.specId, name))
  }

  /** Opens a stream of any protocol. */
  streamOf(protocol: string): Promise<Stream> {
    return this.connection.newStream(protocol, { maxOutboundStreams: 100_000 })
  }

  /** Opens the stream of `relay/1` by hand; resolves when the victim has said the first word on it. */
  async relayStream(): Promise<Stream> {
    const stream = await this.stream('relay/1')
    await new Promise<void>((resolve) => {
      stream.addEventListener('message', () => resolve(), { once: true })
      stream.addEventListener('close', () => resolve(), { once: true })
    })
    return stream
  }

  /** Opens the relay stream. */
  relay(): Promise<RelayChannel> {
    return openRelay(this.connection, this.#network.specId)
  }

  get isConnected(): boolean {
    return this.connection.status === 'open'
  }

  /** Disconnects without a word. */
  async close(): Promise<void> {
    this.connection.abort(new Error('The attack is over.'))
    await this.host.stop()
  }
}

function newcomer({ genesis }: Network): Status {
  return {
    protocolVersion,
    agent: 'hostile/1.0.0',
    genesis,
    tip: genesis,
    height: 0,
    work: 2n,
    services: serviceFlags.fullBlocks,
    time: Math.floor(Date.now() / 1_000),
    nonce: randomBytes(8),
  }
}
