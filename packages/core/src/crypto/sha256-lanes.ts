/**
 * Double SHA-256 of many messages, four side by side in the lanes of vectors: about twice as fast as one after the
 * other. Falls back to one after the other where WebAssembly cannot run. Equal results.
 *
 * Source: FIPS 180-4; tools/sha256-program.ts
 */
import type { Bytes } from '../bytes/index.ts'
import { hash256 } from './sha256.ts'
import { sha256LanesWasm } from './sha256-wasm.ts'
import { instantiateWasm, type WasmMemory } from './webassembly.ts'

/** What the module exports; see tools/sha256-program.ts. */
interface LanesExports extends WasmMemory {
  readonly begin: (state: number, count: number) => void
  readonly compress4: (states: number, p0: number, p1: number, p2: number, p3: number, blocks: number) => void
}

/** Addresses in the module's memory that are free for us. */
const STATES = 2_048
const PAIR_PADDING = 2_176
const DIGESTS = 2_304
const DATA = 4_096

const BLOCK = 64
const LANES = 4

/** Bytes of memory for each lane's data, and of its messages that are copied there at a time. */
const LANE_ROOM = 15_360
const LANE_CHUNK = 15_232

/** Pairs that are hashed in the memory at a time; divisible by 4. */
const PAIRS_AT_ONCE = 960

/** Fewer messages are hashed one after the other. */
const FEWEST_MESSAGES = 8

/** A message of more than this part of all bytes is hashed alone: one busy lane is slower than no lanes. */
const LARGE_SHARE = 8

/** Fewer pairs are hashed one after the other. */
const FEWEST_PAIRS = 3

/** Bytes behind the 32 of a digest that make them a whole block: a one bit, zeros, the length in bits. */
const DIGEST_PADDING: Bytes = Uint8Array.from({ length: 32 }, (_, index) => {
  return index === 0 ? 0x80 : index === 30 ? 1 : 0
})

/**
 * Writes the last bytes of a message and the padding that belongs behind them, and returns how many blocks they take.
 *
 * @param memory - has room for 72 bytes more than `rest`, from `address` on
 * @param length - of the whole message
 */
