import { fromHex, toHex } from '@chain/core/bytes'
import { isWorkSufficient } from '@chain/core/consensus'
import {
  blockHash,
  blockLength,
  blockWeight,
  computeMerkle,
  decodeBlock,
  encodeBlock,
  encodeHeader,
  encodeTransaction,
  formatHash,
  hasWitness,
  transactionLength,
  txid,
  wtxid,
} from '@chain/core/primitives'
import { expect, test } from 'vitest'
import { describeVectors } from '../vectors.ts'

type Bip158Row = readonly [height: number, hash: string, block: string]

describeVectors('bip158-testnet-19.json', (vectors) => {
  const rows = vectors.json<Bip158Row[]>().slice(1)

  test.each(rows)('block %i decodes, re-encodes to the same bytes and has the hash %s', (_, hash, text) => {
    const block = decodeBlock(fromHex(text))
    expect(toHex(encodeBlock(block))).toBe(text)
    expect(formatHash(blockHash(block.header))).toBe(hash)
    expect(toHex(encodeHeader(block.header))).toBe(text.slice(0, 160))
  })

  test.each(rows)(
    'block %i encodes the same when it is rebuilt from plain fields',
    (_height, _hash, text) => {
      const { header, transactions } = decodeBlock(fromHex(text))
      const plain = { header, transactions: transactions.map((transaction) => ({ ...transaction })) }
      expect(toHex(encodeBlock(plain))).toBe(text)
      expect(blockLength(plain)).toBe(text.length / 2)
      expect(plain.transactions.map(txid)).toEqual(transactions.map(txid))
      expect(plain.transactions.map(wtxid)).toEqual(transactions.map(wtxid))
    },
  )
})

const realBlocks = [
  {
    file: 'block300025.raw',
    hash: '0000000000000000821c4e0acc40f88bedbce3b73ba2358b5ade58a9022cc78c',
    root: 'af193f375fc1aeede6d781c0a563c1a66b4f69723d558438ba80f45ad3c1be28',
    transactions: 461,
    witnesses: 0,
  },
  {
    file: 'block426884.raw',
    hash: '00000000000000000431d0ead6e0bd9f90ff0d469e9b05d51e3d04971f472973',
    root: '7f973e382b2151667eba21e657a7d4900fdddcb214cb9dfbca88a322910d403b',
    transactions: 409,
    witnesses: 0,
  },
]

for (const real of realBlocks) {
  describeVectors(real.file, (vectors) => {
    const bytes = vectors.bytes()
    const block = decodeBlock(bytes)

    test('has its real hash, which meets its real target', () => {
      const hash = blockHash(block.header)
      expect(formatHash(hash)).toBe(real.hash)
      expect(isWorkSufficient(hash, block.header.bits, 0x1d00ffff)).toBe(true)
    })

    test('has its real Merkle root, without a sign of mutation', () => {
      const { root, mutated } = computeMerkle(block.transactions.map(txid))
      expect(formatHash(root)).toBe(real.root)
      expect(root).toEqual(block.header.merkleRoot)
      expect(mutated).toBe(false)
    })

    test('re-encodes to the same bytes, from what was read and from plain fields', () => {
      const plain = { ...block, transactions: block.transactions.map((transaction) => ({ ...transaction })) }
      expect(encodeBlock(block)).toEqual(bytes)
      expect(encodeBlock(plain)).toEqual(bytes)
    })

    test('has the number of transactions that is known of it', () => {
      expect(block.transactions).toHaveLength(real.transactions)
      expect(block.transactions.filter(hasWitness)).toHaveLength(real.witnesses)
    })

    test('has the length and weight of its bytes', () => {
      expect(blockLength(block)).toBe(bytes.length)
      expect(blockWeight(block)).toBe(4 * bytes.length)
      for (const transaction of block.transactions) {
        expect(transactionLength({ ...transaction })).toBe(encodeTransaction(transaction).length)
      }
    })
  })
}

describeVectors('merkle300025.raw', (vectors) => {
  test('begins with the header of block 300025', () => {
    const block = decodeBlock(Uint8Array.of(...vectors.bytes().subarray(0, 80), 0))
    expect(formatHash(blockHash(block.header))).toBe(realBlocks[0]?.hash)
  })
})

describeVectors('compact426884.raw', (vectors) => {
  test('begins with the header of block 426884', () => {
    const block = decodeBlock(Uint8Array.of(...vectors.bytes().subarray(0, 80), 0))
    expect(formatHash(blockHash(block.header))).toBe(realBlocks[1]?.hash)
  })
})
