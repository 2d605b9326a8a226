/**
 * Names of chain's protocols. Each carries the id of the network's chain spec, so that nodes of two networks have no
 * protocol in common and part at negotiation.
 *
 * Source: docs/protocol/peers.md#protocol-ids
 */
import { invariant } from '@chain/core/errors'

/** chain's own protocols, with their version. */
export const protocolNames = [
  'status/1',
  'headers/1',
  'blocks/1',
  'relay/1',
  'submit/1',
  'filters/1',
  'proofs/1',
  'peers/1',
  'goodbye/1',
] as const

/** One of {@link protocolNames}. */
export type ProtocolName = (typeof protocolNames)[number]

/**
 * What identify and ping put before their own names: `chain/<spec id>`, without slashes at its ends.
 *
 * @param specId - 8 lower-case hex digits
 */
export function protocolPrefix(specId: string): string {
  invariant(/^[0-9a-f]{8}$/.test(specId), `A spec id has 8 hex digits, "${specId}" is none.`)
  return `chain/${specId}`
}

/**
 * The id of a protocol on a network, such as `/chain/0a1b2c3d/headers/1`.
 *
 * @param specId - 8 lower-case hex digits
 */
export function protocolId(specId: string, name: ProtocolName): string {
  return `/${protocolPrefix(specId)}/${name}`
}

/**
 * The id of the network's distributed hash table.
 *
 * @param specId - 8 lower-case hex digits
 */
export function dhtProtocolId(specId: string): string {
  return `/${protocolPrefix(specId)}/kad/1.0.0`
}

/** Shards of a rendezvous; see {@link rendezvousText}. */
export const rendezvousShards = 16

/**
 * The text whose SHA-256 is the key under which nodes of a network find each other in the distributed hash table.
 *
 * @param specId - 8 lower-case hex digits
 * @param name - the chain spec's rendezvous name, or the operator's own
 * @param shard - 0 to 15: the part of a large network under which a node stands; the key common to all when absent
 */
export function rendezvousText(specId: string, name: string, shard?: number): string {
  const common = `/${protocolPrefix(specId)}/rendezvous/1/${name}`
  return shard === undefined ? common : `${common}/${shard}`
}
