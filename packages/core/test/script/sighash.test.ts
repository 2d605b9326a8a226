import { InvariantError } from '@chain/core/errors'
import type { Transaction, TransactionOutput } from '@chain/core/primitives'
import { SighashCache, segwitV0Sighash, taprootSighash } from '@chain/core/script'
import { describe, expect, test } from 'vitest'

const keyHash = new Uint8Array(20).fill(1)
const inputs = [1, 2].map((seed) => ({
  previousOutput: { txid: new Uint8Array(32).fill(seed), index: seed },
  scriptSig: new Uint8Array(),
  sequence: seed,
  witness: [],
}))
const outputs = [10n, 20n].map((value) => ({ value, scriptPubKey: Uint8Array.of(0x51) }))
const spent: TransactionOutput[] = [100n, 200n].map((value) => ({ value, scriptPubKey: Uint8Array.of(0x52) }))
const transaction: Transaction = { version: 2, inputs, outputs, lockTime: 3 }

type Change = (from: Transaction) => Transaction

const changes: Record<string, Change> = {
  version: (from) => ({ ...from, version: 1 }),
  'lock time': (from) => ({ ...from, lockTime: 4 }),
  'own sequence': (from) => ({
    ...from,
    inputs: from.inputs.map((one, i) => (i === 0 ? { ...one, sequence: 9 } : one)),
  }),
  'other sequence': (from) => ({
    ...from,
    inputs: from.inputs.map((one, i) => (i === 1 ? { ...one, sequence: 9 } : one)),
  }),
  'other outpoint': (from) => ({
    ...from,
    inputs: from.inputs.map((one, i) =>
      i === 1 ? { ...one, previousOutput: { ...one.previousOutput, index: 9 } } : one,
    ),
  }),
  'own output': (from) => ({
    ...from,
    outputs: from.outputs.map((one, i) => (i === 0 ? { ...one, value: 9n } : one)),
  }),
  'other output': (from) => ({
    ...from,
    outputs: from.outputs.map((one, i) => (i === 1 ? { ...one, value: 9n } : one)),
  }),
}

/** What the first input's signature commits to, by hash type. Source: BIP143 and BIP341. */
const commitments: readonly (readonly [hashType: number, committed: readonly string[]])[] = [
  [
    0x01,
    [
      'version',
      'lock time',
      'own sequence',
      'other sequence',
      'other outpoint',
      'own output',
      'other output',
    ],
  ],
  [0x02, ['version', 'lock time', 'own sequence', 'other outpoint']],
  [0x03, ['version', 'lock time', 'own sequence', 'other outpoint', 'own output']],
  [0x81, ['version', 'lock time', 'own sequence', 'own output', 'other output']],
  [0x82, ['version', 'lock time', 'own sequence']],
  [0x83, ['version', 'lock time', 'own sequence', 'own output']],
]

describe.each(commitments)('a signature of hash type %i', (hashType, committed) => {
  test.each(Object.entries(changes))(
    'of P2WPKH commits to the %s, or does not, as BIP143 says',
    (name, change) => {
      const digest = (of: Transaction): Uint8Array =>
        segwitV0Sighash(new SighashCache(of, spent), 0, keyHash, hashType)
      if (committed.includes(name)) expect(digest(change(transaction))).not.toEqual(digest(transaction))
      else expect(digest(change(transaction))).toEqual(digest(transaction))
    },
  )

  test.each(Object.entries(changes))(
    'of taproot commits to the %s, or does not, as BIP341 says',
    (name, change) => {
      const digest = (of: Transaction): unknown => taprootSighash(new SighashCache(of, spent), 0, hashType)
      // Unlike BIP143, BIP341 commits to the other sequences unless ANYONECANPAY is set.
      const isCommitted = committed.includes(name) || (name === 'other sequence' && hashType < 0x80)
      if (isCommitted) expect(digest(change(transaction))).not.toEqual(digest(transaction))
      else expect(digest(change(transaction))).toEqual(digest(transaction))
    },
  )
})

describe('a signature hash', () => {
  const cache = new SighashCache(transaction, spent)

  test('commits to the value that is spent', () => {
    const richer = new SighashCache(transaction, [
      { ...(spent[0] as TransactionOutput), value: 101n },
      spent[1] as never,
    ])
    expect(segwitV0Sighash(richer, 0, keyHash, 1)).not.toEqual(segwitV0Sighash(cache, 0, keyHash, 1))
    expect(taprootSighash(richer, 1, 0)).not.toEqual(taprootSighash(cache, 1, 0))
  })

  test('of taproot differs for the default type and the same spelled out', () => {
    expect(taprootSighash(cache, 0, 0)).not.toEqual(taprootSighash(cache, 0, 1))
  })

  test('of taproot commits to the annex', () => {
    expect(taprootSighash(cache, 0, 0, Uint8Array.of(0x50))).not.toEqual(taprootSighash(cache, 0, 0))
  })

  test('of taproot is none for a type that is not defined, or an output that is not there', () => {
    expect(taprootSighash(cache, 0, 4)).toBeUndefined()
    expect(taprootSighash(cache, 0, 0x80)).toBeUndefined()
    expect(taprootSighash(new SighashCache({ ...transaction, outputs: [] }, spent), 0, 3)).toBeUndefined()
  })

  test('of P2WPKH has zeros for an output that is not there', () => {
    const none = new SighashCache({ ...transaction, outputs: [] }, spent)
    const one = new SighashCache({ ...transaction, outputs: outputs.slice(0, 1) }, spent)
    expect(segwitV0Sighash(none, 1, keyHash, 3)).toEqual(segwitV0Sighash(one, 1, keyHash, 3))
  })

  test('needs one spent output for each input', () => {
    expect(() => new SighashCache(transaction, spent.slice(1))).toThrow(InvariantError)
    expect(() => segwitV0Sighash(cache, 2, keyHash, 1)).toThrow(InvariantError)
  })
})
