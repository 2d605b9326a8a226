/**
 * A verifier that hands lists of checks to threads, in batches, through shared memory.
 *
 * That no check is skipped: a list is right only when its threads have found as many checks right as it has, and its
 * batches cover it without overlap, in order. Its lowest wrong position is known when no batch of it is out: batches are
 * published in the order of the list, so what was not published lies behind.
 *
 * Lists wait in the order of the calls; a list whose turn has come fills whatever is free in the ring. When a thread ends
 * by itself, a batch may be lost with it, so that all calls fail, and those that follow.
 */
import { getCompileCacheDir } from 'node:module'
import { dirname, extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { SignatureCheck } from '@chain/core/consensus'
import { invariant, type OperationalError, reasonOf } from '@chain/core/errors'
import { BATCH_CHECKS, BatchRing, placeOf, RING_PLACES } from './batch-ring.ts'
import { type Engine, findFirstInvalid } from './engine.ts'
import { verifierClosed, verifierThreadFailed } from './errors.ts'
import type { BatchReport, VerifierThreadData } from './thread-protocol.ts'
import type { Verifier } from './verifier.ts'

/** Most threads; more than any machine has cores for. */
export const MAX_THREADS = 256

/** A call of `findInvalid`. */
interface Call {
  readonly checks: readonly SignatureCheck[]
  /** Checks that are published or need not be: those from here on are not. */
  published: number
  /** Batches that are published and not reported. */
  batchesOut: number
  /** Checks that threads have found right. */
  right: number
  /** Lowest position that was found wrong. */
  wrong: number | undefined
  readonly resolve: (position: number | undefined) => void
  readonly reject: (error: Error) => void
}

/** A batch that is published and not reported. */
interface Batch {
  readonly call: Call
  readonly number: number
  /** Position of its first check. */
  readonly start: number
  readonly count: number
}

/** Starts a thread. */
export type StartThread = (data: VerifierThreadData) => Worker

/** Verifies in threads, and in the calling thread what is too little for them. */
export class VerifierPool implements Verifier {
  readonly name: string
  readonly failed: Promise<OperationalError>
  readonly #engine: Engine
  readonly #threadCount: number
  readonly #startThread: StartThread
  readonly #ring = new BatchRing()
  /** What lies in each place of the ring. */
  readonly #batches: (Batch | undefined)[] = new Array<undefined>(RING_PLACES).fill(undefined)
  /** All calls that have no result yet. */
  readonly #calls = new Set<Call>()
  /** Those of which something is still to be published, in order. */
  readonly #unpublished: Call[] = []
  readonly #threads: Worker[] = []
  /** Why nothing is verified any more. */
  #end: OperationalError | undefined
  readonly #reportFailure: (error: OperationalError) => void

  /**
   * Threads start when they are first needed.
   *
   * @param threadCount - 1 to {@link MAX_THREADS}
   */
  constructor(engine: Engine, threadCount: number, startThread: StartThread = startVerifierThread) {
    invariant(
      Number.isInteger(threadCount) && threadCount >= 1 && threadCount <= MAX_THREADS,
      'The number of threads is checked before.',
    )
    this.name = `${engine.title}, ${threadCount} ${threadCount === 1 ? 'thread' : 'threads'}`
    this.#engine = engine
    this.#threadCount = threadCount
    this.#startThread = startThread
    const { promise, resolve } = Promise.withResolvers<OperationalError>()
    this.failed = promise
    this.#reportFailure = resolve
  }

  async findInvalid(checks: readonly SignatureCheck[]): Promise<number | undefined> {
    if (this.#end !== undefined) throw this.#end
    if (checks.length <= this.#engine.turn) return findFirstInvalid(this.#engine, checks)
    this.#start()
    return await new Promise((resolve, reject) => {
      const call = { checks, published: 0, batchesOut: 0, right: 0, wrong: undefined, resolve, reject }
      this.#calls.add(call)
      this.#unpublished.push(call)
      this.#keepAlive()
      this.#publish()
    })
  }

  async close(): Promise<void> {
    await this.#stop(verifierClosed())
  }

  /** @throws {OperationalError} `verifier-thread-failed` */
  #start(): void {
    const data: VerifierThreadData = { engine: this.#engine.name, memory: this.#ring.memory }
    while (this.#threads.length < this.#threadCount && this.#end === undefined) {
      try {
        this.#threads.push(this.#watch(this.#startThread(data)))
      } catch (error) {
        this.#fail(reasonOf(error), error)
      }
    }
    if (this.#end !== undefined) throw this.#end
  }

  #watch(thread: Worker): Worker {
    thread.on('message', (report: BatchReport) => this.#take(report))
    thread.on('error', (error) => this.#fail(reasonOf(error), error))
    thread.on('exit', (code) => this.#fail(`it ended with the exit code ${code}`))
    return thread
  }

  /** Publishes what there is room for. */
  #publish(): void {
    for (;;) {
      const [call] = this.#unpublished
      const number = this.#ring.next
      if (call === undefined || this.#batches[placeOf(number)] !== undefined) return
      const start = call.published
      const batch = call.checks.slice(start, start + BATCH_CHECKS)
      this.#batches[placeOf(number)] = { call, number, start, count: batch.length }
      call.published += batch.length
      call.batchesOut += 1
      this.#ring.publish(batch)
      if (call.published === call.checks.length) this.#unpublished.shift()
    }
  }

  #take({ number, right }: BatchReport): void {
    if (this.#end !== undefined) return
    const batch = this.#batches[placeOf(number)]
    invariant(
      batch?.number === number && right <= batch.count,
      'A thread reports on what it has taken, once.',
    )
    this.#batches[placeOf(number)] = undefined
    const { call, start, count } = batch
    call.batchesOut -= 1
    call.right += right
    if (right < count) this.#takeWrong(call, start + right)
    if (call.batchesOut === 0) this.#settle(call)
    this.#publish()
  }

  /** What lies behind a wrong check does not matter any more. */
  #takeWrong(call: Call, position: number): void {
    call.wrong = Math.min(position, call.wrong ?? position)
    const index = this.#unpublished.indexOf(call)
    if (index !== -1) this.#unpublished.splice(index, 1)
  }

  /** Ends a call of which no batch is out, unless it goes on. */
  #settle(call: Call): void {
    if (call.wrong === undefined && call.right < call.checks.length) return
    this.#calls.delete(call)
    this.#keepAlive()
    call.resolve(call.wrong)
  }

  /** Lets the threads keep the process alive while there are calls, and only then. */
  #keepAlive(): void {
    for (const thread of this.#threads) {
      if (this.#calls.size === 0) thread.unref()
      else thread.ref()
    }
  }

  #fail(reason: string, cause?: unknown): void {
    if (this.#end !== undefined) return
    const error = verifierThreadFailed(reason, cause)
    this.#reportFailure(error)
    void this.#stop(error)
  }

  /** Rejects the calls under way and those to come, and ends the threads. */
  async #stop(end: OperationalError): Promise<void> {
    this.#end ??= end
    for (const call of this.#calls) call.reject(this.#end)
    this.#calls.clear()
    this.#unpublished.length = 0
    this.#ring.stop()
    await Promise.all(this.#threads.map(endThread))
  }
}

/**
 * Waits until a thread that was stopped has ended. It is terminated only when it does not: native code that is interrupted in
 * the middle of a check ends the whole process.
 */
async function endThread(thread: Worker): Promise<void> {
  if (thread.threadId === -1) return
  const ended = new Promise((resolve) => thread.once('exit', resolve))
  const timer = setTimeout(() => void thread.terminate(), END_PATIENCE)
  await ended
  clearTimeout(timer)
}

/** Starts a thread; its program stands beside this file, as source or compiled. */
export const startVerifierThread: StartThread = (data) =>
  new Worker(workerFile, {
    name: 'verifier',
    workerData: data,
    execArgv: workerArguments,
    env: threadEnvironment(),
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  })

const workerFile = new URL(`./verifier-worker${extname(import.meta.url)}`, import.meta.url)

/** Threads that run from source find the sources of the other packages, however this thread was started. */
const workerArguments: string[] = extname(import.meta.url) === '.ts' ? ['--conditions=@chain/source'] : []

/** Room for short-lived objects of a thread: next to nothing outlives a check, so that more would only take memory. */
const YOUNG_MEGABYTES = 4

/** Milliseconds that a stopped thread has to end: it finishes its batch. */
const END_PATIENCE = 500

/** Threads use the cache of compiled code that the process uses, if it uses one: they start in half the time then. */
function threadEnvironment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir()
  return cache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(cache) }
}
