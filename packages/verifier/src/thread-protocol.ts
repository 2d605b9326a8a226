/**
 * What the pool and its threads tell each other; the checks themselves are in the {@link BatchRing}.
 */
import type { EngineName } from './engine.ts'

/** What a thread is given when it starts. */
export interface VerifierThreadData {
  /** The engine that the thread has to use; it fails when it cannot. */
  readonly engine: EngineName
  /** Memory of the ring. */
  readonly memory: SharedArrayBuffer
}

/** A thread is done with a batch; told once for each batch that it takes. */
export interface BatchReport {
  /** Number of the batch. */
  readonly number: number
  /** How many checks, from the first on, the thread has found right: all of them, or those before the first wrong one. */
  readonly right: number
}
