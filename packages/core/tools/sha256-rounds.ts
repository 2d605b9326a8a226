/**
 * The compression function of SHA-256 as WebAssembly instructions, written once for one message (`i32`) and for four
 * messages side by side (`v128`, one message per lane).
 *
 * Source: FIPS 180-4, sections 4.1.2, 4.2.2 and 6.2.2
 */
import {
  type Code,
  doWhile,
  type FunctionBuilder,
  i32,
  type Local,
  sequence,
  v128,
} from './wasm-assembler.ts'

/** The operations that the two widths differ in. */
export interface Width {
  readonly type: 'i32' | 'v128'
  /** Bytes of one word of every message. */
  readonly bytes: number
  readonly add: (left: Code, right: Code) => Code
  readonly and: (left: Code, right: Code) => Code
  readonly xor: (left: Code, right: Code) => Code
  /** The exclusive or of `word` rotated right by each of `rotations` and shifted right by `shift`. */
  readonly mix: (word: Code, rotations: readonly number[], shift?: number) => Code
  readonly load: (address: Code, offset: number) => Code
  readonly store: (address: Code, value: Code, offset: number) => Code
  /** The same 32 bits for every message. */
  readonly loadConstant: (address: Code, offset: number) => Code
}

/** One message. */
export const scalar: Width = {
  ...i32,
  type: 'i32',
  bytes: 4,
  mix(word, rotations, shift) {
    const rotated = rotations.map((count) => i32.rotr(word, i32.const(count)))
    return balance(i32.xor, [...rotated, ...(shift === undefined ? [] : [i32.shrU(word, i32.const(shift))])])
  },
  loadConstant: i32.load,
}

/** Four messages. Vectors cannot be rotated, so that a rotation is two shifts. */
export const fourLanes: Width = {
  ...v128,
  type: 'v128',
  bytes: 16,
  mix(word, rotations, shift) {
    const shifted = rotations.flatMap((count) => [
      v128.shrU(word, i32.const(count)),
      v128.shl(word, i32.const(32 - count)),
    ])
    return balance(v128.xor, [
      ...shifted,
      ...(shift === undefined ? [] : [v128.shrU(word, i32.const(shift))]),
    ])
  },
  loadConstant: v128.load32Splat,
}

/** Joins operands as a tree: less deep than a chain, so that the processor can do more at a time. */
function balance(join: (left: Code, right: Code) => Code, operands: readonly Code[]): Code {
  if (operands.length === 1) return operands[0] as Code
  const half = Math.ceil(operands.length / 2)
  return join(balance(join, operands.slice(0, half)), balance(join, operands.slice(half)))
}

/** The 64 round constants. */
export const roundConstants: Uint32Array = Uint32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)))

/** The eight words that the state begins with. */
export const initialState: Uint32Array = Uint32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)))

function primes(count: number): number[] {
  const found: number[] = []
  for (let value = 2; found.length < count; value++) {
    if (found.every((prime) => value % prime !== 0)) found.push(value)
  }
  return found
}

/** The first 32 bits of the fractional part. */
function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32)
}

/** The variables of a compression under construction. */
interface RoundVariables {
  /** `i32`: where the loop under way is, in bytes. */
  readonly cursor: Local
  /** `i32`: where in the schedule the rounds are, in bytes. */
  readonly position: Local
  /** The working variables a to h. */
  readonly working: readonly Local[]
  /** `a ^ b` of this round and of the one before, by turns. */
  readonly differences: readonly [Local, Local]
  readonly scratch: Local
}

function declareRoundVariables(builder: FunctionBuilder, { type }: Width): RoundVariables {
  return {
    cursor: builder.local('i32'),
    position: builder.local('i32'),
    working: builder.locals(type, 8),
    differences: [builder.local(type), builder.local(type)],
    scratch: builder.local(type),
  }
}

/**
 * Extends the message schedule from 16 words to 64, two in a turn of the loop.
 *
 * @param schedule - its address
 */
