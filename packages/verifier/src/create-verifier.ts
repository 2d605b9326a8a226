/**
 * Chooses engine and threads.
 */
import { availableParallelism } from 'node:os'
import { OperationalError } from '@chain/core/errors'
import { type Engine, type EngineName, nobleEngine } from './engine.ts'
import { MainThreadVerifier } from './main-thread-verifier.ts'
import { loadNativeEngine } from './native-engine.ts'
import type { Verifier } from './verifier.ts'
import { VerifierPool } from './verifier-pool.ts'

/** Most threads that are started without being asked for, as in Bitcoin Core: the thread that feeds them has limits. */
const MOST_DEFAULT_THREADS = 16

/** How to verify. */
export interface CreateVerifierOptions {
  /**
   * Threads that verify, from 1 to `MAX_THREADS`; 0 for none but the one that asks, which lets other work run in between.
   * {@link defaultThreads} unless told otherwise.
   */
  readonly threads?: number
  /** The engine to use; the native one where it loads, unless told otherwise. */
  readonly engine?: EngineName
  /** Told once, in a sentence, when native code was wanted and could not be loaded. */
  readonly report?: (sentence: string) => void
}

/** One thread for each core that this process may use, 16 at most. */
export function defaultThreads(): number {
  return Math.min(availableParallelism(), MOST_DEFAULT_THREADS)
}

/**
 * Makes a verifier. Threads start when they are first needed, and do not keep the process alive.
 *
 * @throws {OperationalError} `native-crypto-unavailable` only when native code was asked for by name
 */
export function createVerifier(options: CreateVerifierOptions = {}): Verifier {
  const { threads = defaultThreads(), report = () => undefined } = options
  const engine = options.engine === undefined ? chooseEngine(report) : loadEngine(options.engine)
  return threads === 0 ? new MainThreadVerifier(engine) : new VerifierPool(engine, threads)
}

function loadEngine(name: EngineName): Engine {
  return name === 'native' ? loadNativeEngine() : nobleEngine
}

function chooseEngine(report: (sentence: string) => void): Engine {
  try {
    return loadNativeEngine()
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error
    report(`${error.message} Signatures are checked by @noble/curves, about twenty times slower.`)
    return nobleEngine
  }
}
