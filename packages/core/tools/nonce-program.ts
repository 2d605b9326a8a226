/**
 * The WebAssembly module that `src/mining` searches nonces with, four at a time.
 *
 *     search(steps)     tries 4 nonces in each step, until the top word of a hash is not above the limit; returns how many
 *                       steps were left, the one that stopped included, or 0
 *
 * The caller writes into the memory first, each word four times (once per lane):
 *
 *     MIDSTATE   the state after the header's first 64 bytes
 *     HEADER     the header's last 16 bytes, padded to 16 words; word 3 (the nonce) is written here
 *     DIGEST     words 8 to 15 of a padded digest; words 0 to 7 are written here
 *     NONCES     the four nonces of the first step
 *     LIMIT      the most significant word of the target
 *
 * and reads the eight words of the last four hashes at HASH. The addresses are in `src/mining/nonce-scanner.ts` too.
 */
import { compressSchedule, fourLanes, initialState, roundConstants } from './sha256-rounds.ts'
import {
  call,
  doWhile,
  encodeModule,
  FunctionBuilder,
  i32,
  type Local,
  returnValue,
  sequence,
  v128,
  when,
} from './wasm-assembler.ts'

/** Addresses in the module's memory. */
const CONSTANTS = 0
const INITIAL = 256
const MIDSTATE = 384
const HASH = 512
const NONCES = 640
const LIMIT = 656
const HEADER = 1_024
const DIGEST = 2_048

/** Reverses the bytes of each word. */
const REVERSED = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]

/** `compress(schedule, state, output)`, for both hashes of a step. */
function compress(): FunctionBuilder {
  const builder = new FunctionBuilder(3)
  const [schedule, state, output] = builder.parameters as [Local, Local, Local]
  const addresses = { schedule: schedule.get, state: state.get, output: output.get, constants: CONSTANTS }
  return builder.emit(compressSchedule(builder, fourLanes, addresses))
}

function search(compressIndex: number): FunctionBuilder {
  const builder = new FunctionBuilder(1, 'i32')
  const [steps] = builder.parameters as [Local]
  const nonces = builder.local('v128')
  const address = i32.const(0)
  const top = v128.load(address, HASH + 7 * 16)
  const isCandidate = v128.anyTrue(v128.leU(v128.shuffle(top, top, REVERSED), v128.load(address, LIMIT)))
  const step = sequence(
    v128.store(address, v128.shuffle(nonces.get, nonces.get, REVERSED), HEADER + 3 * 16),
    call(compressIndex, i32.const(HEADER), i32.const(MIDSTATE), i32.const(DIGEST)),
    call(compressIndex, i32.const(DIGEST), i32.const(INITIAL), i32.const(HASH)),
    when(isCandidate, returnValue(steps.get)),
    nonces.set(v128.add(nonces.get, v128.const([4, 4, 4, 4]))),
  )
  const left = steps.tee(i32.sub(steps.get, i32.const(1)))
  return builder.emit(nonces.set(v128.load(address, NONCES)), doWhile(step, left), i32.const(0))
}

/** The module. */
export function assembleNonceSearch(): Uint8Array {
  const data = new Uint8Array(INITIAL + 128)
  const view = new DataView(data.buffer)
  for (const [index, word] of roundConstants.entries()) view.setUint32(CONSTANTS + index * 4, word, true)
  for (const [index, word] of initialState.entries()) {
    for (let lane = 0; lane < 4; lane++) view.setUint32(INITIAL + index * 16 + lane * 4, word, true)
  }
  return encodeModule({ search: search(1), compress: compress() }, data)
}