function padInto(memory: Uint8Array, address: number, rest: Bytes, length: number): number {
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

/** The message that a lane works on. */
class Lane {
  /** Address of the state. */
  readonly state: number
  /** Position of the message in the list; -1 in an idle lane. */
  index = -1
  /** Address of the next block. */
  pointer: number
  /** Blocks in the memory that are still to be compressed. */
  ready = 0
  /** Whether it is the digest that is hashed now. */
  isSecond = false
  readonly #memory: Uint8Array
  readonly #data: number
  readonly #digest: number
  #message: Bytes = NOTHING
  #at = 0

  constructor(memory: Uint8Array, position: number) {
    this.#memory = memory
    this.state = STATES + position * 32
    this.#data = DATA + position * LANE_ROOM
    this.#digest = DIGESTS + position * BLOCK
    this.pointer = this.#data
    memory.set(DIGEST_PADDING, this.#digest + 32)
  }

  /** Takes a message; its state must begin anew. */
  load(index: number, message: Bytes): void {
    this.index = index
    this.isSecond = false
    this.#message = message
    this.#at = 0
    this.refill()
  }

  /** Copies the next blocks of the message into the memory. Whether there were any. */
  refill(): boolean {
    const { length } = this.#message
    if (this.#at > length) return false
    this.pointer = this.#data
    if (length - this.#at > LANE_CHUNK) {
      this.#memory.set(this.#message.subarray(this.#at, this.#at + LANE_CHUNK), this.#data)
      this.ready = LANE_CHUNK / BLOCK
      this.#at += LANE_CHUNK
    } else {
      const rest = this.#at === 0 ? this.#message : this.#message.subarray(this.#at)
      this.ready = padInto(this.#memory, this.#data, rest, length)
      this.#at = length + 1
    }
    return true
  }

  /** Goes on with the digest of the message; its state must begin anew. */
  loadDigest(): void {
    this.isSecond = true
    this.#memory.copyWithin(this.#digest, this.state, this.state + 32)
    this.pointer = this.#digest
    this.ready = 1
  }

  /** The digest. */
  get result(): Uint8Array {
    return this.#memory.slice(this.state, this.state + 32)
  }

  /** Has nothing more to do, and holds on to no message. */
  idle(): void {
    this.index = -1
    this.#message = NOTHING
    this.pointer = this.#data
    this.ready = 0
  }
}

const NOTHING: Bytes = new Uint8Array()

class WasmLanes {
  readonly #exports: LanesExports
  readonly #memory: Uint8Array
  readonly #lanes: readonly [Lane, Lane, Lane, Lane]

  constructor(exports: LanesExports) {
    this.#exports = exports
    this.#memory = new Uint8Array(exports.memory.buffer)
    const memory = this.#memory
    this.#lanes = [new Lane(memory, 0), new Lane(memory, 1), new Lane(memory, 2), new Lane(memory, 3)]
    padInto(memory, PAIR_PADDING, NOTHING, 64)
  }

  /** Each lane takes the next message as soon as it has done one, whatever the lengths. */
  hashTwiceAll(messages: readonly Bytes[]): Uint8Array[] {
    const results: Uint8Array[] = messages.map(() => NOTHING)
    const lanes = this.#lanes
    let next = 0
    let busy = 0
    for (const lane of lanes) {
      if (next === messages.length) break
      this.#start(lane, next, messages[next] as Bytes)
      next += 1
      busy += 1
    }
    while (busy > 0) {
      const blocks = this.#compress()
      for (const lane of lanes) {
        if (lane.index === -1) continue
        lane.ready -= blocks
        lane.pointer += blocks * BLOCK
        if (lane.ready > 0 || (!lane.isSecond && lane.refill())) continue
        if (!lane.isSecond) {
          lane.loadDigest()
          this.#exports.begin(lane.state, 1)
          continue
        }
        results[lane.index] = lane.result
        if (next < messages.length) {
          this.#start(lane, next, messages[next] as Bytes)
          next += 1
        } else {
          lane.idle()
          busy -= 1
        }
      }
    }
    return results
  }

  #start(lane: Lane, index: number, message: Bytes): void {
    lane.load(index, message)
    this.#exports.begin(lane.state, 1)
  }

  /** Compresses as many blocks as all busy lanes have, and returns how many; idle lanes compress what lies there. */
  #compress(): number {
    const [a, b, c, d] = this.#lanes
    let blocks = LANE_ROOM / BLOCK
    for (const { index, ready } of this.#lanes) if (index !== -1 && ready < blocks) blocks = ready
    this.#exports.compress4(STATES, a.pointer, b.pointer, c.pointer, d.pointer, blocks)
    return blocks
  }

  /** Hashes pairs in place: what is written is behind what is still to be read. */
  hashPairs(pairs: Bytes, output: Uint8Array): void {
    const count = pairs.length / BLOCK
    for (let first = 0; first < count; first += PAIRS_AT_ONCE) {
      const size = Math.min(PAIRS_AT_ONCE, count - first)
      this.#memory.set(pairs.subarray(first * BLOCK, (first + size) * BLOCK), DATA)
      for (let at = 0; at < size; at += LANES) this.#hashFourPairs(DATA + at * BLOCK, DATA + at * 32)
      output.set(this.#memory.subarray(DATA, DATA + size * 32), first * 32)
    }
  }

  #hashFourPairs(from: number, to: number): void {
    const { begin, compress4 } = this.#exports
    begin(STATES, LANES)
    compress4(STATES, from, from + BLOCK, from + 2 * BLOCK, from + 3 * BLOCK, 1)
    compress4(STATES, PAIR_PADDING, PAIR_PADDING, PAIR_PADDING, PAIR_PADDING, 1)
    for (let lane = 0; lane < LANES; lane++) {
      const state = STATES + lane * 32
      this.#memory.copyWithin(DIGESTS + lane * BLOCK, state, state + 32)
    }
    begin(STATES, LANES)
    compress4(STATES, DIGESTS, DIGESTS + BLOCK, DIGESTS + 2 * BLOCK, DIGESTS + 3 * BLOCK, 1)
    this.#memory.copyWithin(to, STATES, STATES + LANES * 32)
  }
}

/** The module's instance; `undefined` where it cannot run; not yet known before the first use. */
let engine: WasmLanes | undefined
let isKnown = false

function findEngine(): WasmLanes | undefined {
  if (!isKnown) {
    const exports = instantiateWasm<LanesExports>(sha256LanesWasm)
    engine = exports === undefined ? undefined : new WasmLanes(exports)
    isKnown = true
  }
  return engine
}

/** The double SHA-256 of every message, in their order. */
export function hash256All(messages: readonly Bytes[]): Uint8Array[] {
  const wasm = messages.length < FEWEST_MESSAGES ? undefined : findEngine()
  if (wasm === undefined) return messages.map(hash256)
  const total = messages.reduce((sum, { length }) => sum + length, 0)
  const isAlone = ({ length }: Bytes): boolean => length > total / LARGE_SHARE
  if (!messages.some(isAlone)) return wasm.hashTwiceAll(messages)
  const others = wasm.hashTwiceAll(messages.filter((message) => !isAlone(message)))
  let next = 0
  return messages.map((message) => (isAlone(message) ? hash256(message) : (others[next++] as Uint8Array)))
}

/**
 * The double SHA-256 of every 64 bytes, 32 bytes each, one after the other: a level of a Merkle tree from the one below.
 *
 * @param pairs - a multiple of 64 bytes
 */
export function hash256Pairs(pairs: Bytes): Uint8Array {
  const output = new Uint8Array(pairs.length / 2)
  const wasm = pairs.length < FEWEST_PAIRS * BLOCK ? undefined : findEngine()
  if (wasm !== undefined) wasm.hashPairs(pairs, output)
  else {
    for (let at = 0; at < pairs.length; at += BLOCK)
      output.set(hash256(pairs.subarray(at, at + BLOCK)), at / 2)
  }
  return output
}
