import { concatBytes, fromHex, toHex } from '@chain/core/bytes'
import { encodeTransaction, type Transaction, type TransactionOutput } from '@chain/core/primitives'
import { p2trScript, p2wpkhScript, SighashCache, segwitV0Sighash, taprootSighash } from '@chain/core/script'
import { MAX_AMOUNT } from '@chain/core/units'
import { Transaction as ScureTransaction } from '@scure/btc-signer'
import { Transaction as JsTransaction } from 'bitcoinjs-lib'
import {
  type Arbitrary,
  array,
  assert,
  bigInt,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  property,
  record,
  tuple,
  uint8Array,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzzRuns, fuzzTimeout } from '../arbitraries/mutations.ts'
import * as arbitrary from '../arbitraries/primitives.ts'

/** What is signed: the libraries want amounts that the rules allow. */
interface Task {
  readonly transaction: Transaction
  readonly spent: readonly TransactionOutput[]
  readonly index: number
}

const amount = bigInt({ min: 0n, max: MAX_AMOUNT })

function output(script: Arbitrary<Uint8Array>): Arbitrary<TransactionOutput> {
  return record({ value: amount, scriptPubKey: script })
}

const bareInput = record({ previousOutput: arbitrary.outpoint, sequence: arbitrary.uint32 }).map(
  (fields) => ({
    ...fields,
    scriptSig: new Uint8Array(),
    witness: [],
  }),
)

const task: Arbitrary<Task> = record({
  version: arbitrary.int32,
  pairs: array(
    tuple(
      bareInput,
      output(oneof(arbitrary.bytes(32).map(p2trScript), arbitrary.bytes(20).map(p2wpkhScript))),
    ),
    { minLength: 1, maxLength: 5 },
  ),
  outputs: array(output(arbitrary.script), { minLength: 1, maxLength: 5 }),
  lockTime: arbitrary.uint32,
  at: nat(1_000),
}).map(({ version, pairs, outputs, lockTime, at }) => ({
  transaction: { version, inputs: pairs.map(([input]) => input), outputs, lockTime },
  spent: pairs.map(([, spent]) => spent),
  index: at % pairs.length,
}))

function readByPeers(transaction: Transaction): { js: JsTransaction; scure: ScureTransaction } {
  const bytes = encodeTransaction(transaction)
  const options = { allowUnknownInputs: true, allowUnknownOutputs: true, allowUnknownVersion: true }
  return {
    js: JsTransaction.fromBuffer(bytes),
    scure: ScureTransaction.fromRaw(bytes, { ...options, disableScriptCheck: true }),
  }
}

const definedTypes = constantFrom(0x01, 0x02, 0x03, 0x81, 0x82, 0x83)

describe('the signature hash', () => {
  test(
    'of a P2WPKH input (BIP143) is the same for all hash types',
    () => {
      const hashTypes = oneof(definedTypes, integer({ min: 0, max: 255 }))
      const law = property(
        task,
        arbitrary.bytes(20),
        hashTypes,
        ({ transaction, spent, index }, keyHash, hashType) => {
          const coins = spent.map((coin) => ({ ...coin, scriptPubKey: p2wpkhScript(keyHash) }))
          const digest = toHex(
            segwitV0Sighash(new SighashCache(transaction, coins), index, keyHash, hashType),
          )
          const value = coins[index]?.value ?? 0n
          const code = concatBytes(fromHex('76a914'), keyHash, fromHex('88ac'))
          const { js, scure } = readByPeers(transaction)
          expect(digest).toBe(toHex(js.hashForWitnessV0(index, code, value, hashType)))
          // It takes no hash type that is not defined.
          if ((hashType & 0x7f) === 0 || (hashType & 0x7f) > 3) return
          expect(digest).toBe(toHex(scure.preimageWitnessV0(index, code, hashType, value)))
        },
      )
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )

  test(
    'of a taproot input (BIP341) is the same for all hash types, with an annex and without',
    () => {
      const hashTypes = oneof(constantFrom(0x00), definedTypes)
      const annexes = option(
        uint8Array({ maxLength: 300 }).map((bytes) => concatBytes(Uint8Array.of(0x50), bytes)),
        { nil: undefined },
      )
      const law = property(
        task,
        hashTypes,
        annexes,
        ({ transaction, spent: others, index }, hashType, annex) => {
          // Only a taproot coin is signed so; bitcoinjs-lib counts on the length of its script.
          const own = p2trScript(new Uint8Array(32).fill(index))
          const spent = others.map((coin, at) => (at === index ? { ...coin, scriptPubKey: own } : coin))
          const digest = taprootSighash(new SighashCache(transaction, spent), index, hashType, annex)
          const scripts = spent.map(({ scriptPubKey }) => scriptPubKey)
          const values = spent.map(({ value }) => value)
          const isSingle = (hashType & 3) === 3
          if (isSingle && index >= transaction.outputs.length) {
            // BIP341 says that such a signature fails; the libraries leave that to those who call them.
            expect(digest).toBeUndefined()
            return
          }
          const { js, scure } = readByPeers(transaction)
          const theirs = js.hashForWitnessV1(index, scripts, values, hashType, undefined, annex)
          expect(toHex(digest ?? new Uint8Array())).toBe(toHex(theirs))
          const other = scure.preimageWitnessV1(
            index,
            scripts,
            hashType,
            values,
            undefined,
            undefined,
            undefined,
            annex,
          )
          expect(toHex(theirs)).toBe(toHex(other))
        },
      )
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )
})
