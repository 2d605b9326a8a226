import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes/index.ts'
import { DecodeError, ParseError } from '../../../src/errors/index.ts'
import {
  combinePsbts,
  decodePsbt,
  encodePsbt,
  extractTransaction,
  finalizePsbt,
  formatPsbt,
  type Psbt,
  parsePsbt,
  signPsbt,
  WalletError,
} from '../../../src/wallet/index.ts'
import { damaged, damagedText, fuzzRuns, fuzzTimeout } from '../../arbitraries/mutations.ts'
import { findPrivateKey } from '../payments.ts'
import { psbts } from './psbts.ts'

/** What `run` returns, or `undefined` where it throws one of the expected errors. */
function attempt<Result>(
  run: () => Result,
  ...expected: (abstract new (
    ...args: never[]
  ) => Error)[]
): Result | undefined {
  try {
    return run()
  } catch (error) {
    if (expected.some((type) => error instanceof type)) return undefined
    throw error
  }
}

describe('damaged PSBTs', () => {
  it(
    'are refused with the decode error, or written as they were read',
    () => {
      const law = fc.property(damaged(psbts.map(encodePsbt)), (bytes) => {
        const psbt = attempt(() => decodePsbt(bytes), DecodeError)
        if (psbt !== undefined) expect(toHex(encodePsbt(psbt))).toBe(toHex(bytes))
      })
      fc.assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )

  it(
    'as texts are refused with the decode or the parse error, or written as they were read',
    () => {
      const law = fc.property(damagedText(psbts.map(formatPsbt)), (text) => {
        const psbt = attempt(() => parsePsbt(text), DecodeError, ParseError)
        if (psbt !== undefined) expect(formatPsbt(psbt)).toBe(text)
      })
      fc.assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )

  it(
    'are signed, finalised and extracted, or refused with an error of the wallet',
    () => {
      const roles: ((psbt: Psbt) => unknown)[] = [
        (psbt) => combinePsbts(psbt, psbt),
        (psbt) => extractTransaction(psbt),
        (psbt) => extractTransaction(finalizePsbt(signPsbt(psbt, findPrivateKey))),
      ]
      const law = fc.property(damaged(psbts.map(encodePsbt)), (bytes) => {
        const psbt = attempt(() => decodePsbt(bytes), DecodeError)
        if (psbt !== undefined) for (const role of roles) attempt(() => role(psbt), WalletError)
      })
      fc.assert(law, { numRuns: Math.ceil(fuzzRuns / 4) })
    },
    4 * fuzzTimeout,
  )
})
