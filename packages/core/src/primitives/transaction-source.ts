/**
 * What a transaction that was read from bytes remembers of them: the bytes and the ids computed from them.
 *
 * Kept in a private field, so that a copy with other fields (`{ ...transaction, lockTime }`) does not inherit it.
 */
import type { Bytes } from '../bytes/index.ts'
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

  /** The encoding without witness: without marker, flag and what stands between the outputs and the lock time. */
  get stripped(): Bytes {
    const { raw } = this
    if (!this.hasWitness) return raw
    const end = this.strippedLength
    const stripped = new Uint8Array(end)
    stripped.set(raw.subarray(6, this.#witnessStart), 4)
    for (let at = 0; at < 4; at++) {
      stripped[at] = raw[at] as number
      stripped[end - 4 + at] = raw[raw.length - 4 + at] as number
    }
    return stripped
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
