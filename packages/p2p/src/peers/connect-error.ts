/**
 * Why no peer came of an address or a connection.
 *
 * Not for exchanges with a peer that is connected (`../errors.ts`).
 */
import { ChainError } from '@chain/core/errors'

/**
 * - `address-malformed`: the text is no multiaddr.
 * - `peer-unreachable`: nobody answers at any of its addresses, or somebody else does.
 * - `peer-refused`: it closed the connection before the status was exchanged; it may be full.
 * - `peer-is-self`: the address is this node's own.
 * - `peer-banned`: it is banned here, or its score is too low.
 * - `peer-irrelevant`: it is on another network, or its clock is far off.
 * - `peer-limit-reached`: this node has as many peers as it takes.
 * - `peers-stopped`: this node is stopping.
 */
export type ConnectErrorCode =
  | 'address-malformed'
  | 'peer-unreachable'
  | 'peer-refused'
  | 'peer-is-self'
  | 'peer-banned'
  | 'peer-irrelevant'
  | 'peer-limit-reached'
  | 'peers-stopped'

/** An address or a connection did not become a peer. */
export class ConnectError extends ChainError {
  declare readonly code: ConnectErrorCode

  constructor(code: ConnectErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, {}, options)
  }
}
