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
}

/** Addresses in the module's memory that are free for us. */
const STATE = 2_048
const DIGEST = 2_112
const DATA = 4_096

/** Bytes that are copied into the module at a time: whole blocks, with room for the padding behind them. */
const CHUNK = 61_312

const BLOCK = 64

/** Bytes behind the 32 of a digest that make them a whole block: a one bit, zeros, the length in bits. */
export const DIGEST_PADDING: Bytes = Uint8Array.from({ length: 32 }, (_, index) => {
  return index === 0 ? 0x80 : index === 30 ? 1 : 0
})

class WasmSha256 {
  readonly #exports: Sha256Exports
  readonly #memory: Uint8Array

  constructor(exports: Sha256Exports) {
    this.#exports = exports
    this.#memory = new Uint8Array(exports.memory.buffer)
    this.#memory.set(DIGEST_PADDING, DIGEST + 32)
  }

  hash(bytes: Bytes): Uint8Array {
    this.#absorb(bytes)
    return this.#memory.slice(STATE, STATE + 32)
  }

  hashTwice(bytes: Bytes): Uint8Array {
    this.#absorb(bytes)
    this.#memory.copyWithin(DIGEST, STATE, STATE + 32)
    this.#exports.begin(STATE, 1)
    this.#exports.compress(STATE, DIGEST, 1)
    return this.#memory.slice(STATE, STATE + 32)
  }

  /** The state after one block. */
  compressFirst(block: Bytes): Uint8Array {
    this.#exports.begin(STATE, 1)
    this.#memory.set(block, DATA)
    this.#exports.compress(STATE, DATA, 1)
    return this.#memory.slice(STATE, STATE + 32)
  }

  #absorb(bytes: Bytes): void {
    const { begin, compress } = this.#exports
    begin(STATE, 1)
    let at = 0
    for (; bytes.length - at > CHUNK; at += CHUNK) {
      this.#memory.set(bytes.subarray(at, at + CHUNK), DATA)
      compress(STATE, DATA, CHUNK / BLOCK)
    }
    const blocks = padInto(this.#memory, DATA, at === 0 ? bytes : bytes.subarray(at), bytes.length)
    compress(STATE, DATA, blocks)
  }
}

/**
 * Writes the last bytes of a message and the padding that belongs behind them, and returns how many blocks they take.
 *
 * @param memory - has room for 72 bytes more than `rest`, from `address` on
 * @param length - of the whole message
 */
export function padInto(memory: Uint8Array, address: number, rest: Bytes, length: number): number {
  memory.set(rest, address)
  const end = address + rest.length
  const blocks = (rest.length + 9 + BLOCK - 1) >>> 6
  const last = address + blocks * BLOCK
  memory[end] = 0x80
  for (let at = end + 1; at < last; at++) memory[at] = 0
  // The length in bits, below 2^53.
  let left = length * 8
  for (let at = last - 1; left > 0; at--) {
    memory[at] = left % 256
    left = Math.floor(left / 256)
  }
  return blocks
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
