/**
 * Finds the records of a block file, and what in it is none: the reader goes from each record to the next, and where there
 * is none it searches for the magic.
 *
 * What it finds is only framed as a record: whether it holds a block is for the caller to see, who says so with
 * {@link RecordScanner.reject} where it does not. Not for judging blocks (`import-blocks.ts`).
 *
 * Source: docs/protocol/block-files.md#reading
 */
import { type Bytes, equalBytes } from '@chain/core/bytes'
import { MAX_BLOCK_WEIGHT } from '@chain/core/consensus'
import { type BlockFile, MAGIC_LENGTH, MIN_BLOCK_LENGTH, PREFIX_LENGTH } from './block-file.ts'

/** Longest block in bytes: one that is all witness. */
export const MAX_BLOCK_LENGTH: number = MAX_BLOCK_WEIGHT

/** What the scanner finds. Offsets count bytes from the beginning of the file. */
export type Finding =
  /** Something with magic and a possible length, which is there in full. */
  | {
      readonly type: 'record'
      readonly offset: number
      /** {@link MIN_BLOCK_LENGTH} to {@link MAX_BLOCK_LENGTH} bytes; a view of a larger piece of the file. */
      readonly bytes: Bytes
      /** Whether another record or the end of the file follows at once, as it does where the length is right. */
      readonly isFollowed: boolean
    }
  /** Bytes that are no record. `reason` is one sentence. */
  | { readonly type: 'damage'; readonly offset: number; readonly reason: string }

/** Walks through a block file once. Holds one piece of the file. */
export class RecordScanner {
  readonly #file: BlockFile
  readonly #magic: Bytes
  /** Of the next byte to look at. */
  #position = 0
  /** Whether the bytes before the position are part of damage that was told already. */
  #isInDamage = false

  /** @param magic - what records of the network begin with; {@link MAGIC_LENGTH} bytes */
  constructor(file: BlockFile, magic: Bytes) {
    this.#file = file
    this.#magic = magic
  }

  /** How many bytes were looked at. */
  get position(): number {
    return this.#position
  }

  /**
   * The next record or damaged place, or `undefined` at the end of the file. Zeros between records are no damage: programs
   * reserve room with them.
   *
   * @throws {OperationalError} `file-unreadable`
   */
  async next(): Promise<Finding | undefined> {
    const start = this.#position
    const hasGarbage = await this.#skipToMagic()
    if (hasGarbage && !this.#isInDamage) {
      return this.#damage(start, `The ${this.#position - start} bytes there are no record of the network.`)
    }
    return this.#position < this.#file.size ? await this.#readRecord() : undefined
  }

  /** Goes back to a record that holds no block: a record may begin inside what its length claims. */
  reject(offset: number): void {
    this.#position = offset + 1
    this.#isInDamage = true
  }

  /** Moves to the next magic or to the end, and tells whether other bytes than zeros were on the way. */
  async #skipToMagic(): Promise<boolean> {
    let hasGarbage = false
    for (;;) {
      const bytes = await this.#file.read(this.#position, SEARCH_LENGTH)
      const index = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(this.#magic)
      const isLast = this.#position + bytes.length >= this.#file.size
      // The end of this piece may be the beginning of a magic.
      const skipped = index >= 0 ? index : isLast ? bytes.length : bytes.length - MAGIC_LENGTH + 1
      hasGarbage ||= bytes.subarray(0, skipped).some((byte) => byte !== 0)
      this.#position += skipped
      if (index >= 0 || isLast) return hasGarbage
    }
  }

  async #readRecord(): Promise<Finding> {
    const offset = this.#position
    const prefix = await this.#file.read(offset, PREFIX_LENGTH)
    if (prefix.length < PREFIX_LENGTH) return this.#truncated(offset, 'before the length of the block')
    const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(MAGIC_LENGTH, true)
    if (length < MIN_BLOCK_LENGTH || length > MAX_BLOCK_LENGTH) return this.#impossible(offset, length)
    const record = await this.#file.read(offset, PREFIX_LENGTH + length + MAGIC_LENGTH)
    const bytes = record.subarray(PREFIX_LENGTH, PREFIX_LENGTH + length)
    if (bytes.length < length) return this.#truncated(offset, `after ${bytes.length} of its ${length} bytes`)
    this.#position = offset + PREFIX_LENGTH + length
    this.#isInDamage = false
    const after = record.subarray(PREFIX_LENGTH + length)
    return { type: 'record', offset, bytes, isFollowed: after.length === 0 || equalBytes(after, this.#magic) }
  }

  #truncated(offset: number, where: string): Finding {
    this.#position = offset + 1
    return this.#damage(offset, `The file ends inside the record, ${where}.`)
  }

  #impossible(offset: number, length: number): Finding {
    this.#position = offset + 1
    const bounds = `${MIN_BLOCK_LENGTH} to ${MAX_BLOCK_LENGTH}`
    return this.#damage(offset, `The length of the record is ${length}, which is not from ${bounds}.`)
  }

  #damage(offset: number, reason: string): Finding {
    this.#isInDamage = true
    return { type: 'damage', offset, reason }
  }
}

/** Bytes that are searched at once. */
const SEARCH_LENGTH = 65_536
