/**
 * The WebAssembly modules that `src/crypto` hashes with.
 *
 * Both:
 *
 *     begin(state, count)                       count states become SHA-256's initial state
 *
 * One message, whose state lies at STATE and whose bytes the caller writes to DATA:
 *
 *     hash(length)                              a whole message, from its beginning to its digest
 *     hashTwice(length)                         the same, and again
 *     again()                                   the digest becomes its own digest
 *     compress(state, data, blocks)             blocks of 64 bytes of a message that is longer than the memory
 *     finish(rest, high, low)                   the rest of it; high and low are the words of its whole length in bits
 *
 * Four messages, whose padding is for the caller:
 *
 *     compress4(states, p0, p1, p2, p3, blocks) states of 32 bytes one after the other, data at p0 to p3
 *
 * A state is 32 bytes, as a digest is: eight words, most significant byte first. The addresses are in `src/crypto` too.
 */
import {
  compressSchedule,
  fourLanes,
  initialState,
  loop,
  roundConstants,
  scalar,
  type Width,
} from './sha256-rounds.ts'
import {
  type Code,
  call,
  doWhile,
  encodeModule,
  FunctionBuilder,
  i32,
  type Local,
  sequence,
  v128,
} from './wasm-assembler.ts'

/** Addresses in the modules' memory. */
const CONSTANTS = 0
const INITIAL = 256
const LANES = 512
const SCHEDULE = 640

/** Addresses that the caller uses too; in the module of four messages, all from 2,048 on is the caller's. */
const STATE = 2_048
const DATA = 4_096

/** Bytes of a block, and of a state. */
const BLOCK = 64
const STATE_LENGTH = 32

/** Positions of the bytes in a vector of four words with the bytes of each word reversed. */
const REVERSED = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]

function swapBytes(vector: Code): Code {
  return v128.shuffle(vector, vector, REVERSED)
}

/** Compresses the schedule at {@link SCHEDULE} into the state at {@link LANES}. */
function compressBlock(builder: FunctionBuilder, width: Width): Code {
  const state = i32.const(LANES)
  return compressSchedule(builder, width, {
    schedule: i32.const(SCHEDULE),
    state,
    output: state,
    constants: CONSTANTS,
  })
}

/** Runs `body` for one block after the other. */
function forEachBlock(pointers: readonly Local[], blocks: Local, body: Code): Code {
  const advance = pointers.map((pointer) => pointer.set(i32.add(pointer.get, i32.const(BLOCK))))
  return doWhile(sequence(body, ...advance), blocks.tee(i32.sub(blocks.get, i32.const(1))))
}

function begin(): FunctionBuilder {
  const builder = new FunctionBuilder(2)
  const [state, count] = builder.parameters as [Local, Local]
  const copy = [0, 16].map((offset) => v128.store(state.get, v128.load(i32.const(INITIAL), offset), offset))
  const next = state.set(i32.add(state.get, i32.const(STATE_LENGTH)))
  return builder.emit(doWhile(sequence(...copy, next), count.tee(i32.sub(count.get, i32.const(1)))))
}

function compress(): FunctionBuilder {
  const builder = new FunctionBuilder(3)
  const [state, data, blocks] = builder.parameters as [Local, Local, Local]
  const copySwapped = (to: Code, from: Code, at: number): Code =>
    v128.store(to, swapBytes(v128.load(from, at)), at)
  const enter = [0, 16].map((at) => copySwapped(i32.const(LANES), state.get, at))
  const load = [0, 16, 32, 48].map((at) => copySwapped(i32.const(SCHEDULE), data.get, at))
  const leave = [0, 16].map((at) => copySwapped(state.get, i32.const(LANES), at))
  const body = sequence(...load, compressBlock(builder, scalar))
  return builder.emit(...enter, forEachBlock([data], blocks, body), ...leave)
}

/** Positions of the functions in the module of one message. */
const BEGIN = 0
const COMPRESS = 1
const FINISH = 2
const HASH = 3
const AGAIN = 4

/** Pads and compresses the last bytes of a message. */
function finish(): FunctionBuilder {
  const builder = new FunctionBuilder(3)
  const [rest, high, low] = builder.parameters as [Local, Local, Local]
  const blocks = builder.local('i32')
  // A one bit, and zeros for as long as the padding can be: 72 bytes.
  const pad = [0x80, 0, 0, 0, 0].map((byte, index) =>
    v128.store(rest.get, v128.const([byte, 0, 0, 0]), DATA + index * 16),
  )
  const end = i32.mul(blocks.get, i32.const(BLOCK))
  return builder.emit(
    ...pad,
    blocks.set(i32.shrU(i32.add(rest.get, i32.const(9 + BLOCK - 1)), i32.const(6))),
    i32.store(end, swapWord(high.get), DATA - 8),
    i32.store(end, swapWord(low.get), DATA - 4),
    call(COMPRESS, i32.const(STATE), i32.const(DATA), blocks.get),
  )
}

