/**
 * What an import did: what it counted, and what of the file it could not take in.
 */

/** Why a part of the file was not taken in. */
export type RejectionKind =
  /** Bytes that hold no block. */
  | 'damage'
  /** A block that breaks a rule, or builds on one that is not there. */
  | 'refusal'

/** A part of the file that was not taken in. */
export interface Rejection {
  readonly kind: RejectionKind
  /** Where it begins, in bytes from the beginning of the file. */
  readonly offset: number
  /** One sentence. */
  readonly reason: string
}

/** Most rejections that are told one by one; all are counted. */
export const MAX_REJECTIONS = 1_000

/** What an import did. */
export class ImportReport {
  /** Blocks that were taken in. */
  blocks = 0
  /** Their transactions. */
  transactions = 0
  /** Records of blocks that were there before. */
  known = 0
  /** Blocks that came so long before their parents that they were forgotten: another import takes them in. */
  forgotten = 0
  /** Whether the file was read to its end. */
  isComplete = false
  readonly #rejections: Rejection[] = []
  readonly #counts: Record<RejectionKind, number> = { damage: 0, refusal: 0 }

  /** Notes a part of the file that was not taken in. */
  reject(kind: RejectionKind, offset: number, reason: string): void {
    this.#counts[kind] += 1
    if (this.#rejections.length < MAX_REJECTIONS) this.#rejections.push({ kind, offset, reason })
  }

  /** How many parts were not taken in. */
  get rejected(): number {
    return this.#counts.damage + this.#counts.refusal
  }

  /** The first {@link MAX_REJECTIONS} of them, in the order of the file. */
  get rejections(): readonly Rejection[] {
    return this.#rejections.toSorted((a, b) => a.offset - b.offset)
  }

  /** Whether there was any block in the file. */
  get hasBlocks(): boolean {
    return this.blocks + this.known + this.forgotten + this.#counts.refusal > 0
  }

  /** Whether all blocks of the file are in the chain, as far as they can be read. */
  get isEverythingTaken(): boolean {
    return this.#counts.refusal + this.forgotten === 0
  }
}
