/**
 * Imports the blocks of a block file into a chain, in whatever order they stand.
 *
 * A block whose parent is not there yet is remembered by its place and read again after its parent. Blocks that the chain
 * has already are skipped by their header alone, so that an import that was interrupted goes on quickly. What is damaged or
 * refused is noted, and the import goes on. Many blocks are handed in at a time, so that the chain is never kept waiting.
 *
 * Not for opening the chain, nor for telling people what happened (`cli/import.ts`).
 *
 * Source: docs/protocol/block-files.md
 */
import type { Bytes } from '@chain/core/bytes'
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { isWorkSufficient, RuleError } from '@chain/core/consensus'
import { DecodeError } from '@chain/core/errors'
import {
  type Block,
  type BlockHash,
  type BlockHeader,
  blockHash,
  decodeBlock,
  decodeHeader,
  formatHash,
  HEADER_LENGTH,
} from '@chain/core/primitives'
import { type BlockFile, PREFIX_LENGTH } from './block-file.ts'
import { BlocksInFlight } from './blocks-in-flight.ts'
import { ImportReport } from './import-report.ts'
import { type Finding, MAX_BLOCK_LENGTH, RecordScanner } from './record-scanner.ts'
import { type BlockPlace, WaitingRecords } from './waiting-records.ts'

/**
 * How many times over the bytes of a file may be decoded in vain: records that lie in each other could otherwise have the
 * same bytes decoded once for each of them. Damage that nobody has made on purpose costs about one time.
 */
export const MAX_VAIN_DECODINGS = 16

/** What an import works with. */
export interface ImportOptions {
  readonly file: BlockFile
  readonly chain: ChainManager
  /** Ends the import: what was handed in is finished. */
  readonly signal?: AbortSignal
  /** Told now and then how many bytes of the file are done, and how many blocks were taken in. */
  readonly onProgress?: (bytes: number, blocks: number) => void
  /** Most records that are remembered until their parents come. */
  readonly waitingLimit?: number
}

/**
 * Imports a file to its end or until the signal says so.
 *
 * @throws {OperationalError} when the file cannot be read or the store fails; what was handed in before is finished
 */
export async function importBlocks(options: ImportOptions): Promise<ImportReport> {
  return await new Import(options).run()
}

/** A framed record. */
type FramedRecord = Extract<Finding, { type: 'record' }>

/** A block of the file. */
interface FoundBlock {
  readonly offset: number
  readonly hash: BlockHash
  readonly header: BlockHeader
  readonly bytes: Bytes
}

class Import {
  readonly #options: ImportOptions
  readonly #waiting: WaitingRecords
  readonly #inFlight = new BlocksInFlight()
  readonly #report = new ImportReport()
  /** Blocks whose parent was just handed in. Bounded by the records that wait. */
  readonly #ready: BlockPlace[] = []
  /** How many bytes of the file were looked at. */
  #position = 0
  /** Bytes that were decoded and turned out to be no block, each as often as it happened. */
  #vainBytes = 0

  constructor(options: ImportOptions) {
    this.#options = options
    this.#waiting = new WaitingRecords(options.waitingLimit)
  }

  async run(): Promise<ImportReport> {
    try {
      await this.#readFile()
    } finally {
      // After an error, too: nobody may go on while blocks are on their way to the store. The first error counts.
      await this.#inFlight.settle()
    }
    this.#tellProgress()
    this.#report.isComplete = !this.#isAborted
    return this.#report
  }

