/**
 * Signature hashes: what a signature of an input commits to.
 *
 * Source: BIP143 (witness version 0), BIP341 "Common signature message" (taproot key path)
 */
import { type Bytes, ByteWriter } from '../bytes/index.ts'
import { hash256, sha256, taggedHash } from '../crypto/index.ts'
import { invariant } from '../errors/index.ts'
import { type Transaction, type TransactionOutput, writeOutput } from '../primitives/index.ts'

/** All inputs and outputs. */
export const SIGHASH_ALL = 0x01
/** No outputs. */
export const SIGHASH_NONE = 0x02
/** Only the output at the input's position. */
export const SIGHASH_SINGLE = 0x03
/** Only this input; combined with one of the above. */
export const SIGHASH_ANYONECANPAY = 0x80
/** Taproot: like {@link SIGHASH_ALL}, written by leaving the byte away. */
export const SIGHASH_DEFAULT = 0x00

/**
 * Messages are written here to be hashed, because they are short and many: an array of its own for each would cost more
 * than its hash. One is for the parts of a transaction, the other for what an input's signature signs, whose parts are
 * hashed while it is written.
 */
const part = new ByteWriter(256)
const message = new ByteWriter(256)

/** Hashes over a whole transaction that its inputs' signature hashes share, computed once when first needed. */
export class SighashCache {
  readonly transaction: Transaction
  /** The outputs that the inputs spend, in order; only taproot signs them all. */
  readonly spent: readonly TransactionOutput[]
  #amounts: Bytes | undefined
  #scripts: Bytes | undefined
  #outpoints: Bytes | undefined
  #sequences: Bytes | undefined
  #outputs: Bytes | undefined
  #outpointsTwice: Bytes | undefined
  #sequencesTwice: Bytes | undefined
  #outputsTwice: Bytes | undefined

  constructor(transaction: Transaction, spent: readonly TransactionOutput[]) {
    invariant(spent.length === transaction.inputs.length, 'There is one spent output for each input.')
    this.transaction = transaction
    this.spent = spent
  }

  /** SHA-256 of all spent amounts. */
  get amounts(): Bytes {
    if (this.#amounts === undefined) {
      part.clear()
      for (const { value } of this.spent) part.writeInt64(value)
      this.#amounts = sha256(part.view)
    }
    return this.#amounts
  }

  /** SHA-256 of all spent scripts. */
  get scripts(): Bytes {
    if (this.#scripts === undefined) {
      part.clear()
      for (const { scriptPubKey } of this.spent) part.writeVarBytes(scriptPubKey)
      this.#scripts = sha256(part.view)
    }
    return this.#scripts
  }

  /** SHA-256 of all outpoints. */
  get outpoints(): Bytes {
    if (this.#outpoints === undefined) {
      part.clear()
      for (const { previousOutput } of this.transaction.inputs) {
        part.writeBytes(previousOutput.txid).writeUint32(previousOutput.index)
      }
      this.#outpoints = sha256(part.view)
    }
    return this.#outpoints
  }

  /** SHA-256 of all sequences. */
  get sequences(): Bytes {
    if (this.#sequences === undefined) {
      part.clear()
      for (const { sequence } of this.transaction.inputs) part.writeUint32(sequence)
      this.#sequences = sha256(part.view)
    }
    return this.#sequences
  }

  /** SHA-256 of all outputs. */
  get outputs(): Bytes {
    this.#outputs ??= hashOutputs(this.transaction.outputs)
    return this.#outputs
  }

  /** SHA-256 of {@link outpoints}: BIP143's `hashPrevouts`. */
  get outpointsTwice(): Bytes {
    this.#outpointsTwice ??= sha256(this.outpoints)
    return this.#outpointsTwice
  }

  /** SHA-256 of {@link sequences}: BIP143's `hashSequence`. */
  get sequencesTwice(): Bytes {
    this.#sequencesTwice ??= sha256(this.sequences)
    return this.#sequencesTwice
  }

  /** SHA-256 of {@link outputs}: BIP143's `hashOutputs`. */
  get outputsTwice(): Bytes {
    this.#outputsTwice ??= sha256(this.outputs)
    return this.#outputsTwice
  }
}

/**
 * The digest that an ECDSA signature of a P2WPKH input signs: 32 bytes.
 *
 * Any hash type is computed as BIP143 says; which are allowed is for the rules.
 *
 * @param cache - of the transaction that is signed
 * @param index - the input's position
 * @param keyHash - 20 bytes, from the spent output's script
 * @param hashType - one byte
 */
