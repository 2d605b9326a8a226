/**
 * SHA-256 of one message: in WebAssembly where it can run, else by `@noble/hashes`. Equal results.
 *
 * The module is made when the first message is hashed. Many messages: `sha256-lanes`.
 *
 * Source: FIPS 180-4; tools/sha256-program.ts; docs/decisions/0009-webassembly.md
 */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import type { Bytes } from '../bytes/index.ts'
import { sha256Wasm } from './sha256-wasm.ts'
import { instantiateWasm, type WasmMemory } from './webassembly.ts'

/** What the module exports; see tools/sha256-program.ts. */
interface Sha256Exports extends WasmMemory {
  readonly begin: (state: number, count: number) => void
  readonly compress: (state: number, data: number, blocks: number) => void
  readonly finish: (rest: number, high: number, low: number) => void
  readonly hash: (length: number) => void
  readonly again: () => void
  readonly hashTwice: (length: number) => void
}

/** Addresses in the module's memory. */
const STATE = 2_048
const DATA = 4_096

/** Bytes that are copied into the module at a time: whole blocks, with room for the padding behind them. */
const CHUNK = 61_312

const BLOCK = 64

class WasmSha256 {
  readonly #exports: Sha256Exports
  readonly #memory: Uint8Array

  constructor(exports: Sha256Exports) {
    this.#exports = exports
    this.#memory = new Uint8Array(exports.memory.buffer)
  }

  hash(bytes: Bytes): Uint8Array {
    if (this.#load(bytes)) this.#exports.hash(bytes.length)
    else this.#absorb(bytes)
    return this.#memory.slice(STATE, STATE + 32)
  }

  hashTwice(bytes: Bytes): Uint8Array {
    if (this.#load(bytes)) this.#exports.hashTwice(bytes.length)
    else {
      this.#absorb(bytes)
      this.#exports.again()
    }
    return this.#memory.slice(STATE, STATE + 32)
  }

  /** The state after one block. */
  compressFirst(block: Bytes): Uint8Array {
    this.#exports.begin(STATE, 1)
    this.#memory.set(block, DATA)
    this.#exports.compress(STATE, DATA, 1)
    return this.#memory.slice(STATE, STATE + 32)
  }

  /** Copies a whole message into the memory. Whether it is short enough for that. */
  #load(bytes: Bytes): boolean {
    if (bytes.length > CHUNK) return false
    this.#memory.set(bytes, DATA)
    return true
  }

  /** Hashes a long message. */
  #absorb(bytes: Bytes): void {
    const { begin, compress, finish } = this.#exports
    const { length } = bytes
    begin(STATE, 1)
    let at = 0
    for (; length - at > CHUNK; at += CHUNK) {
      this.#memory.set(bytes.subarray(at, at + CHUNK), DATA)
      compress(STATE, DATA, CHUNK / BLOCK)
    }
    this.#memory.set(bytes.subarray(at), DATA)
    finish(length - at, Math.floor(length / 2 ** 29), length * 8)
  }
}

/** The module's instance; `undefined` where it cannot run; not yet known before the first hash. */
let engine: WasmSha256 | undefined
let isKnown = false

function findEngine(): WasmSha256 | undefined {
  if (!isKnown) {
    const exports = instantiateWasm<Sha256Exports>(sha256Wasm)
    engine = exports === undefined ? undefined : new WasmSha256(exports)
    isKnown = true
  }
  return engine
}

/** SHA-256: 32 bytes. Source: FIPS 180-4. */
export function sha256(bytes: Bytes): Uint8Array {
  const wasm = findEngine()
  return wasm === undefined ? nobleSha256(bytes) : wasm.hash(bytes)
}

/** SHA-256 of SHA-256: 32 bytes. What Bitcoin calls the hash of a block or transaction. */
export function hash256(bytes: Bytes): Uint8Array {
  const wasm = findEngine()
  return wasm === undefined ? nobleSha256(nobleSha256(bytes)) : wasm.hashTwice(bytes)
}

/**
 * The inner state of SHA-256 after one block: 32 bytes, or `undefined` where there is no WebAssembly to go on with it.
 *
 * @param block - 64 bytes
 */
export function sha256Midstate(block: Bytes): Uint8Array | undefined {
  return findEngine()?.compressFirst(block)
}
