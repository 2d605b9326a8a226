/**
 * The inner loop of the nonce search in WebAssembly: four nonces at a time, from the state after the header's first 64
 * bytes. It finds candidates, whose hashes have a top word that is not above the target's; the caller decides.
 *
 * Source: tools/nonce-program.ts
 */
import type { Bytes } from '../bytes/index.ts'
import { sha256Midstate } from '../crypto/sha256.ts'
import { instantiateWasm, type WasmMemory } from '../crypto/webassembly.ts'
import { nonceWasm } from './nonce-wasm.ts'

/** What the module exports; see tools/nonce-program.ts. */
interface NonceExports extends WasmMemory {
  readonly search: (steps: number) => number
}

/** Addresses in the module's memory, as in tools/nonce-program.ts. */
const MIDSTATE = 384
const HASH = 512
const NONCES = 640
const LIMIT = 656
const HEADER = 1_024
const DIGEST = 2_048

const LANES = 4

/** Four nonces that were tried together, one of which may be good. */
export interface NonceCandidate {
  /** The first of the four. */
  readonly first: number
  /** Their hashes, each as eight words, least significant first. */
  readonly hashes: readonly Uint32Array[]
}

/** A search under way: one header at a time. */
export class NonceScanner {
  readonly #exports: NonceExports
  readonly #view: DataView

  private constructor(exports: NonceExports) {
    this.#exports = exports
    this.#view = new DataView(exports.memory.buffer)
  }

  /** A scanner, or `undefined` where WebAssembly cannot run. */
  static create(): NonceScanner | undefined {
    const exports = instantiateWasm<NonceExports>(nonceWasm)
    return exports === undefined ? undefined : new NonceScanner(exports)
  }

  /**
   * Prepares the search of a header's nonces.
   *
   * @param header - 80 bytes; the nonce is ignored
   * @param limit - most significant word of the target
   * @returns whether the search can run
   */
  prepare(header: Bytes, limit: number): boolean {
    const midstate = sha256Midstate(header.subarray(0, 64))
    if (midstate === undefined) return false
    const state = new DataView(midstate.buffer)
    for (let word = 0; word < 8; word++) this.#splat(MIDSTATE + word * 16, state.getUint32(word * 4))
    const tail = new DataView(header.buffer, header.byteOffset + 64, 12)
    for (let word = 0; word < 3; word++) this.#splat(HEADER + word * 16, tail.getUint32(word * 4))
    this.#pad(HEADER, 4, 640)
    this.#pad(DIGEST, 8, 256)
    this.#splat(LIMIT, limit)
    return true
  }

  /** The next candidate from `first` on, within `count` nonces rounded up to four; or `undefined`. */
  scan(first: number, count: number): NonceCandidate | undefined {
    for (let lane = 0; lane < LANES; lane++) this.#view.setUint32(NONCES + lane * 4, first + lane, true)
    const steps = Math.ceil(count / LANES)
    const left = this.#exports.search(steps)
    return left === 0 ? undefined : { first: first + (steps - left) * LANES, hashes: this.#hashes() }
  }

  #hashes(): Uint32Array[] {
    return Array.from({ length: LANES }, (_, lane) =>
      Uint32Array.from({ length: 8 }, (_, word) => this.#view.getUint32(HASH + word * 16 + lane * 4)),
    )
  }

  /** The padding of a message: a one bit at word `end`, zeros, and the length in bits as word 15. */
  #pad(address: number, end: number, bits: number): void {
    for (let word = end; word < 16; word++) {
      this.#splat(address + word * 16, word === end ? 0x80000000 : word === 15 ? bits : 0)
    }
  }

  #splat(address: number, word: number): void {
    for (let lane = 0; lane < LANES; lane++) this.#view.setUint32(address + lane * 4, word, true)
  }
}
