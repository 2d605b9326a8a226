/**
 * Genesis blocks: the first block of a network, which every node knows without asking anybody.
 *
 * Source: docs/protocol/networks.md#genesis
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { concatBytes } from '../bytes/index.ts'
import { ParseError } from '../errors/index.ts'
import { type Block, merkleRoot, NULL_INDEX, type Transaction, txid, ZERO_HASH } from '../primitives/index.ts'
import { pushOpcodes } from '../script/index.ts'
import type { CompactTarget, UnixTime } from '../units/index.ts'
import { encodeCoinbaseHeight } from './coinbase-height.ts'

/** Most bytes of a genesis message: what a coinbase script has room for. */
export const MAX_GENESIS_MESSAGE_LENGTH = 90

/**
 * A genesis block without its proof of work: the nonce is 0 and is still to be searched for.
 *
 * Its coinbase pays nothing to nobody (`OP_RETURN`) and carries a message that fixes the earliest date.
 *
 * @param options.message - text of at most {@link MAX_GENESIS_MESSAGE_LENGTH} bytes of UTF-8
 * @throws {ParseError} `genesis-message-too-long`
 */
export function createGenesis(options: { message: string; time: UnixTime; bits: CompactTarget }): Block {
  const { time, bits } = options
  const message = utf8ToBytes(options.message)
  if (message.length > MAX_GENESIS_MESSAGE_LENGTH) {
    throw new ParseError(
      'genesis-message-too-long',
      `The message has ${message.length} bytes, more than 90.`,
      {
        length: message.length,
      },
    )
  }
  const coinbase: Transaction = {
    version: 1,
    inputs: [
      {
        previousOutput: { txid: ZERO_HASH, index: NULL_INDEX },
        scriptSig: concatBytes(
          encodeCoinbaseHeight(0),
          Uint8Array.from(pushOpcodes(message.length)),
          message,
        ),
        sequence: 0xffffffff,
        witness: [],
      },
    ],
    outputs: [{ value: 0n, scriptPubKey: Uint8Array.of(OP_RETURN) }],
    lockTime: 0,
  }
  const header = {
    version: 4,
    parent: ZERO_HASH,
    merkleRoot: merkleRoot([txid(coinbase)]),
    time,
    bits,
    nonce: 0,
  }
  return { header, transactions: [coinbase] }
}

const OP_RETURN = 0x6a
