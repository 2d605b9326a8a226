/**
 * Whoever takes part in a simulation, honest or not, as the transport sees it.
 */
import type { ChainError } from '@chain/core/errors'
import type { RelayLink } from '../relay/relay-peer.ts'
import type { SimulatedConnection } from './connection.ts'
import type { Traffic } from './traffic.ts'
import type { Uplink } from './uplink.ts'

/** Somebody with a line to the others. */
export interface Participant {
  readonly id: string
  readonly isRunning: boolean
  readonly uplink: Uplink
  readonly traffic: Traffic
  /** Whether somebody may connect now. */
  admits(peer: string): boolean
  /** Somebody has connected. */
  onConnection(connection: SimulatedConnection): void
  /** A connection, of whichever side, is over. */
  onClosed(connection: SimulatedConnection): void
  /** Answers a request; what it throws resets the stream. */
  serve(protocol: string, request: Uint8Array, connection: SimulatedConnection): AsyncIterable<Uint8Array>
  /** An exchange or a stream with the other side has failed. */
  onFault(connection: SimulatedConnection, error: ChainError): void
  /** The other side has opened a relay stream. */
  onRelay(connection: SimulatedConnection, link: RelayLink): void
}
