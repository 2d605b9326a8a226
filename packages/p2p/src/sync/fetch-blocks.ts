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

/** Bytes of blocks that the chain may have in hand before another one is read. */
const MAX_BYTES_IN_HAND = 8 * 1024 * 1024

/**
 * Fetches blocks and adds them to the chain; returns the hashes of those that the peer does not have. The chain works on
 * several blocks at a time, and has dealt with all of them in the end.
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
  const inHand = new BlocksInHand()
  let index = 0
  try {
    for await (const reply of peer.requestBlocks(hashes, options)) {
      const hash = hashes[index] as BlockHash
      index += 1
      if (reply.kind === 'not-found') lacking.push(hash)
      else await inHand.add(acceptBlock(chain, hash, reply.block), reply.block.length)
    }
  } catch (error) {
    await inHand.settle()
    throw error
  }
  await inHand.settle()
  return lacking
}

/** Blocks that the chain has been given and not dealt with, lowest first. */
class BlocksInHand {
  readonly #blocks: { readonly done: Promise<void>; readonly length: number }[] = []
  #bytes = 0
  #failed: { readonly error: unknown } | undefined

  /** Adds a block, and waits until there is room for another one. @throws what was wrong with the first bad one */
  async add(accepted: Promise<void>, length: number): Promise<void> {
    const done = accepted.catch((error: unknown) => {
      this.#failed ??= { error }
    })
    this.#blocks.push({ done, length })
    this.#bytes += length
    while (this.#bytes > MAX_BYTES_IN_HAND) await this.#awaitFirst()
    this.#throwIfFailed()
  }

  /** Waits for all. @throws what was wrong with the first bad one */
  async settle(): Promise<void> {
    while (this.#blocks.length > 0) await this.#awaitFirst()
    this.#throwIfFailed()
  }

  #throwIfFailed(): void {
    if (this.#failed !== undefined) throw this.#failed.error
  }

  async #awaitFirst(): Promise<void> {
    const first = this.#blocks.shift()
    await first?.done
    this.#bytes -= first?.length ?? 0
  }
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
