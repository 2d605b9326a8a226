import { equalBytes, toHex } from '@chain/core/bytes'
import {
  decodeTransaction,
  encodeTransaction,
  formatHash,
  transactionWeight,
  txid,
  virtualSize,
  wtxid,
} from '@chain/core/primitives'
import { Transaction as ScureTransaction } from '@scure/btc-signer'
import { RawTx } from '@scure/btc-signer/script.js'
import { Transaction as JsTransaction } from 'bitcoinjs-lib'
import { assert, oneof, property } from 'fast-check'
import { describe, test } from 'vitest'
import { damaged, fuzzRuns, fuzzTimeout } from '../arbitraries/mutations.ts'
import * as arbitrary from '../arbitraries/primitives.ts'
import { compareReadings, type Excuse, type Reader, type Reading } from './peers.ts'

const ours: Reader = {
  name: 'chain',
  read: (bytes) => {
    const transaction = decodeTransaction(bytes)
    return {
      // From the plain fields: what was decoded remembers its bytes.
      encoded: encodeTransaction({ ...transaction }),
      facts: {
        inputs: transaction.inputs.length,
        txid: formatHash(txid(transaction)),
        wtxid: toHex(wtxid(transaction)),
        weight: transactionWeight(transaction),
        virtualSize: virtualSize(transaction),
      },
    }
  },
}

const bitcoinjs: Reader = {
  name: 'bitcoinjs-lib',
  read: (bytes) => {
    const transaction = JsTransaction.fromBuffer(bytes)
    return {
      encoded: transaction.toBuffer(),
      facts: {
        inputs: transaction.ins.length,
        txid: transaction.getId(),
        // It says zeros for a coinbase, as BIP141's commitment does, and takes for one what spends any output of zeros.
        ...(transaction.isCoinbase() ? {} : { wtxid: toHex(transaction.getHash(true)) }),
        weight: transaction.weight(),
        virtualSize: transaction.virtualSize(),
      },
    }
  },
}

const scure: Reader = {
  name: '@scure/btc-signer',
  read: (bytes) => {
    const raw = RawTx.decode(bytes)
    // Its transactions hold no amount that would be negative.
    const isNegative = raw.outputs.some(({ amount }) => amount >= 2n ** 63n)
    const facts = isNegative || raw.inputs.length === 0 ? {} : scureFacts(bytes)
    return { encoded: RawTx.encode(raw), facts: { inputs: raw.inputs.length, ...facts } }
  },
}

function scureFacts(bytes: Uint8Array): Reading['facts'] {
  const transaction = ScureTransaction.fromRaw(bytes, {
    allowUnknownInputs: true,
    allowUnknownOutputs: true,
    allowUnknownVersion: true,
    disableScriptCheck: true,
  })
  if (!transaction.isFinal) return { txid: transaction.id }
  return { txid: transaction.id, weight: transaction.weight, virtualSize: transaction.vsize }
}

const excuse: Excuse = (bytes, theirs) => {
  if (theirs.facts.inputs === 0)
    return 'Without inputs the encoding is ambiguous: we read it as the one with witnesses.'
  if (!equalBytes(theirs.encoded, bytes))
    return 'bitcoinjs-lib reads counts that are not in their shortest form.'
  return undefined
}

describe('a transaction', () => {
  const valid = arbitrary.transaction.map((transaction) => encodeTransaction(transaction))

  test(
    'damaged or not, is read alike everywhere, with the same ids and weight',
    () => {
      const law = property(oneof(damaged(valid), valid), (bytes) => {
        compareReadings(bytes, ours, [bitcoinjs, scure], excuse)
      })
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )
})
