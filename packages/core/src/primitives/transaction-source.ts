/**
 * What a transaction that was read from bytes remembers of them: the bytes and the ids computed from them.
 *
 * Kept in a private field, so that a copy with other fields (`{ ...transaction, lockTime }`) does not inherit it.
 */
import { type Bytes, ByteWriter } from '../bytes/index.ts'
import type { Txid, Wtxid } from './ids.ts'

/** The bytes of a transaction. */
export class TransactionSource {
  /** The whole encoding. */
  readonly raw: Bytes
  /** Where the witnesses begin in it; 0 where there are none. */
  readonly #witnessStart: number
  /** The id without witness, once it was computed. */
  txid: Txid | undefined = undefined
  #wtxid: Wtxid | undefined = undefined

  constructor(raw: Bytes, witnessStart: number) {
    this.raw = raw
    this.#witnessStart = witnessStart
  }

  /** Whether any input had a witness. */
  get hasWitness(): boolean {
    return this.#witnessStart > 0
  }

  /** The id with witness, once it was computed; the id without where there is no witness. */
  get wtxid(): Wtxid | undefined {
    const plain: Uint8Array | undefined = this.txid
    return this.hasWitness ? this.#wtxid : plain
  }

  set wtxid(id: Uint8Array) {
    if (this.hasWitness) this.#wtxid = id
    else this.txid = id
  }

  /** Length of {@link stripped}. */
  get strippedLength(): number {
    return this.hasWitness ? this.#witnessStart + 2 : this.raw.length
  }

  /** The encoding without witness. */
  get stripped(): Bytes {
    if (!this.hasWitness) return this.raw
    const writer = new ByteWriter(this.strippedLength)
    this.writeStripped(writer)
    return writer.view
  }

  /** Writes {@link stripped}: no marker, no flag, and nothing between the outputs and the lock time. */
  writeStripped(writer: ByteWriter): void {
    const { raw } = this
    if (this.hasWitness) {
      writer.writeBytes(raw.subarray(0, 4)).writeBytes(raw.subarray(6, this.#witnessStart))
      writer.writeBytes(raw.subarray(raw.length - 4))
    } else {
      writer.writeBytes(raw)
    }
  }
}

/** Something that was read from bytes. */
export class ReadFromSource {
  readonly #source: TransactionSource

  constructor(source: TransactionSource) {
    this.#source = source
  }

  /** What `value` was read from; `undefined` for what was made otherwise. */
  static sourceOf(value: object): TransactionSource | undefined {
    return #source in value ? value.#source : undefined
  }
}

/** What `value` was read from; `undefined` for what was made otherwise. */
export function sourceOf(value: object): TransactionSource | undefined {
  return ReadFromSource.sourceOf(value)
}