export function segwitV0Sighash(
  cache: SighashCache,
  index: number,
  keyHash: Bytes,
  hashType: number,
): Uint8Array {
  const { transaction } = cache
  const input = transaction.inputs[index]
  const spent = cache.spent[index]
  invariant(input !== undefined && spent !== undefined, 'The signed input exists.')
  const base = hashType & 0x1f
  const anyoneCanPay = (hashType & SIGHASH_ANYONECANPAY) !== 0
  const narrow = base === SIGHASH_NONE || base === SIGHASH_SINGLE
  message
    .clear()
    .writeInt32(transaction.version)
    .writeBytes(anyoneCanPay ? NO_HASH : cache.outpointsTwice)
    .writeBytes(anyoneCanPay || narrow ? NO_HASH : cache.sequencesTwice)
    .writeBytes(input.previousOutput.txid)
    .writeUint32(input.previousOutput.index)
    .writeBytes(P2PKH_HEAD)
    .writeBytes(keyHash)
    .writeBytes(P2PKH_TAIL)
    .writeInt64(spent.value)
    .writeUint32(input.sequence)
    .writeBytes(segwitV0Outputs(cache, index, base))
    .writeUint32(transaction.lockTime)
    .writeUint32(hashType)
  return hash256(message.view)
}

const NO_HASH = new Uint8Array(32)

/**
 * The script code of a P2WPKH input is 25 bytes, `OP_DUP OP_HASH160 <20-byte key hash> OP_EQUALVERIFY OP_CHECKSIG`: what
 * stands around the hash, the length included. Source: BIP143.
 */
const P2PKH_HEAD: Bytes = Uint8Array.of(25, 0x76, 0xa9, 20)
const P2PKH_TAIL: Bytes = Uint8Array.of(0x88, 0xac)

function segwitV0Outputs(cache: SighashCache, index: number, base: number): Bytes {
  if (base === SIGHASH_NONE) return NO_HASH
  if (base !== SIGHASH_SINGLE) return cache.outputsTwice
  const output = cache.transaction.outputs[index]
  return output === undefined ? NO_HASH : sha256(hashOutputs([output]))
}

/**
 * The digest that a Schnorr signature of a taproot key-path input signs: 32 bytes, or `undefined` when the hash type
 * is not allowed or asks for an output that is not there.
 *
 * @param cache - of the transaction that is signed
 * @param index - the input's position
 * @param hashType - one byte; {@link SIGHASH_DEFAULT} where the signature has only 64 bytes
 * @param annex - the annex of the witness where there is one, its first byte 0x50 included
 */
export function taprootSighash(
  cache: SighashCache,
  index: number,
  hashType: number,
  annex?: Bytes,
): Uint8Array | undefined {
  const { transaction, spent } = cache
  if (!TAPROOT_HASH_TYPES.has(hashType)) return undefined
  const input = transaction.inputs[index]
  const output = spent[index]
  invariant(input !== undefined && output !== undefined, 'The signed input exists.')
  const base = hashType & 0x03
  const anyoneCanPay = (hashType & SIGHASH_ANYONECANPAY) !== 0
  message.clear().writeUint8(0).writeUint8(hashType)
  message.writeInt32(transaction.version).writeUint32(transaction.lockTime)
  if (!anyoneCanPay) {
    message.writeBytes(cache.outpoints).writeBytes(cache.amounts).writeBytes(cache.scripts)
    message.writeBytes(cache.sequences)
  }
  if (base !== SIGHASH_NONE && base !== SIGHASH_SINGLE) message.writeBytes(cache.outputs)
  message.writeUint8(annex === undefined ? 0 : 1)
  if (anyoneCanPay) {
    message.writeBytes(input.previousOutput.txid).writeUint32(input.previousOutput.index)
    writeOutput(message, output)
    message.writeUint32(input.sequence)
  } else {
    message.writeUint32(index)
  }
  if (annex !== undefined) message.writeBytes(sha256(part.clear().writeVarBytes(annex).view))
  if (base === SIGHASH_SINGLE) {
    const single = transaction.outputs[index]
    if (single === undefined) return undefined
    message.writeBytes(hashOutputs([single]))
  }
  return taggedHash('TapSighash', message.view)
}

const TAPROOT_HASH_TYPES: ReadonlySet<number> = new Set([0x00, 0x01, 0x02, 0x03, 0x81, 0x82, 0x83])

function hashOutputs(outputs: readonly TransactionOutput[]): Uint8Array {
  part.clear()
  for (const output of outputs) writeOutput(part, output)
  return sha256(part.view)
}
