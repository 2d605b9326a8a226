/** Damage to bytes and texts, for fuzz tests: what is close to valid reaches deeper than noise. */
import { concatBytes } from '@chain/core/bytes'
import { type Arbitrary, array, constantFrom, integer, oneof, record, uint8Array } from 'fast-check'

/** How many inputs each fuzz test tries; more with `CHAIN_FUZZ_RUNS`. */
export const fuzzRuns = Number(process.env.CHAIN_FUZZ_RUNS ?? 400)

/** Milliseconds that so many may take. */
export const fuzzTimeout: number = 20_000 + 10 * fuzzRuns

/** From 0 to below 1, evenly: `double` would draw nearly always a number next to 0. */
const place: Arbitrary<number> = integer({ min: 0, max: 2 ** 31 - 1 }).map((part) => part / 2 ** 31)

const change = record({
  kind: constantFrom('flip', 'set', 'insert', 'remove', 'cut', 'repeat', 'count'),
  at: place,
  length: integer({ min: 1, max: 40 }),
  value: integer({ min: 0, max: 255 }),
})

/** Valid bytes with some damage, and now and then noise alone. */
export function damaged(valid: Arbitrary<Uint8Array>): Arbitrary<Uint8Array> {
  const mutated = record({ bytes: valid, changes: array(change, { minLength: 1, maxLength: 4 }) }).map(
    ({ bytes, changes }) => changes.reduce((result, one) => applyTo(result, one), bytes),
  )
  return oneof({ arbitrary: mutated, weight: 9 }, { arbitrary: uint8Array({ maxLength: 200 }), weight: 1 })
}

/** A valid text with some damage in its letters. */
export function damagedText(valid: Arbitrary<string>): Arbitrary<string> {
  return damaged(valid.map((text) => new TextEncoder().encode(text))).map((bytes) => {
    return String.fromCharCode(...bytes)
  })
}

type Change = typeof change extends Arbitrary<infer Value> ? Value : never

function applyTo(bytes: Uint8Array, { kind, at, length, value }: Change): Uint8Array {
  const start = Math.floor(at * bytes.length)
  const before = bytes.subarray(0, start)
  const after = bytes.subarray(start)
  switch (kind) {
    case 'flip':
      return bytes.map((byte, index) => (index === start ? byte ^ (1 << (value & 7)) : byte))
    case 'set':
      return bytes.map((byte, index) => (index === start ? value : byte))
    case 'insert':
      return concatBytes(before, new Uint8Array(length).fill(value), after)
    case 'remove':
      return concatBytes(before, after.subarray(length))
    case 'cut':
      return Uint8Array.from(before)
    case 'repeat':
      return concatBytes(before, after.subarray(0, length), after)
    case 'count':
      // A count or length far above what is there.
      return concatBytes(
        before,
        Uint8Array.of(0xfc + (value & 3)),
        new Uint8Array(8).fill(value),
        after.subarray(1),
      )
  }
}
