/**
 * A small assembler of WebAssembly modules: instructions as functions that return their bytes, nested as the operations
 * nest, and an encoder of modules with one memory, one data segment and some exported functions.
 *
 * Only what the programs need. It checks nothing: the engine that compiles the module does.
 *
 * Source: WebAssembly Core Specification 2.0, section 5, "Binary Format"
 */

/** Encoded instructions. As an operand: instructions that leave one value on the stack. */
export type Code = readonly number[]

/** The value types that occur. */
export type ValueType = 'i32' | 'v128'

const TYPE_BYTE: Readonly<Record<ValueType, number>> = { i32: 0x7f, v128: 0x7b }

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

/** Signed LEB128 of 32 bits. */
function signed(value: number): number[] {
  const rest = value >> 7
  const isLast = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0)
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)]
}

/** One instruction after the other. */
export function sequence(...codes: readonly Code[]): Code {
  return codes.flat()
}

function binary(opcode: Code): (left: Code, right: Code) => Code {
  return (left, right) => [...left, ...right, ...opcode]
}

/** An instruction on vectors. */
function vector(opcode: number): Code {
  return [0xfd, ...unsigned(opcode)]
}

/** A memory operand: the alignment is only a hint, 1 byte is always right. */
function operand(offset: number): Code {
  return [0, ...unsigned(offset)]
}

/** `i32` instructions. */
export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value | 0)],
  add: binary([0x6a]),
  sub: binary([0x6b]),
  mul: binary([0x6c]),
  and: binary([0x71]),
  or: binary([0x72]),
  xor: binary([0x73]),
  shrU: binary([0x76]),
  rotl: binary([0x77]),
  rotr: binary([0x78]),
  load8U: (address: Code, offset = 0): Code => [...address, 0x2d, ...operand(offset)],
  load: (address: Code, offset = 0): Code => [...address, 0x28, ...operand(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0x36, ...operand(offset)],
} as const

/** `v128` and `i32x4` instructions. */
export const v128 = {
  add: binary(vector(0xae)),
  and: binary(vector(0x4e)),
  xor: binary(vector(0x51)),
  leU: binary(vector(0x3e)),
  anyTrue: (value: Code): Code => [...value, ...vector(0x53)],
  shl: binary(vector(0xab)),
  shrU: binary(vector(0xad)),
  /** Bytes of two vectors, chosen by their positions: 0 to 15 in the first, 16 to 31 in the second. */
  shuffle: (left: Code, right: Code, bytes: readonly number[]): Code => [
    ...left,
    ...right,
    ...vector(0x0d),
    ...bytes,
  ],
  load: (address: Code, offset = 0): Code => [...address, ...vector(0x00), ...operand(offset)],
  /** Four times the 32 bits at an address. */
  load32Splat: (address: Code, offset = 0): Code => [...address, ...vector(0x09), ...operand(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...vector(0x0b),
    ...operand(offset),
  ],
  const: (words: readonly number[]): Code => [
    ...vector(0x0c),
    ...words.flatMap((word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24]),
  ],
} as const

/** A parameter or local variable of a function. */
export interface Local {
  readonly type: ValueType
  readonly get: Code
  set(value: Code): Code
  /** Sets the variable and leaves the value on the stack. */
  tee(value: Code): Code
}

/** Repeats `body` until `condition`, which stands behind it, is zero. */
export function doWhile(body: Code, condition: Code): Code {
  return sequence([0x03, 0x40], body, condition, [0x0d, 0, 0x0b])
}

/** Runs `body` when `condition` is not zero. */
export function when(condition: Code, body: Code): Code {
  return sequence(condition, [0x04, 0x40], body, [0x0b])
}

/** Calls the function at `index` among the module's functions. */
export function call(index: number, ...values: readonly Code[]): Code {
  return [...values.flat(), 0x10, ...unsigned(index)]
}

/** Ends the function with a value. */
export function returnValue(value: Code): Code {
  return [...value, 0x0f]
}

/** A function under construction: parameters (all `i32`) first, then the variables that it declares. */
export class FunctionBuilder {
  readonly parameters: readonly Local[]
  readonly #types: ValueType[] = []
  readonly #result: ValueType | undefined
  #body: Code = []

  constructor(parameterCount: number, result?: ValueType) {
    this.#result = result
    this.parameters = Array.from({ length: parameterCount }, (_, index) => local(index, 'i32'))
  }

  /** Declares a variable, which is zero at first. */
  local(type: ValueType): Local {
    this.#types.push(type)
    return local(this.parameters.length + this.#types.length - 1, type)
  }

  /** Declares several variables. */
  locals(type: ValueType, count: number): Local[] {
    return Array.from({ length: count }, () => this.local(type))
  }

  emit(...codes: readonly Code[]): this {
    this.#body = sequence(this.#body, ...codes)
    return this
  }

  /** Entry of the type section. */
  get signature(): Code {
    const results = this.#result === undefined ? [] : [TYPE_BYTE[this.#result]]
    const parameters = this.parameters.map(() => TYPE_BYTE.i32)
    return [0x60, ...list(parameters.map((byte) => [byte])), ...list(results.map((byte) => [byte]))]
  }

  /** Entry of the code section. */
  get code(): Code {
    const declarations = this.#types.map((type) => [1, TYPE_BYTE[type]])
    return sized([...list(declarations), ...this.#body, 0x0b])
  }
}

function local(index: number, type: ValueType): Local {
  const at = unsigned(index)
  return {
    type,
    get: [0x20, ...at],
    set: (value) => [...value, 0x21, ...at],
    tee: (value) => [...value, 0x22, ...at],
  }
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

function sized(bytes: Code): Code {
  return [...unsigned(bytes.length), ...bytes]
}

function section(id: number, items: readonly Code[]): Code {
  return [id, ...sized(list(items))]
}

function text(value: string): Code {
  return list(Array.from(value, (letter) => [letter.charCodeAt(0)]))
}

/**
 * A module that exports its functions under their names, and one page (64 KiB) of memory as `memory`.
 *
 * @param data - what the memory holds from address 0 on
 */
export function encodeModule(
  functions: Readonly<Record<string, FunctionBuilder>>,
  data: Uint8Array,
): Uint8Array {
  const entries = Object.entries(functions)
  const exported = entries.map(([name], index) => [...text(name), 0x00, ...unsigned(index)])
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      entries.map(([, { signature }]) => signature),
    ),
    ...section(
      3,
      entries.map((_, index) => unsigned(index)),
    ),
    ...section(5, [[0x01, 1, 1]]),
    ...section(7, [...exported, [...text('memory'), 0x02, 0]]),
    ...section(
      10,
      entries.map(([, { code }]) => code),
    ),
    ...section(11, [[0, ...i32.const(0), 0x0b, ...sized([...data])]]),
  )
}
