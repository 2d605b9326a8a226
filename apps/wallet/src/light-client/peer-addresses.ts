/** Addresses of peers as people write them. */
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { peerAddressMalformed } from '../errors.ts'

/**
 * Reads the addresses that a user gave.
 *
 * @throws {OperationalError} `peer-address-malformed`
 */
export function parsePeerAddresses(addresses: readonly string[]): Multiaddr[] {
  return addresses.map((address) => {
    try {
      return multiaddr(address)
    } catch (cause) {
      throw peerAddressMalformed(address, cause)
    }
  })
}
