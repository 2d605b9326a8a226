import { equalBytes, toHex } from '@chain/core/bytes'
import {
  blockHash,
  blockWeight,
  computeMerkle,
  decodeBlock,
  encodeBlock,
  formatHash,
  HEADER_LENGTH,
  merkleRoot,
  txid,
} from '@chain/core/primitives'
import { Block as JsBlock, type Transaction as JsTransaction } from 'bitcoinjs-lib'
import { array, assert, constantFrom, oneof, property, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { damaged, fuzzRuns, fuzzTimeout } from '../arbitraries/mutations.ts'
import * as arbitrary from '../arbitraries/primitives.ts'
import { describeVectors } from '../vectors.ts'
import { compareReadings, type Excuse, type Reader } from './peers.ts'

const ours: Reader = {
  name: 'chain',
  read: (bytes) => {
    const { header, transactions } = decodeBlock(bytes)
    const plain = transactions.map((transaction) => ({ ...transaction }))
    return {
      encoded: encodeBlock({ header, transactions: plain }),
      facts: {
        id: formatHash(blockHash(header)),
        transactions: transactions.length,
        withoutInputs: 0,
        root: transactions.length === 0 ? '' : toHex(merkleRoot(transactions.map(txid))),
        weight: blockWeight({ header, transactions: plain }),
      },
    }
  },
}

const bitcoinjs: Reader = {
  name: 'bitcoinjs-lib',
  read: (bytes) => {
    const block = JsBlock.fromBuffer(bytes)
    const transactions = block.transactions ?? []
    return {
      encoded: block.toBuffer(),
      facts: {
        id: block.getId(),
        transactions: transactions.length,
        withoutInputs: transactions.filter(({ ins }) => ins.length === 0).length,
        root: transactions.length === 0 ? '' : toHex(JsBlock.calculateMerkleRoot(transactions)),
        weight: block.weight(),
      },
    }
  },
}

const excuse: Excuse = (bytes, theirs) => {
  if (bytes.length === HEADER_LENGTH) return 'bitcoinjs-lib reads a header alone as a block.'
  if (theirs.facts.withoutInputs !== 0) return 'Transactions without inputs have an ambiguous encoding.'
  if (equalBytes(theirs.encoded, bytes)) return undefined
  return 'bitcoinjs-lib reads counts that are not in their shortest form, and leaves bytes that follow the block.'
}

describe('a block', () => {
  const valid = arbitrary.block.map(encodeBlock)

  test(
    'damaged or not, is read alike, with the same id, root and weight',
    () => {
      const law = property(oneof(damaged(valid), valid), (bytes) => {
        compareReadings(bytes, ours, [bitcoinjs], excuse, (error) => {
          const isOfWitness = String(error).includes('Cannot read properties of undefined')
          return isOfWitness
            ? 'bitcoinjs-lib looks for the witness commitment of a block without transactions.'
            : undefined
        })
      })
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )

  test(
    'of any number of transactions has the same Merkle root, and the same verdict of mutation',
    () => {
      const leaf = constantFrom(...[1, 2, 3, 4, 5].map((value) => new Uint8Array(32).fill(value)))
      const leaves = oneof(
        array(arbitrary.hash, { minLength: 1, maxLength: 40 }),
        array(leaf, { minLength: 1, maxLength: 12 }),
        // A list whose end is repeated, as in CVE-2012-2459.
        tuple(array(arbitrary.hash, { minLength: 1, maxLength: 9 }), constantFrom(1, 2, 4)).map(
          ([list, tail]) => [...list, ...list.slice(-tail)],
        ),
      )
      const law = property(leaves, (hashes) => {
        const verdict = { value: false }
        // It asks each transaction for its hash, and looks at nothing else.
        const transactions = hashes.map((hash) => ({ getHash: () => hash }) as unknown as JsTransaction)
        const root = JsBlock.calculateMerkleRoot(transactions, false, verdict)
        expect(computeMerkle(hashes)).toEqual({ root, mutated: verdict.value })
        expect(merkleRoot(hashes)).toEqual(root)
      })
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )
})

describeVectors('block426884.raw', (vectors) => {
  test('is read alike', () => {
    compareReadings(vectors.bytes(), ours, [bitcoinjs], excuse)
  })
})
