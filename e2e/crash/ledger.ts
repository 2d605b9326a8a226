/**
 * What a data directory has promised: everything that was acknowledged, whoever was killed since.
 */
import type { CrashBlock, CrashChain } from './crash-chain.ts'

/** Grows with what the processes on a directory say (`processes/run-chain.ts`) and with what is found in it. */
export class Ledger {
  readonly #chain: CrashChain
  readonly #stored = new Set<string>()
  readonly #indexed = new Map<string, number>()
  /** Sentences about repairs. */
  readonly reports: string[] = []
  /** The acknowledged tip with the most work. */
  tip: CrashBlock | undefined
  /** Up to this height all bodies are gone. */
  prunedHeight = 0

  /** Whether blocks were damaged. */
  hasLosses = false
  /** Whether the data file was damaged, so that nothing can be read of it before it is made anew. */
  isUnreadable = false

  /** @param hashes - of the blocks that the directory holds, each of which was its tip once */
  constructor(chain: CrashChain, hashes: readonly string[]) {
    this.#chain = chain
    for (const hash of hashes) this.noteTip(hash)
  }

  /** Hashes of the blocks that must be there. */
  get stored(): Iterable<string> {
    return this.#stored
  }

  /** How far each index must have come at least, by its title. */
  get indexed(): ReadonlyMap<string, number> {
    return this.#indexed
  }

  /** Notes what a process has said. */
  note(lines: readonly string[]): void {
    for (const line of lines) {
      const [word, value = '', ...rest] = line.split(' ')
      if (word === 'connected') this.noteTip(value)
      if (word === 'kept') this.#stored.add(value)
      if (word === 'pruned') this.prunedHeight = Math.max(this.prunedHeight, Number(value))
      if (word === 'indexed') this.#indexed.set(rest.join(' '), Number(value))
      if (word === 'report') this.reports.push(line)
    }
  }

  /** Notes a block that was the tip. */
  noteTip(hash: string): void {
    const block = this.#chain.blocks.get(hash)
    if (block === undefined) throw new Error(`The block ${hash} is none of those that were handed in.`)
    this.#stored.add(hash)
    if (this.tip === undefined || block.height > this.tip.height) this.tip = block
  }

  /** Blocks that were damaged, or build on one that was: they need not be there, and a reindex says that it leaves them out. */
  giveUp(hashes: readonly string[]): void {
    for (const hash of hashes) this.#stored.delete(hash)
    this.hasLosses = true
  }

  /** The indexes may be behind again, or begin anew. */
  forgetIndexes(): void {
    this.#indexed.clear()
  }
}
