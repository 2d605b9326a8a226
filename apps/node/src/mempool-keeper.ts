/**
 * Keeps the mempool over restarts: loads what was saved, and saves it soon after somebody has handed in a transaction here, every few
 * minutes while it changes, and when the node stops.
 *
 * Not for the file itself (`mempool-file.ts`).
 *
 * Source: docs/limits.md#saved-mempool; Bitcoin Core, `-persistmempool`
 */
import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ChainError, DecodeError, reasonOf } from '@chain/core/errors'
import type { Mempool, SavedTransaction } from '@chain/core/mempool'
import { mempoolNotLoaded } from './errors.ts'
import { createGiveWay } from './give-way.ts'
import type { Logger } from './logger.ts'
import { MEMPOOL_FILE, type MempoolPlace, readMempoolFile, writeMempoolFile } from './mempool-file.ts'

/** How often the mempool is saved; milliseconds unless they say otherwise. */
export const keeperLimits = {
  /** Between two looks whether it is to be saved. */
  lookInterval: 1_000,
  /** From one time that it is saved to the next when nobody hands in anything here. */
  saveInterval: 300_000,
  /** After a failure, until it is tried again. */
  retryInterval: 60_000,
  /** Bytes that are written in a second, over time: a long file waits longer. */
  bytesPerSecond: 200_000,
} as const

/** What a keeper works with. */
export interface MempoolKeeperModules {
  readonly mempool: Mempool
  readonly dataDir: string
  /** Of the chain spec: 8 hexadecimal digits. */
  readonly specId: string
  /** Whether it loads by itself, and saves by itself. */
  readonly persist: boolean
  readonly log: Logger
  /** Milliseconds, never going back. */
  readonly now?: () => number
}

/** Keeps a mempool over restarts. */
export class MempoolKeeper {
  readonly #modules: MempoolKeeperModules
  readonly #place: MempoolPlace
  readonly #now: () => number
  readonly #unsubscribe: () => void
  #timer: NodeJS.Timeout | undefined
  #loading: Promise<void> = Promise.resolve()
  #isLoaded: boolean
  #isClosing = false
  /** Whether transactions came or left since it was saved. */
  #hasChanged = false
  /** `Mempool.handedInCount` when it was saved. */
  #handedIn = 0
  /** When it was saved, or could not be. */
  #savedAt: number
  /** When the disk may be used again. */
  #rest = 0
  #isFailing = false
  #isWriting = false
  /** Settles with what is being written; never rejects. */
  #writing: Promise<unknown> = Promise.resolve()
  /** Begins when that is done. */
  #next: Promise<void> | undefined

  constructor(modules: MempoolKeeperModules) {
    const { mempool, dataDir, specId, persist, now = () => performance.now() } = modules
    this.#modules = modules
    this.#place = { file: join(dataDir, MEMPOOL_FILE), specId }
    this.#now = now
    this.#savedAt = now()
    this.#isLoaded = !persist
    this.#unsubscribe = mempool.subscribe(() => {
      this.#hasChanged = true
    })
  }

  /** Path of the file. */
  get file(): string {
    return this.#place.file
  }

  /** Whether what was saved is loaded, as far as it could be; `true` when nothing is to be loaded. */
  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** Begins to load what was saved, and to look whether there is something to save. */
  start(): void {
    if (!this.#modules.persist) return
    this.#loading = this.#load()
    this.#timer = setInterval(() => void this.look(), keeperLimits.lookInterval)
  }

  /** Resolves when what was saved is loaded, as far as it could be. */
  async loaded(): Promise<void> {
    await this.#loading
  }

  /** Saves the mempool if that is due, and resolves when it is done. Never rejects. */
  async look(): Promise<void> {
    const now = this.#now()
    if (!this.#isLoaded || this.#isWriting || now < this.#rest) return
    const isNew = this.#handedIn !== this.#modules.mempool.handedInCount
    const isDue = this.#hasChanged && now >= this.#savedAt + keeperLimits.saveInterval
    if (isNew || isDue) await this.#saveOrWarn()
  }

  /**
   * Saves the mempool now, or when what is being written is done. Those who ask meanwhile wait for the same.
   *
   * @throws {OperationalError} `mempool-not-loaded`, `mempool-file-unwritable`
   */
  save(): Promise<void> {
    this.#next ??= this.#saveAfter(this.#writing)
    return this.#next
  }

  /** Stops loading, and saves the mempool for the next start if it was loaded. Never rejects. */
  async close(): Promise<void> {
    this.#isClosing = true
    clearInterval(this.#timer)
    this.#unsubscribe()
    await this.#loading
    if (this.#modules.persist && this.#isLoaded) await this.#saveOrWarn()
    await this.#writing
  }

  async #load(): Promise<void> {
    try {
      await this.#loadFile()
      this.#isLoaded = !this.#isClosing
    } catch (error) {
      if (!(error instanceof ChainError)) throw error
      if (isFault(error)) await this.#putAside(error)
      // Whatever else keeps it from being loaded, the file may be right, and must not be replaced.
      else this.#modules.log.error(`The saved mempool was not loaded: ${error.message}`)
    }
  }

  async #loadFile(): Promise<void> {
    const { mempool, log } = this.#modules
    const saved = await readMempoolFile(this.#place)
    if (saved === undefined) return
    const transactions = this.#untilClosing(saved.transactions)
    const result = await mempool.load({ ...saved, transactions }, createGiveWay())
    if (!this.#isClosing) log.info(result, 'Loaded the saved mempool')
  }

  *#untilClosing(transactions: Iterable<SavedTransaction>): Generator<SavedTransaction> {
    for (const transaction of transactions) {
      if (this.#isClosing) return
      yield transaction
    }
  }

  /** Keeps a file that is of no use, in case somebody wants to look at it. */
  async #putAside({ message }: ChainError): Promise<void> {
    const { file } = this.#place
    const aside = `${file}.bad`
    let fate = `the file is kept as ${basename(aside)}`
    try {
      await rename(file, aside)
    } catch (error) {
      fate = `the file cannot be put aside either: ${reasonOf(error)}`
    }
    this.#modules.log.warn(`${message} The node goes on without it; ${fate}.`)
    this.#isLoaded = true
  }

  async #saveOrWarn(): Promise<void> {
    const { log } = this.#modules
    try {
      await this.save()
      if (this.#isFailing) log.info('The mempool is saved again')
      this.#isFailing = false
    } catch (error) {
      if (!(error instanceof ChainError)) throw error
      if (!this.#isFailing) log.warn(`${error.message} What was saved before stays.`)
      this.#isFailing = true
    }
  }

  async #saveAfter(writing: Promise<unknown>): Promise<void> {
    await writing
    this.#next = undefined
    const next = this.#write()
    this.#writing = next.catch(() => undefined)
    await next
  }

  async #write(): Promise<void> {
    if (!this.#isLoaded) throw mempoolNotLoaded()
    const { mempool } = this.#modules
    const { handedInCount } = mempool
    this.#isWriting = true
    this.#hasChanged = false
    this.#savedAt = this.#now()
    try {
      const length = await writeMempoolFile(this.#place, mempool.save())
      this.#handedIn = handedInCount
      this.#rest = this.#now() + (length / keeperLimits.bytesPerSecond) * 1_000
    } catch (error) {
      this.#hasChanged = true
      this.#rest = this.#now() + keeperLimits.retryInterval
      throw error
    } finally {
      this.#isWriting = false
    }
  }
}

/** Whether an error says that the file is of no use. */
function isFault(error: ChainError): boolean {
  return error instanceof DecodeError || error.code === 'mempool-file-unusable'
}