/** A word with its bytes reversed. @param word - without side effects */
function swapWord(word: Code): Code {
  const even = i32.and(i32.rotr(word, i32.const(24)), i32.const(0x00ff00ff))
  return i32.add(even, i32.and(i32.rotr(word, i32.const(8)), i32.const(0xff00ff00)))
}

function hash(): FunctionBuilder {
  const builder = new FunctionBuilder(1)
  const [length] = builder.parameters as [Local]
  return builder.emit(
    call(BEGIN, i32.const(STATE), i32.const(1)),
    call(FINISH, length.get, i32.const(0), i32.mul(length.get, i32.const(8))),
  )
}

function again(): FunctionBuilder {
  const copy = [0, 16].map((at) => v128.store(i32.const(DATA), v128.load(i32.const(STATE), at), at))
  return new FunctionBuilder(0).emit(...copy, call(HASH, i32.const(STATE_LENGTH)))
}

function hashTwice(): FunctionBuilder {
  const builder = new FunctionBuilder(1)
  const [length] = builder.parameters as [Local]
  return builder.emit(call(HASH, length.get), call(AGAIN))
}

/**
 * Four rows of four words each become four columns, with the bytes of each word reversed.
 *
 * @param read - the words of a row
 * @param write - stores the words of a column
 */
function copyTransposed(
  temporary: readonly Local[],
  read: (row: number) => Code,
  write: (column: number, words: Code) => Code,
): Code {
  const [t0, t1, t2, t3] = temporary as [Local, Local, Local, Local]
  const loads = temporary.map((row, index) => row.set(read(index)))
  // Words 0 and 1, then 2 and 3, of rows 0 and 1, then 2 and 3; then words of all rows.
  const [low, high] = [0, 8].map((start) =>
    [0, 4].flatMap((word) => [0, 16].flatMap((row) => [3, 2, 1, 0].map((byte) => start + word + row + byte))),
  ) as [number[], number[]]
  const firstHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
  const lastHalves = firstHalves.map((byte) => byte + 8)
  return sequence(
    ...loads,
    v128.shuffle(t0.get, t1.get, low),
    t1.set(v128.shuffle(t0.get, t1.get, high)),
    t0.set([]),
    v128.shuffle(t2.get, t3.get, low),
    t3.set(v128.shuffle(t2.get, t3.get, high)),
    t2.set([]),
    write(0, v128.shuffle(t0.get, t2.get, firstHalves)),
    write(1, v128.shuffle(t0.get, t2.get, lastHalves)),
    write(2, v128.shuffle(t1.get, t3.get, firstHalves)),
    write(3, v128.shuffle(t1.get, t3.get, lastHalves)),
  )
}

function compress4(): FunctionBuilder {
  const builder = new FunctionBuilder(6)
  const [states, p0, p1, p2, p3, blocks] = builder.parameters as [Local, Local, Local, Local, Local, Local]
  const pointers = [p0, p1, p2, p3]
  const temporary = builder.locals('v128', 4)
  const at = builder.local('i32')
  const state = i32.add(states.get, at.get)
  const column = i32.mul(at.get, i32.const(4))
  const load = copyTransposed(
    temporary,
    (lane) => v128.load(i32.add((pointers[lane] as Local).get, at.get)),
    (word, words) => v128.store(column, words, SCHEDULE + word * 16),
  )
  const enter = copyTransposed(
    temporary,
    (lane) => v128.load(state, lane * STATE_LENGTH),
    (word, words) => v128.store(column, words, LANES + word * 16),
  )
  const leave = copyTransposed(
    temporary,
    (word) => v128.load(column, LANES + word * 16),
    (lane, words) => v128.store(state, words, lane * STATE_LENGTH),
  )
  return builder.emit(
    loop(at, enter, 16, STATE_LENGTH),
    forEachBlock(pointers, blocks, sequence(loop(at, load, 16, BLOCK), compressBlock(builder, fourLanes))),
    loop(at, leave, 16, STATE_LENGTH),
  )
}

/** The module that hashes one message. */
export function assembleSha256(): Uint8Array {
  const functions = {
    begin: begin(),
    compress: compress(),
    finish: finish(),
    hash: hash(),
    again: again(),
    hashTwice: hashTwice(),
  }
  return encodeModule(functions, tables())
}

/** The module that hashes four messages side by side. */
export function assembleSha256Lanes(): Uint8Array {
  return encodeModule({ begin: begin(), compress4: compress4() }, tables())
}

/** What the memory of both begins with. */
function tables(): Uint8Array {
  const data = new Uint8Array(INITIAL + STATE_LENGTH)
  const view = new DataView(data.buffer)
  for (const [index, word] of roundConstants.entries()) view.setUint32(CONSTANTS + index * 4, word, true)
  for (const [index, word] of initialState.entries()) view.setUint32(INITIAL + index * 4, word)
  return data
}
