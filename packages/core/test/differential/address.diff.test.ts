import { equalBytes, toHex } from '@chain/core/bytes'
import { ParseError } from '@chain/core/errors'
import { classifyScript, formatAddress, p2trScript, p2wpkhScript, parseAddress } from '@chain/core/script'
import { bech32, bech32m } from '@scure/base'
import { Address } from '@scure/btc-signer'
import { address as jsAddress } from 'bitcoinjs-lib'
import {
  type Arbitrary,
  assert,
  constantFrom,
  integer,
  oneof,
  property,
  record,
  uint8Array,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { damagedText, fuzzRuns, fuzzTimeout } from '../arbitraries/mutations.ts'
import * as arbitrary from '../arbitraries/primitives.ts'

/** Prefixes of real networks and of none; all are letters and digits, as ours are. */
const prefixes = constantFrom('chn', 'chnd', 'chnr', 'bc', 'tb', 'bcrt', 'a', '1', 'b1c')

function scureOf(prefix: string): ReturnType<typeof Address> {
  return Address({ bech32: prefix, pubKeyHash: 0, scriptHash: 5, wif: 0x80 })
}

/** The script of an address by `bitcoinjs-lib`, or `undefined` where it is refused or is of a kind that nobody here can pay. */
function parseByJs(text: string, prefix: string): Uint8Array | undefined {
  try {
    const { version, prefix: found, data } = jsAddress.fromBech32(text)
    if (found !== prefix) return undefined
    if (version === 0 && data.length === 20) return p2wpkhScript(data)
    return version === 1 && data.length === 32 ? p2trScript(data) : undefined
  } catch {
    return undefined
  }
}

/** The same by `@scure/btc-signer`. */
function parseByScure(text: string, prefix: string): Uint8Array | undefined {
  try {
    const address = scureOf(prefix).decode(text)
    if (address.type === 'wpkh') return p2wpkhScript(address.hash)
    return address.type === 'tr' ? p2trScript(address.pubkey) : undefined
  } catch {
    return undefined
  }
}

function parse(text: string, prefix: string): Uint8Array | undefined {
  try {
    return parseAddress(text, prefix)
  } catch (error) {
    expect(error).toBeInstanceOf(ParseError)
    return undefined
  }
}

/** Any witness program with any version and either checksum. */
const programs: Arbitrary<string> = record({
  prefix: prefixes,
  version: oneof(constantFrom(0, 1), integer({ min: 0, max: 31 })),
  program: oneof(arbitrary.bytes(20), arbitrary.bytes(32), uint8Array({ maxLength: 42 })),
  form: constantFrom(bech32, bech32m),
}).map(({ prefix, version, program, form }) => form.encode(prefix, [version, ...form.toWords(program)], 120))

const spellings: Arbitrary<(text: string) => string> = constantFrom(
  (text: string) => text,
  (text: string) => text.toUpperCase(),
)

describe('an address', () => {
  test(
    'is written alike',
    () => {
      const scripts = oneof(arbitrary.bytes(20).map(p2wpkhScript), arbitrary.bytes(32).map(p2trScript))
      const law = property(scripts, prefixes, (script, prefix) => {
        const text = formatAddress(script, prefix)
        const template = classifyScript(script)
        const version = template.type === 'p2tr' ? 1 : 0
        expect(text).toBe(jsAddress.toBech32(script.subarray(2), version, prefix))
        if (template.type === 'p2wpkh') {
          expect(text).toBe(scureOf(prefix).encode({ type: 'wpkh', hash: template.keyHash }))
        } else if (parseByScure(text ?? '', prefix) !== undefined) {
          // It writes only taproot addresses whose key is a point; every second number is one.
          expect(text).toBe(scureOf(prefix).encode({ type: 'tr', pubkey: script.subarray(2) }))
        }
        expect(parseByJs(text ?? '', prefix)).toEqual(script)
      })
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )

  test(
    'of any program, damaged or not, is read alike',
    () => {
      const law = property(
        oneof(programs, damagedText(programs)),
        spellings,
        prefixes,
        (text, spell, prefix) => {
          const spelt = spell(text)
          const ours = parse(spelt, prefix)
          const theirs = parseByJs(spelt, prefix)
          expect(hexOf(ours), spelt).toBe(hexOf(theirs))
          const other = parseByScure(spelt, prefix)
          // It refuses what is shorter than 14 or longer than 74 letters, and taproot keys that are no points.
          if (other !== undefined) expect(hexOf(other), spelt).toBe(hexOf(ours))
          else if (ours !== undefined) expect(isExcused(spelt, ours), spelt).toBe(true)
        },
      )
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )
})

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toHex(bytes)
}

function isExcused(text: string, script: Uint8Array): boolean {
  return text.length < 14 || text.length > 74 || !equalBytes(script.subarray(0, 1), Uint8Array.of(0))
}
