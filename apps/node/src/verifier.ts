/**
 * The signature verifier of a node, with as many threads as `--par` says.
 *
 * Source: Bitcoin Core, `-par`; docs/decisions/0012-native-signatures.md
 */
import { availableParallelism } from 'node:os'
import { createVerifier, MAX_THREADS, type Verifier } from '@chain/verifier'

/** What `--par` is unless told otherwise: a thread for each core. */
export const DEFAULT_PAR = 0

/** Most threads that `--par` asks for, and most cores that it leaves free. */
export const MAX_PAR: number = MAX_THREADS

/**
 * Makes the verifier of a process, to be closed by its caller when nothing is checked any more.
 *
 * @param par - 0 for a thread for each core, up to 16; n for n threads; 1 for none but the main thread; -n to leave n cores free
 * @param report - told, in a sentence, when native code cannot be loaded
 */
export function openVerifier(par: number, report: (sentence: string) => void): Verifier {
  const threads = threadsOf(par, availableParallelism())
  return createVerifier(threads === undefined ? { report } : { threads, report })
}

/** Threads besides the main one, or `undefined` for the verifier's own choice. */
export function threadsOf(par: number, cores: number): number | undefined {
  if (par === 0) return undefined
  const wanted = par > 0 ? par : cores + par
  return wanted <= 1 ? 0 : wanted
}
