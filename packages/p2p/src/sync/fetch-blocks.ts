/**
 * Asks one peer for blocks once and puts each into the queue as it comes.
 */
import { equalBytes } from '@chain/core/bytes'
import { hash256 } from '@chain/core/crypto'
import { type BlockHash, formatHash, HEADER_LENGTH } from '@chain/core/primitives'
import type { RequestOptions } from '../streams/exchange.ts'
import type { BlockQueue } from './block-queue.ts'
import { SyncFault } from './sync-fault.ts'
import type { SyncPeer } from './sync-peer.ts'

/** Where blocks go. */
export interface BlockTarget {
  readonly queue: BlockQueue
  /** Told of each block that is the one that was asked for. */
  readonly onBlock: (hash: BlockHash) => void
}

/**
 * Fetches blocks into the queue; returns the hashes of those that the peer does not have.
 *
 * @throws {SyncFault} `sync-block-unexpected`
 * @throws {PeerError} and `WireError`, when the exchange fails
 */
export async function fetchBlocks(
  peer: SyncPeer,
  { queue, onBlock }: BlockTarget,
  hashes: readonly BlockHash[],
  options: RequestOptions,
): Promise<BlockHash[]> {
  const lacking: BlockHash[] = []
  let index = 0
  for await (const reply of peer.requestBlocks(hashes, options)) {
    const hash = hashes[index] as BlockHash
    index += 1
    if (reply.kind === 'not-found') lacking.push(hash)
    else {
      queue.add({ hash, bytes: expectBlock(hash, reply.block), peer: peer.id })
      onBlock(hash)
    }
  }
  return lacking
}

function expectBlock(hash: BlockHash, bytes: Uint8Array): Uint8Array {
  if (equalBytes(hash256(bytes.subarray(0, HEADER_LENGTH)), hash)) return bytes
  const sentence = `Block ${formatHash(hash)} was asked for, and another one came.`
  throw new SyncFault('sync-block-unexpected', sentence, 'protocol-violation')
}
