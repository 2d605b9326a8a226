/**
 * RIPEMD-160 of a SHA-256 digest: in WebAssembly where it can run, else by `@noble/hashes`. Equal results.
 *
 * Not for messages of other lengths: nothing in the protocol hashes them so.
 *
 * Source: Dobbertin, Bosselaers and Preneel, "RIPEMD-160: A Strengthened Version of RIPEMD";
 * tools/ripemd160-program.ts; docs/decisions/0009-webassembly.md
 */
import { ripemd160 } from '@noble/hashes/legacy.js'
import type { Bytes } from '../bytes/index.ts'
import { ripemd160Wasm } from './ripemd160-wasm.ts'
import { instantiateWasm, type WasmMemory } from './webassembly.ts'

/** What the module exports; see tools/ripemd160-program.ts. */
interface Ripemd160Exports extends WasmMemory {
  readonly shorten: () => void
}

/** Addresses in the module's memory. */
const BLOCK = 384
const DIGEST = 448

class WasmRipemd160 {
  readonly #exports: Ripemd160Exports
  readonly #memory: Uint8Array

  constructor(exports: Ripemd160Exports) {
    this.#exports = exports
    this.#memory = new Uint8Array(exports.memory.buffer)
    // Behind the 32 bytes of every message: a one bit, zeros, and 256, the length in bits, least significant byte first.
    this.#memory[BLOCK + 32] = 0x80
    this.#memory[BLOCK + 57] = 1
  }

  shorten(digest: Bytes): Uint8Array {
    this.#memory.set(digest, BLOCK)
    this.#exports.shorten()
    return this.#memory.slice(DIGEST, DIGEST + 20)
  }
}

/** The module's instance; `undefined` where it cannot run; not yet known before the first digest. */
let engine: WasmRipemd160 | undefined
let isKnown = false

/** RIPEMD-160 of `digest` (32 bytes): 20 bytes. */
export function shortenDigest(digest: Bytes): Uint8Array {
  if (!isKnown) {
    const exports = instantiateWasm<Ripemd160Exports>(ripemd160Wasm)
    engine = exports === undefined ? undefined : new WasmRipemd160(exports)
    isKnown = true
  }
  return engine === undefined ? ripemd160(digest) : engine.shorten(digest)
}