  get #isAborted(): boolean {
    return this.#options.signal?.aborted === true
  }

  async #readFile(): Promise<void> {
    await this.#scan()
    await this.#inFlight.settle()
    if (!this.#isAborted) await this.#endWaiting()
  }

  async #scan(): Promise<void> {
    const { file, chain } = this.#options
    const scanner = new RecordScanner(file, chain.spec.magic)
    while (!this.#isAborted) {
      const finding = await scanner.next()
      if (finding === undefined) break
      if (finding.type === 'damage') this.#report.reject('damage', finding.offset, finding.reason)
      else if (!(await this.#takeRecord(finding))) this.#leaveRecord(scanner, finding.offset)
      await this.#takeReady()
      this.#position = Math.max(this.#position, scanner.position)
      this.#tellProgress()
    }
  }

  /** Searches inside of a record that holds no block, unless too much was decoded for nothing up to there. */
  #leaveRecord(scanner: RecordScanner, offset: number): void {
    if (this.#vainBytes <= MAX_VAIN_DECODINGS * Math.max(offset, MAX_BLOCK_LENGTH)) {
      scanner.reject(offset)
      return
    }
    const reason = 'The inside of the record was not searched: too many records around it hold no block.'
    this.#report.reject('damage', offset, reason)
  }

  /** `false` when there is no block in the record. */
  async #takeRecord({ offset, bytes, isFollowed }: FramedRecord): Promise<boolean> {
    const found = this.#identify(offset, bytes)
    if (found === undefined) return false
    const isKnown = await this.#isKnown(found.hash)
    if (!isKnown && !this.#isEarly(found.header)) return await this.#handIn(found)
    // A length that is wrong would hide the records after this one, were it skipped unread.
    if (!isFollowed && this.#decode(found) === undefined) return false
    if (isKnown) this.#report.known += 1
    else this.#waiting.add(found.header.parent, { offset, length: bytes.length })
    return true
  }

  /** Reads blocks again that waited for a parent, and those that wait for them. */
  async #takeReady(): Promise<void> {
    for (let place = this.#ready.pop(); place !== undefined; place = this.#ready.pop()) {
      if (this.#isAborted) return
      const { offset, length } = place
      const found = this.#identify(offset, await this.#options.file.readApart(offset + PREFIX_LENGTH, length))
      if (found === undefined) continue
      if (await this.#isKnown(found.hash)) this.#report.known += 1
      else await this.#handIn(found)
    }
  }

  /** Blocks that still wait at the end: those whose parent's header is known are kept, the others are refused. */
  async #endWaiting(): Promise<void> {
    for (const parent of this.#waiting.parents()) {
      if (this.#options.chain.find(parent) === undefined) continue
      this.#makeReady(parent)
      await this.#takeReady()
    }
    await this.#inFlight.settle()
    if (this.#isAborted) return
    this.#report.forgotten = this.#waiting.forgotten
    for (const [parent, { offset }] of this.#waiting.clear()) {
      const reason = `The block builds on ${formatHash(parent)}, which is not in the chain.`
      this.#report.reject('refusal', offset, reason)
    }
  }

  /** Names the block of a record; `undefined` when nobody has worked for it, so that it costs no more than that. */
  #identify(offset: number, bytes: Bytes): FoundBlock | undefined {
    const header = decodeHeader(bytes.subarray(0, HEADER_LENGTH))
    const hash = blockHash(header)
    const { powLimit } = this.#options.chain.spec.consensus
    if (isWorkSufficient(hash, header.bits, powLimit)) return { offset, hash, header, bytes }
    const { message } = new RuleError('header-work-insufficient', {
      hash: formatHash(hash),
      bits: header.bits,
    })
    this.#report.reject('refusal', offset, message)
    return undefined
  }

  /** Whether the chain has the block. A copy in flight may turn out to be damaged, so that another one is needed. */
  async #isKnown(hash: BlockHash): Promise<boolean> {
    if (this.#inFlight.has(hash)) await this.#inFlight.settle()
    const node = this.#options.chain.find(hash)
    return node !== undefined && !node.failed && isPresent(node)
  }

  /** Whether a block would have to wait for its parent. */
  #isEarly({ parent }: BlockHeader): boolean {
    if (this.#inFlight.has(parent)) return false
    const node = this.#options.chain.find(parent)
    return node === undefined || !(node.failed || isPresent(node))
  }

  #decode({ offset, bytes }: FoundBlock): Block | undefined {
    try {
      return decodeBlock(bytes)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#vainBytes += decodedLength(error, bytes)
      this.#report.reject('damage', offset, `The record holds no block: ${error.message}`)
      return undefined
    }
  }

  /** `false` when there is no block in the record. */
  async #handIn(found: FoundBlock): Promise<boolean> {
    const block = this.#decode(found)
    if (block === undefined) return false
    const { length } = found.bytes
    await this.#inFlight.hasRoom(length)
    this.#inFlight.add(found.hash, length, this.#accept(found, block))
    this.#makeReady(found.hash)
    return true
  }

  #makeReady(parent: BlockHash): void {
    for (const place of this.#waiting.take(parent)) this.#ready.push(place)
  }

  async #accept({ offset, bytes }: FoundBlock, block: Block): Promise<void> {
    const outcome = await this.#options.chain.acceptBlock(block)
    if (outcome.status === 'duplicate') this.#report.known += 1
    else if (outcome.status === 'missing-parent')
      this.#waiting.add(outcome.parent, { offset, length: bytes.length })
    else if (outcome.status === 'invalid') this.#report.reject('refusal', offset, outcome.error.message)
    else {
      this.#report.blocks += 1
      this.#report.transactions += block.transactions.length
    }
    this.#tellProgress()
  }

  #tellProgress(): void {
    const unfinished = this.#waiting.bytes + this.#inFlight.bytes
    this.#options.onProgress?.(Math.max(0, this.#position - unfinished), this.#report.blocks)
  }
}

/** How many bytes were decoded before an error; all of them where it does not tell. */
function decodedLength({ data: { offset } }: DecodeError, { length }: Bytes): number {
  return typeof offset === 'number' ? Math.min(offset, length) : length
}

/** Whether a block's body is here, or was. */
function isPresent({ hasBody, validity }: BlockNode): boolean {
  return hasBody || validity === 'connected'
}
