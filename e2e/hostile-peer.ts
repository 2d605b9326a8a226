/**
 * A peer that serves whatever blocks it was given, valid or not: real libp2p, real protocols, no chain behind it.
 */
import { equalBytes } from '@chain/core/bytes'
import { type Block, blockHash, encodeBlock, encodeHeader } from '@chain/core/primitives'
import type { ChainBuilder } from '@chain/core/testing'
import { createHost, createIdentity, handleBlocks, handleHeaders, handleStatus } from '@chain/p2p'
import { protocolVersion, serviceFlags } from '@chain/wire'
import { MemoryDatastore } from 'datastore-core'

export interface HostilePeer {
  readonly peerId: string
  /** Where it listens. */
  readonly address: string
  /** How many blocks it was asked for. */
  readonly served: () => number
  stop(): Promise<void>
}

/** What a peer answers when it is asked for a block that it has; `undefined` says that it has it not. */
export type ServeBlock = (bytes: Uint8Array) => Uint8Array | undefined | Promise<Uint8Array | undefined>

/** What peers do who have good headers and give no good blocks. */
export const hostileServing: Readonly<Record<'stall' | 'deny' | 'damage', ServeBlock>> = {
  /** Never answers. */
  stall: () => new Promise(() => undefined),
  /** Says that it has no block although it showed the header. */
  deny: () => undefined,
  /** Sends the header that was asked for with a damaged transaction behind it. */
  damage: (bytes) => bytes.with(-5, (bytes.at(-5) as number) ^ 1),
}

/**
 * Starts a peer that claims `work` for the chain of `blocks`, the first of which has height 1.
 *
 * @param serve - what becomes of a block that is asked for; it is sent as it is unless given
 */
export async function startHostilePeer(
  builder: ChainBuilder,
  blocks: readonly Block[],
  work: bigint,
  serve: ServeBlock = (bytes) => bytes,
): Promise<HostilePeer> {
  const { spec } = builder
  const host = await createHost({
    specId: spec.id,
    agent: 'hostile/1.0.0',
    identity: await createIdentity(),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    datastore: new MemoryDatastore(),
    gater: {},
    maxConnections: 10,
    allowLoopback: true,
    dht: false,
  })
  const hashes = blocks.map(({ header }) => blockHash(header))
  const genesis = builder.tip.ancestor(0).hash
  let served = 0
  await handleStatus(host, spec.id, () => ({
    protocolVersion,
    agent: 'hostile/1.0.0',
    genesis,
    tip: hashes.at(-1) ?? genesis,
    height: blocks.length,
    work,
    services: serviceFlags.fullBlocks,
    time: Math.floor(Date.now() / 1_000),
    nonce: new Uint8Array(8),
  }))
  await handleHeaders(host, spec.id, ({ locator }) => {
    const known = hashes.findIndex((hash) => locator.some((other) => equalBytes(other, hash)))
    return { headers: blocks.slice(known + 1).map(({ header }) => encodeHeader(header)) }
  })
  await handleBlocks(host, spec.id, (wanted) => {
    const block = blocks.find((_, index) => equalBytes(hashes[index] ?? genesis, wanted))
    if (block === undefined) return undefined
    served += 1
    return serve(encodeBlock(block))
  })
  await host.start()
  return {
    peerId: host.peerId.toString(),
    address: String(host.getMultiaddrs()[0]),
    served: () => served,
    stop: async () => await host.stop(),
  }
}
