/**
 * What the main thread and the threads that search nonces say to each other.
 *
 * Messages carry jobs and results. A shared array of counters carries what must be seen while a thread is busy: which
 * job is current, so that a thread stops within one chunk when it is not its own, and how many hashes were made.
 */

/** A range of nonces to search, sent to a thread. */
export interface NonceJob {
  /** Number of the job: threads work while it is the current one. */
  readonly job: number
  /** The 80 bytes of the header; its nonce is ignored. */
  readonly header: Uint8Array
  /** First nonce of this thread's range. */
  readonly start: number
  /** How many nonces the range has. */
  readonly count: number
}

/** How a thread's range ended, sent back once for each job. */
export interface NonceResult {
  readonly job: number
  /** The nonce with which the header meets its target, if there was one. */
  readonly nonce: number | undefined
}

/** What a thread is given when it starts. */
export interface NonceThreadData {
  /** {@link Counter} values: 32-bit, shared. */
  readonly counters: Int32Array
}

/** Positions of the shared counters. */
export const Counter = {
  /** Number of the current job. */
  job: 0,
  /** Chunks searched by all threads since their start, wrapping at 32 bits. */
  chunks: 1,
} as const

/** How many counters there are. */
export const COUNTERS = 2
