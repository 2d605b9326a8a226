/**
 * A peer as the rest of the node sees it: one per peer id, whatever the number of connections.
 */
import type { Status } from '@chain/wire'
import type { Connection } from '@libp2p/interface'

/** Who chose whom: `outbound` when this node chose the peer, `inbound` when the peer chose this node. */
export type Direction = 'inbound' | 'outbound'

/** A connected peer on our network that has told its status. */
export interface Peer {
  /** The peer id as text. */
  readonly id: string
  /** The open connection that counts; a peer whose connection changes is gone and ready again. */
  readonly connection: Connection
  readonly direction: Direction
  /** Multiaddr at the other end of the connection, with the peer id. */
  readonly address: string
  /** What it said last. */
  readonly status: Status
  /** When it said so, Unix milliseconds. */
  readonly statusAt: number
  /** Height of its chain when it became a peer. */
  readonly startingHeight: number
  /** When it became a peer, Unix milliseconds. */
  readonly connectedAt: number
  /** 0 for good behaviour, less after faults. */
  readonly score: number
  /** Milliseconds there and back, when it has been measured. */
  readonly latency: number | undefined
  /** When it last brought a block that was new here, Unix milliseconds. */
  readonly lastBlockAt: number | undefined
  /** When it last brought a transaction that was new here, Unix milliseconds. */
  readonly lastTransactionAt: number | undefined
}

/** What a peer may have brought first. */
export type Merit = 'block' | 'transaction'

/** What happens to peers. */
export type PeerEvent =
  /** A peer has told a status of our network; requests to it make sense from now on. */
  | { readonly type: 'peer-ready'; readonly peer: Peer }
  /** It is a peer no more. */
  | { readonly type: 'peer-gone'; readonly peer: Peer }
  /** It has told its status again. */
  | { readonly type: 'status'; readonly peer: Peer }

/** Called during the change: must not throw and must not wait. */
export type PeerListener = (event: PeerEvent) => void

/** What a {@link Peer} is made from. */
export interface ConnectedPeerInit {
  readonly id: string
  readonly connection: Connection
  readonly direction: Direction
  readonly status: Status
  /** Unix milliseconds. */
  readonly now: number
  readonly readScore: () => number
}

/** The peer set's own view of a {@link Peer}. */
export class ConnectedPeer implements Peer {
  readonly id: string
  readonly connection: Connection
  readonly direction: Direction
  readonly connectedAt: number
  readonly startingHeight: number
  status: Status
  statusAt: number
  lastBlockAt: number | undefined
  lastTransactionAt: number | undefined
  readonly #readScore: () => number

  constructor({ id, connection, direction, status, now, readScore }: ConnectedPeerInit) {
    this.id = id
    this.connection = connection
    this.direction = direction
    this.status = status
    this.startingHeight = status.height
    this.statusAt = now
    this.connectedAt = now
    this.#readScore = readScore
  }

  /** The peer brought something new at `now`, in Unix milliseconds. */
  credit(merit: Merit, now: number): void {
    if (merit === 'block') this.lastBlockAt = now
    else this.lastTransactionAt = now
  }

  get address(): string {
    return this.connection.remoteAddr.toString()
  }

  get score(): number {
    return this.#readScore()
  }

  get latency(): number | undefined {
    return this.connection.rtt
  }
}