function extendSchedule(width: Width, variables: RoundVariables, schedule: Code): Code {
  const { add, mix, load, store, bytes } = width
  const { cursor, position, differences, scratch } = variables
  const word = (index: number): Code => load(position.get, index * bytes)
  const steps = differences.map((recent, index) => {
    // The word before the last stays in a variable: through memory, each step would wait for the store before.
    const small0 = mix(scratch.get, [7, 18], 3)
    const small1 = mix(recent.get, [17, 19], 10)
    const sum = add(add(word(index), word(index + 9)), small0)
    return sequence(
      scratch.set(word(index + 1)),
      store(position.get, recent.tee(add(sum, small1)), (index + 16) * bytes),
    )
  })
  const advance = position.set(i32.add(schedule, cursor.get))
  return sequence(
    ...differences.map((recent, index) => recent.set(load(schedule, (14 + index) * bytes))),
    loop(cursor, sequence(advance, ...steps), 2 * bytes, 48 * bytes),
  )
}

/**
 * The 64 rounds, eight in a turn of the loop: after eight rounds each working variable is in its place again.
 *
 * @param schedule - address of the message schedule
 * @param constants - address of the round constants
 */
function rounds(width: Width, variables: RoundVariables, schedule: Code, constants: number): Code {
  const { cursor, position, working, differences } = variables
  const [, b, c] = working as [Local, Local, Local]
  const eight = working.map((_, index) => round(width, variables, constants, index))
  const advance = position.set(i32.add(schedule, i32.mul(cursor.get, i32.const(width.bytes / 4))))
  return sequence(
    differences[1].set(width.xor(b.get, c.get)),
    loop(cursor, sequence(advance, ...eight), 8 * 4, 64 * 4),
  )
}

/**
 * One round of a turn of the loop.
 *
 * @param index - 0 to 7; the working variables have moved on by as many places
 */
function round(width: Width, variables: RoundVariables, constants: number, index: number): Code {
  const { add, and, xor, mix, load, loadConstant, bytes } = width
  const { cursor, position, working, differences, scratch } = variables
  const at = (place: number): Local => working[(place - index) & 7] as Local
  const [a, b, d, e, f, g, h] = [at(0), at(1), at(3), at(4), at(5), at(6), at(7)]
  const [now, before] = index % 2 === 0 ? differences : [differences[1], differences[0]]
  const constant = loadConstant(cursor.get, constants + index * 4)
  const word = load(position.get, index * bytes)
  const choice = xor(g.get, and(e.get, xor(f.get, g.get)))
  const majority = xor(b.get, and(now.tee(xor(a.get, b.get)), before.get))
  const big1 = mix(e.get, [6, 11, 25])
  const big0 = mix(a.get, [2, 13, 22])
  return sequence(
    scratch.set(add(add(add(h.get, add(constant, word)), choice), big1)),
    d.set(add(d.get, scratch.get)),
    h.set(add(add(scratch.get, majority), big0)),
  )
}

/**
 * Compresses one block: extends the schedule, runs the rounds from the state, and stores the state plus the result.
 *
 * @param schedule - address of the message schedule, whose first 16 words are there
 * @param state - address of the state, words as {@link Width} has them
 * @param output - address for the new state; may be `state`
 */
export function compressSchedule(
  builder: FunctionBuilder,
  width: Width,
  addresses: {
    readonly schedule: Code
    readonly state: Code
    readonly output: Code
    readonly constants: number
  },
): Code {
  const { schedule, state, output, constants } = addresses
  const { add, load, store, bytes } = width
  const variables = declareRoundVariables(builder, width)
  const stateWord = (index: number): Code => load(state, index * bytes)
  return sequence(
    extendSchedule(width, variables, schedule),
    ...variables.working.map((word, index) => word.set(stateWord(index))),
    rounds(width, variables, schedule, constants),
    ...variables.working.map((word, index) => store(output, add(stateWord(index), word.get), index * bytes)),
  )
}

/** Runs `body` with `cursor` at 0, `step`, 2 `step` and so on below `end`. */
export function loop(cursor: Local, body: Code, step: number, end: number): Code {
  const next = cursor.tee(i32.add(cursor.get, i32.const(step)))
  return sequence(cursor.set(i32.const(0)), doWhile(body, i32.sub(next, i32.const(end))))
}
