/**
 * Verifies signatures in Node: native libsecp256k1 where it loads, `@noble/curves` where it does not, on worker threads.
 */
export { type CreateVerifierOptions, createVerifier, defaultThreads } from './create-verifier.ts'
export { type Engine, type EngineName, nobleEngine } from './engine.ts'
export { loadNativeEngine } from './native-engine.ts'
export type { Verifier } from './verifier.ts'
export { MAX_THREADS } from './verifier-pool.ts'
