/**
 * Asks one peer for blocks once and hands each to the chain as it comes.
 */
import { equalBytes } from '@chain/core/bytes'
import { hash256 } from '@chain/core/crypto'
import { DecodeError } from '@chain/core/errors'
import { type Block, type BlockHash, decodeBlock, formatHash, HEADER_LENGTH } from '@chain/core/primitives'
import type { RequestOptions } from '../exchange.ts'
import type { ChainPort } from '../ports.ts'
import { blockFault, SyncFault } from './sync-fault.ts'
import type { SyncPeer } from './sync-peer.ts'

/**
 * Fetches blocks and adds them to the chain; returns the hashes of those that the peer does not have.
 *
 * @throws {SyncFault} `sync-block-*`
 * @throws {PeerError} and `WireError`, when the exchange fails
 */
export async function fetchBlocks(
  peer: SyncPeer,
  chain: ChainPort,
  hashes: readonly BlockHash[],
  options: RequestOptions,
): Promise<BlockHash[]> {
  const lacking: BlockHash[] = []
  let index = 0
  for await (const reply of peer.requestBlocks(hashes, options)) {
    const hash = hashes[index] as BlockHash
    index += 1
    if (reply.kind === 'not-found') lacking.push(hash)
    else await acceptBlock(chain, hash, reply.block)
  }
  return lacking
}

async function acceptBlock(chain: ChainPort, hash: BlockHash, bytes: Uint8Array): Promise<void> {
  if (!equalBytes(hash256(bytes.subarray(0, HEADER_LENGTH)), hash)) {
    const sentence = `Block ${formatHash(hash)} was asked for, and another one came.`
    throw new SyncFault('sync-block-unexpected', sentence, 'protocol-violation')
  }
  const outcome = await chain.acceptBlock(readBlock(hash, bytes))
  if (outcome.status === 'invalid') throw blockFault(outcome)
}

function readBlock(hash: BlockHash, bytes: Uint8Array): Block {
  try {
    return decodeBlock(bytes)
  } catch (error) {
    throw error instanceof DecodeError ? malformed(hash, error) : error
  }
}

function malformed(hash: BlockHash, cause: DecodeError): SyncFault {
  const sentence = `Block ${formatHash(hash)} cannot be read: ${cause.message}`
  return new SyncFault('sync-block-malformed', sentence, 'invalid-block', { cause })
}
