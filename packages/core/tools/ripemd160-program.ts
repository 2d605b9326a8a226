/**
 * The WebAssembly module that `src/crypto` shortens digests with.
 *
 *     shorten()     writes to DIGEST the RIPEMD-160 of the message whose one block, padding included, is at BLOCK
 *
 * Two lines of 80 steps run side by side, so that the processor works on one while the other waits.
 *
 * Source: Dobbertin, Bosselaers and Preneel, "RIPEMD-160: A Strengthened Version of RIPEMD", appendix A
 */
import { loop } from './sha256-rounds.ts'
import { type Code, encodeModule, FunctionBuilder, i32, type Local, sequence } from './wasm-assembler.ts'

/** Addresses in the module's memory; `src/crypto/ripemd160.ts` has the last two. */
const STEPS = 0
const BLOCK = 384
const DIGEST = 448

const ROUNDS = [0, 1, 2, 3, 4] as const
const STEPS_OF_ROUND = 16

/** Bytes of one step in the table: for the left line the offset of its word and the rotation, then for the right line. */
const STEP_LENGTH = 4

/** The five words that the state begins with. */
const initialState = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]

/** Added in each round: fractions of the square roots of 2, 3, 5, 7 on the left, of their cube roots on the right. */
const constants = {
  left: [0, ...[2, 3, 5, 7].map((prime) => Math.floor(2 ** 30 * Math.sqrt(prime)))],
  right: [...[2, 3, 5, 7].map((prime) => Math.floor(2 ** 30 * Math.cbrt(prime))), 0],
}

/** How the order of the words changes from round to round, and the order that the right line begins with. */
const permutation = [7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8]
const rightOrder = permutation.map((_, step) => (9 * step + 5) % 16)

/** Rotations by round and word. */
const rotations = [
  [11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8],
  [12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7],
  [13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9],
  [14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6],
  [15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5],
] as const

/** The table at {@link STEPS}. */
function steps(): Uint8Array {
  let left = permutation.map((_, step) => step)
  let right = rightOrder
  const rows = rotations.flatMap((rotation) => {
    const round = left.map((word, step) => {
      const other = right[step] as number
      return [word * 4, rotation[word] as number, other * 4, rotation[other] as number]
    })
    left = left.map((word) => permutation[word] as number)
    right = right.map((word) => permutation[word] as number)
    return round
  })
  return Uint8Array.from(rows.flat())
}

/** The function that mixes three words: by round on the left, in the opposite order on the right. */
const mixers: readonly ((x: Code, y: Code, z: Code) => Code)[] = [
  (x, y, z) => i32.xor(x, i32.xor(y, z)),
  (x, y, z) => i32.xor(z, i32.and(x, i32.xor(y, z))),
  (x, y, z) => i32.xor(i32.or(x, not(y)), z),
  (x, y, z) => i32.xor(y, i32.and(z, i32.xor(x, y))),
  (x, y, z) => i32.xor(x, i32.or(y, not(z))),
]

function not(word: Code): Code {
  return i32.xor(word, i32.const(-1))
}

/** One of the two lines. */
interface Line {
  /** The working variables a to e. */
  readonly working: readonly Local[]
  readonly constants: readonly number[]
  /** Which of {@link mixers} a round uses. */
  readonly mixer: (round: number) => number
  /** Where in a step's row of the table this line's bytes stand. */
  readonly place: number
}

/** One step of a line. @param cursor - where in the round's part of the table the step is */
function step(line: Line, round: number, cursor: Local, scratch: Local): Code {
  const [a, b, c, d, e] = line.working as [Local, Local, Local, Local, Local]
  const row = STEPS + round * STEPS_OF_ROUND * STEP_LENGTH + line.place
  const mix = mixers[line.mixer(round)] as (x: Code, y: Code, z: Code) => Code
  const word = i32.load(i32.load8U(cursor.get, row), BLOCK)
  const constant = i32.const(line.constants[round] as number)
  const sum = i32.add(i32.add(a.get, i32.add(word, constant)), mix(b.get, c.get, d.get))
  return sequence(
    scratch.set(i32.add(i32.rotl(sum, i32.load8U(cursor.get, row + 1)), e.get)),
    a.set(e.get),
    e.set(d.get),
    d.set(i32.rotl(c.get, i32.const(10))),
    c.set(b.get),
    b.set(scratch.get),
  )
}

function shorten(): FunctionBuilder {
  const builder = new FunctionBuilder(0)
  const [cursor, scratch] = [builder.local('i32'), builder.local('i32')]
  const left: Line = {
    working: builder.locals('i32', 5),
    constants: constants.left,
    mixer: (round) => round,
    place: 0,
  }
  const right: Line = {
    working: builder.locals('i32', 5),
    constants: constants.right,
    mixer: (round) => 4 - round,
    place: 2,
  }
  const enter = [left, right].flatMap(({ working }) =>
    working.map((word, index) => word.set(i32.const(initialState[index] as number))),
  )
  const rounds = ROUNDS.map((round) => {
    const both = sequence(step(left, round, cursor, scratch), step(right, round, cursor, scratch))
    return loop(cursor, both, STEP_LENGTH, STEPS_OF_ROUND * STEP_LENGTH)
  })
  // Each word of the result comes from the state, the left line and the right line, one place further on in each.
  const leave = initialState.map((_, index) => {
    const lines = i32.add(
      (left.working[(index + 2) % 5] as Local).get,
      (right.working[(index + 3) % 5] as Local).get,
    )
    const sum = i32.add(i32.const(initialState[(index + 1) % 5] as number), lines)
    return i32.store(i32.const(DIGEST), sum, index * 4)
  })
  return builder.emit(...enter, ...rounds, ...leave)
}

/** The module. */
export function assembleRipemd160(): Uint8Array {
  return encodeModule({ shorten: shorten() }, steps())
}
