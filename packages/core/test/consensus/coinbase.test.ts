import { concatBytes, fromHex, toHex } from '@chain/core/bytes'
import {
  computeSubsidy,
  computeWitnessCommitment,
  encodeCoinbaseHeight,
  filterCommitmentScript,
  findFilterCommitment,
  findWitnessCommitment,
  witnessCommitmentScript,
} from '@chain/core/consensus'
import { hash256 } from '@chain/core/crypto'
import { merkleRoot, type Transaction, wtxid, ZERO_HASH } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { testNetwork } from '../networks.ts'

describe('the height in a coinbase', () => {
  test.each([
    [0, '00'],
    [1, '51'],
    [16, '60'],
    [17, '0111'],
    [127, '017f'],
    [128, '028000'],
    [255, '02ff00'],
    [256, '020001'],
    [32_767, '02ff7f'],
    [32_768, '03008000'],
    [227_931, '035b7a03'],
    [8_388_608, '0400008000'],
    [2 ** 31 - 1, '04ffffff7f'],
  ])('%i is pushed as %s', (height, script) => {
    expect(toHex(encodeCoinbaseHeight(height))).toBe(script)
  })
})

describe('the subsidy', () => {
  const { consensus } = testNetwork({ subsidy: 5_000_000_000n, halvingInterval: 150 })

  test.each([
    [0, 5_000_000_000n],
    [149, 5_000_000_000n],
    [150, 2_500_000_000n],
    [299, 2_500_000_000n],
    [300, 1_250_000_000n],
    [150 * 32, 1n],
    [150 * 33, 0n],
    [150 * 64, 0n],
    [2 ** 31 - 1, 0n],
  ])('at height %i is %s', (height, expected) => {
    expect(computeSubsidy(consensus, height)).toBe(expected)
  })

  test('adds up to just below twice the first period', () => {
    let total = 0n
    for (let height = 0; height < 150 * 64; height++) total += computeSubsidy(consensus, height)
    expect(total).toBe(1_499_999_998_350n)
  })
})

describe('a commitment in a coinbase', () => {
  const [coinbase] = ChainBuilder.create(testNetwork()).mine().transactions as [Transaction]
  const hash = new Uint8Array(32).fill(5)
  const other = new Uint8Array(32).fill(6)

  function paying(...scripts: Uint8Array[]): Transaction {
    return { ...coinbase, outputs: scripts.map((scriptPubKey) => ({ value: 0n, scriptPubKey })) }
  }

  test('is found by its tag, whatever stands around it', () => {
    const both = paying(witnessCommitmentScript(hash), filterCommitmentScript(other), Uint8Array.of(0x51))
    expect(findWitnessCommitment(both)).toEqual(hash)
    expect(findFilterCommitment(both)).toEqual(other)
  })

  test('is the last where there are several', () => {
    expect(
      findWitnessCommitment(paying(witnessCommitmentScript(other), witnessCommitmentScript(hash))),
    ).toEqual(hash)
  })

  test('may be followed by more bytes of the same script, but not be shorter', () => {
    expect(findWitnessCommitment(paying(concatBytes(witnessCommitmentScript(hash), hash)))).toEqual(hash)
    expect(findWitnessCommitment(paying(witnessCommitmentScript(hash).subarray(0, 37)))).toBeUndefined()
  })

  test('is none with another push', () => {
    expect(findWitnessCommitment(paying(concatBytes(fromHex('6a25aa21a9ed'), hash, hash)))).toBeUndefined()
    expect(findFilterCommitment(paying(witnessCommitmentScript(hash)))).toBeUndefined()
  })

  test('covers every witness but its own, and the nonce', () => {
    const builder = ChainBuilder.create(testNetwork())
    builder.mineEmpty(3)
    const [coin] = builder.spendable() as [PlacedCoin]
    const payment = builder.spend([coin], [{ value: 1n, scriptPubKey: Uint8Array.of(0x51) }])
    const root = merkleRoot([ZERO_HASH, wtxid(payment)])
    expect(computeWitnessCommitment({ transactions: [coinbase, payment] }, hash)).toEqual(
      hash256(concatBytes(root, hash)),
    )
  })
})
