/**
 * The threads that search nonces. They share one job at a time, so that the thread with the network never waits.
 */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { invariant, OperationalError } from '@chain/core/errors'
import { NONCE_CHUNK, type NonceRange, splitNonces } from '@chain/core/mining'
import { type BlockHeader, encodeHeader } from '@chain/core/primitives'
import { COUNTERS, Counter, type NonceJob, type NonceResult, type NonceThreadData } from './nonce-job.ts'

/** Most threads; more than any machine has cores for. */
export const MAX_THREADS = 256

/** The search under way. */
interface Search {
  readonly job: number
  /** Threads that have not answered yet. */
  waiting: number
  readonly settle: (nonce: number | undefined) => void
  readonly fail: (error: Error) => void
}

export class NonceThreads {
  readonly #counters = new Int32Array(new SharedArrayBuffer(4 * COUNTERS))
  readonly #workers: Worker[]
  #search: Search | undefined
  #closed = false
  /** Why a thread ended by itself; the others are not used any more then. */
  #failure: OperationalError | undefined

  /**
   * Starts the threads.
   *
   * @param count - 1 to {@link MAX_THREADS}
   */
  constructor(count: number) {
    invariant(
      Number.isInteger(count) && count >= 1 && count <= MAX_THREADS,
      'The number of threads is checked before.',
    )
    this.#workers = Array.from({ length: count }, () => this.#startWorker())
  }

  /** Threads that search. */
  get count(): number {
    return this.#workers.length
  }

  /** Hashes made since the start, counted in chunks of {@link NONCE_CHUNK}; wraps at 2^32 chunks. */
  get hashes(): number {
    return (Atomics.load(this.#counters, Counter.chunks) >>> 0) * NONCE_CHUNK
  }

  /**
   * The nonce with which a header meets its target, or `undefined` when there is none or the search was aborted.
   *
   * One search at a time.
   *
   * @throws {OperationalError} `mining-thread-failed`
   */
  async search(header: BlockHeader, signal: AbortSignal): Promise<number | undefined> {
    invariant(this.#search === undefined, 'The threads share one job at a time.')
    if (this.#failure !== undefined) throw this.#failure
    if (signal.aborted || this.#closed) return undefined
    const job = Atomics.add(this.#counters, Counter.job, 1) + 1
    const cancel = (): void => this.#cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return await new Promise((settle, fail) => {
        this.#search = { job: job | 0, waiting: this.#workers.length, settle, fail }
        this.#post(header, job | 0)
      })
    } finally {
      this.#search = undefined
      signal.removeEventListener('abort', cancel)
    }
  }

  /** Ends the threads; a search under way yields `undefined`. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancel()
    this.#search?.settle(undefined)
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #post(header: BlockHeader, job: number): void {
    const ranges = splitNonces(this.#workers.length)
    const bytes = encodeHeader(header)
    for (const [index, worker] of this.#workers.entries()) {
      const message: NonceJob = { job, header: bytes, ...(ranges[index] as NonceRange) }
      worker.postMessage(message)
    }
  }

  /** Makes no job current: the threads answer within one chunk. */
  #cancel(): void {
    Atomics.add(this.#counters, Counter.job, 1)
  }

  #startWorker(): Worker {
    const data: NonceThreadData = { counters: this.#counters }
    const worker = new Worker(workerFile, { workerData: data, execArgv: workerArguments })
    worker.on('message', (result: NonceResult) => this.#take(result))
    worker.on('error', (error: Error) => this.#fail(error))
    return worker
  }

  #take({ job, nonce }: NonceResult): void {
    const search = this.#search
    if (search === undefined || search.job !== job) return
    search.waiting -= 1
    if (nonce !== undefined) this.#cancel()
    if (nonce !== undefined || search.waiting === 0) search.settle(nonce)
  }

  #fail(cause: Error): void {
    const message = `A mining thread failed: ${cause.message}`
    this.#failure = new OperationalError('mining-thread-failed', message, {}, { cause })
    this.#search?.fail(this.#failure)
  }
}

/** The thread's program stands beside this file, as source or compiled. */
const workerFile = new URL(`./nonce-worker${extname(import.meta.url)}`, import.meta.url)

/** Threads that run from source find the sources of the other packages, however this thread was started. */
const workerArguments: string[] = extname(import.meta.url) === '.ts' ? ['--conditions=@chain/source'] : []
