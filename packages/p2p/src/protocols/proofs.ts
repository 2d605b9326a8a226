/**
 * `proofs/1`: the proof that transactions are in a block, and the transactions.
 *
 * Source: docs/protocol/light-clients.md#proofs
 */
import { bytesKey, equalBytes } from '@chain/core/bytes'
import { DecodeError } from '@chain/core/errors'
import {
  blockHash,
  decodeMerkleBlock,
  decodeTransaction,
  type MerkleBlock,
  type ProvenTransaction,
  type Transaction,
  txid,
  verifyMerkleBlock,
} from '@chain/core/primitives'
import {
  decodeGetProof,
  decodeProofReply,
  encodeGetProof,
  encodeProofReply,
  frameLimits,
  type GetProof,
  maxBlockBytes,
  type ProofReply,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import { PeerError } from '../errors.ts'
import type { RequestOptions, ServeOptions } from '../streams/exchange.ts'
import { askSeries, type Protocol, type SeriesResponder, serveSeries } from './protocol.ts'

const proofsProtocol: Protocol<GetProof, ProofReply> = {
  name: 'proofs/1',
  request: { maxBytes: frameLimits.GetProof, encode: encodeGetProof, decode: decodeGetProof },
  answer: { maxBytes: frameLimits.ProofReply, encode: encodeProofReply, decode: decodeProofReply },
  streams: streamLimits.proofs,
  answerTimeout: timeLimits.light,
}

/** Transactions that are shown to be in a block. */
export interface BlockProof {
  /** The proof, whose header has the hash that was asked for. */
  readonly merkleBlock: MerkleBlock
  /** Which transactions it proves, in the order of the block; of those asked for, the ones that the peer found. */
  readonly proven: readonly ProvenTransaction[]
  /** The same transactions, when they were asked for. */
  readonly transactions: readonly Transaction[]
}

/** Makes the frames of an answer; asked for the next one when the last one has been taken. */
export type ProofResponder = SeriesResponder<GetProof, ProofReply>

/** Answers `proofs/1` on `host`. */
export function handleProofs(
  host: Libp2p,
  specId: string,
  respond: ProofResponder,
  options?: ServeOptions,
): Promise<void> {
  return serveSeries(host, specId, proofsProtocol, respond, options)
}

/**
 * Asks a peer to prove that transactions are in a block; `undefined` when the peer does not have the block.
 *
 * The proof holds for the block whose hash was given; whether that block is part of a good chain is for the caller to know. A
 * transaction that is not in the proof may be in the block all the same: nothing proves that it is not. Whoever relies on a
 * transaction that a stranger may have made asks for the coinbase and the transactions too (CVE-2017-12842): then all are as
 * deep in the tree as the coinbase is.
 *
 * @throws {PeerError} when the exchange fails; `answer-unexpected` when the answer is about another block or transaction;
 *   `answer-false` when the proof does not hold, or a transaction is not the one that it proves; `peer-closed` when
 *   frames are missing, `frame-unexpected` when there are too many
 * @throws {WireError} when the request is out of its bounds or the answer malformed
 */
export async function requestProof(
  connection: Connection,
  specId: string,
  request: GetProof,
  options?: RequestOptions,
): Promise<BlockProof | undefined> {
  const reading = new ProofReading(request)
  for await (const reply of askSeries(connection, specId, proofsProtocol, request, options)) {
    reading.take(reply)
  }
  return reading.end()
}

/** An answer that is being read. Bound: the transactions of one block. */
class ProofReading {
  readonly #request: GetProof
  readonly #transactions: Transaction[] = []
  #proof: Omit<BlockProof, 'transactions'> | undefined
  #isMissing = false
  #bytes = 0

  constructor(request: GetProof) {
    this.#request = request
  }

  /** @throws {PeerError} */
  take(reply: ProofReply): void {
    if (this.#isMissing) throw excess()
    if (reply.kind === 'transaction') this.#takeTransaction(reply.transaction)
    else if (this.#proof !== undefined) throw excess()
    else if (reply.kind === 'proof') this.#proof = checkProof(this.#request, reply.merkleBlock)
    else this.#takeMissing(reply.hash)
  }

  /** @throws {PeerError} `peer-closed` */
  end(): BlockProof | undefined {
    if (this.#isMissing) return undefined
    const wanted = this.#proof !== undefined && this.#request.transactions ? this.#proof.proven.length : 0
    if (this.#proof === undefined || this.#transactions.length < wanted) {
      throw new PeerError('peer-closed', 'The peer closed the stream before its answer was complete.')
    }
    return { ...this.#proof, transactions: this.#transactions }
  }

  #takeMissing(hash: Uint8Array): void {
    if (!equalBytes(hash, this.#request.block)) throw otherBlock()
    this.#isMissing = true
  }

  #takeTransaction(bytes: Uint8Array): void {
    const next = this.#request.transactions ? this.#proof?.proven[this.#transactions.length] : undefined
    this.#bytes += bytes.length
    if (next === undefined || this.#bytes > maxBlockBytes) throw excess()
    const transaction = decoded(() => decodeTransaction(bytes))
    if (!equalBytes(txid(transaction), next.txid)) throw untrue('sent another transaction than it proved')
    this.#transactions.push(transaction)
  }
}

function checkProof(request: GetProof, bytes: Uint8Array): Omit<BlockProof, 'transactions'> {
  const merkleBlock = decoded(() => decodeMerkleBlock(bytes))
  if (!equalBytes(blockHash(merkleBlock.header), request.block)) throw otherBlock()
  const proven = verifyMerkleBlock(merkleBlock)
  if (proven === undefined) throw untrue('sent a proof that does not hold')
  if (request.coinbase && proven[0]?.index !== 0) throw untrue('left the coinbase out of its proof')
  const wanted = new Set(request.txids.map(bytesKey))
  const isWanted = ({ txid: id, index }: ProvenTransaction): boolean =>
    wanted.has(bytesKey(id)) || (request.coinbase && index === 0)
  if (proven.every(isWanted)) return { merkleBlock, proven }
  throw new PeerError('answer-unexpected', 'The peer proved a transaction that was not asked for.')
}

/** @throws {PeerError} `answer-false` when the bytes are nothing of the kind */
function decoded<Value>(decode: () => Value): Value {
  try {
    return decode()
  } catch (cause) {
    throw cause instanceof DecodeError ? unreadable(cause) : cause
  }
}

function unreadable(cause: DecodeError): PeerError {
  const message = `The peer sent bytes that cannot be read: ${cause.message}`
  return new PeerError('answer-false', message, { cause })
}

function untrue(what: string): PeerError {
  return new PeerError('answer-false', `The peer ${what}.`)
}

function otherBlock(): PeerError {
  return new PeerError('answer-unexpected', 'The peer answered about a block that was not asked for.')
}

function excess(): PeerError {
  return new PeerError('frame-unexpected', 'The peer sent more than was asked for.')
}
