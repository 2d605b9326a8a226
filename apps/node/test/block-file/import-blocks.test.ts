import { ByteWriter, concatBytes } from '@chain/core/bytes'
import { ChainManager } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
import { type Block, blockHash, encodeBlock, HEADER_LENGTH } from '@chain/core/primitives'
import { ChainBuilder, reroot, solve } from '@chain/core/testing'
import { openStore } from '@chain/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { BlockFile, encodePrefix } from '../../src/block-file/block-file.ts'
import { importBlocks, MAX_VAIN_DECODINGS } from '../../src/block-file/import-blocks.ts'
import { MAX_BLOCK_LENGTH } from '../../src/block-file/record-scanner.ts'
import { systemClock } from '../../src/clock.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import {
  importParts,
  importPath,
  mineBlocks,
  openEmptyChain,
  recordOf,
  spec,
  writeParts,
} from './block-files.ts'

let blocks: Block[]
/** In the order of the chain. */
let records: Uint8Array[]

beforeAll(() => {
  blocks = mineBlocks(6)
  records = blocks.map(recordOf)
})

function hashOf(index: number): Uint8Array {
  return blockHash((blocks[index] as Block).header)
}

/** Where a record begins when all are written one after the other. */
function offsetOf(index: number): number {
  return records.slice(0, index).reduce((sum, { length }) => sum + length, 0)
}

/** The bytes with one bit changed. */
function flipBit(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ 1 : byte))
}

/** The last byte of a record's block is part of a lock time, to which only the Merkle root holds. */
function damageBody(record: Uint8Array): Uint8Array {
  return flipBit(record, record.length - 1)
}

/**
 * Records that each begin in the one before and all end together: a header that is worked for, too large a count, and a
 * transaction whose script reaches over the records that follow, up to the transactions that they share.
 */
function nestRecords(count: number): { readonly file: Uint8Array; readonly sharedLength: number } {
  const input = concatBytes(new Uint8Array(36).fill(1), Uint8Array.of(0), new Uint8Array(4))
  const output = concatBytes(Uint8Array.of(1), new Uint8Array(8), Uint8Array.of(0))
  const lockTime = new Uint8Array(4)
  const transaction = concatBytes(Uint8Array.of(2, 0, 0, 0, 1), input, output, lockTime)
  const header = encodeBlock(blocks[0] as Block).subarray(0, HEADER_LENGTH)
  const shared = concatBytes(new Uint8Array(4), output, lockTime, ...Array(30_000).fill(transaction))
  const unitLength = 8 + HEADER_LENGTH + 3 + 5 + 36 + 5
  const scripts = count * unitLength + 70_000
  const units = Array.from({ length: count }, (_, index) => {
    const end = (index + 1) * unitLength
    return new ByteWriter(unitLength)
      .writeBytes(encodePrefix(spec.magic, scripts + shared.length - index * unitLength - 8))
      .writeBytes(header)
      .writeCompactSize(30_011)
      .writeBytes(transaction.subarray(0, 41))
      .writeCompactSize(scripts - end)
      .toBytes()
  })
  return { file: concatBytes(...units, new Uint8Array(70_000), shared), sharedLength: shared.length }
}

describe('an import', () => {
  it('takes in the blocks of a file', async () => {
    const chain = await openEmptyChain()
    const report = await importParts(chain, records)
    expect(chain.tip.hash).toEqual(hashOf(5))
    // The first block and then two transactions each.
    expect(report).toMatchObject({ blocks: 6, transactions: 11, known: 0, rejected: 0 })
    expect(report).toMatchObject({ isComplete: true, isEverythingTaken: true, hasBlocks: true })
  })

  it.each([
    ['backwards', [5, 4, 3, 2, 1, 0]],
    ['in disorder', [3, 0, 5, 1, 4, 2]],
    ['more than once', [0, 1, 0, 2, 2, 1, 4, 5, 3, 5]],
  ])('takes them in when they stand %s', async (_, order) => {
    const chain = await openEmptyChain()
    const report = await importParts(
      chain,
      order.map((index) => records[index] as Uint8Array),
    )
    expect(chain.tip.hash).toEqual(hashOf(5))
    expect(report).toMatchObject({ blocks: 6, known: order.length - 6, rejected: 0 })
  })

  it('knows the genesis block', async () => {
    const chain = await openEmptyChain()
    const report = await importParts(chain, [recordOf(spec.consensus.genesis), ...records])
    expect(report).toMatchObject({ blocks: 6, known: 1, rejected: 0 })
  })

  it('skips blocks of the chain by their headers, and goes on after them', async () => {
    const chain = await openEmptyChain()
    await importParts(chain, records.slice(0, 4))
    // Nothing reads the bodies of the first four.
    const parts = records.map((record, index) => (index < 4 ? damageBody(record) : record))
    const report = await importParts(chain, parts)
    expect(report).toMatchObject({ blocks: 2, transactions: 4, known: 4, rejected: 0 })
    expect(chain.tip.hash).toEqual(hashOf(5))
  })

  it('takes in branches, and follows the one with the most work', async () => {
    const branch = ChainBuilder.create(spec)
    branch.mineEmpty(7, { extraNonce: 1 })
    const chain = await openEmptyChain()
    const report = await importParts(chain, [...branch.blocks.map(recordOf).toReversed(), ...records])
    expect(report).toMatchObject({ blocks: 13, rejected: 0 })
    expect(chain.tip.hash).toEqual(branch.tip.hash)
    expect(chain.tips()).toHaveLength(2)
  })

  it('tells how far it is, up to the whole file', async () => {
    const told: [bytes: number, blocks: number][] = []
    await importParts(await openEmptyChain(), records.toReversed(), {
      onProgress: (bytes, count) => told.push([bytes, count]),
    })
    expect(told.at(-1)).toEqual([offsetOf(6), 6])
    expect(told.map(([bytes]) => bytes)).toEqual(told.map(([bytes]) => bytes).toSorted((a, b) => a - b))
  })
})

describe('what an import does not take in', () => {
  it('is other bytes between the records', async () => {
    const chain = await openEmptyChain()
    const garbage = new Uint8Array(1_000).fill(0xfa)
    const report = await importParts(
      chain,
      records.flatMap((record) => [record, garbage]),
    )
    expect(report).toMatchObject({ blocks: 6, rejected: 6, isEverythingTaken: true })
    expect(report.rejections[0]).toMatchObject({ kind: 'damage', offset: records[0]?.length })
    expect(chain.tip.height).toBe(6)
  })

  it('is a record that the end of the file cuts off', async () => {
    const chain = await openEmptyChain()
    const last = records[5] as Uint8Array
    const report = await importParts(chain, [...records.slice(0, 5), last.subarray(0, last.length - 1)])
    expect(report).toMatchObject({ blocks: 5, isEverythingTaken: true })
    expect(report.rejections).toMatchObject([{ kind: 'damage', offset: offsetOf(5) }])
  })

  it('is a record that holds no block', async () => {
    const chain = await openEmptyChain()
    const [first] = blocks as [Block]
    // A header that is worked for, and then no transactions but other bytes.
    const bytes = concatBytes(encodeBlock(first).subarray(0, 80), new Uint8Array(20).fill(9))
    const report = await importParts(chain, [recordOf(bytes), ...records])
    expect(report).toMatchObject({ blocks: 6, rejected: 1, isEverythingTaken: true })
    expect(report.rejections).toMatchObject([
      { offset: 0, reason: expect.stringMatching(/^The record holds no block: /) },
    ])
  })

  it.each([100, -100])(
    'is a record whose length is wrong by %d, but it hides no other one',
    async (error) => {
      const wrong = records.map((record) => {
        const bytes = record.slice()
        bytes.set(encodePrefix(spec.magic, record.length - 8 + error))
        return bytes
      })
      for (const [position, record] of wrong.entries()) {
        // Known, to be taken in, and to be remembered.
        const chain = await openEmptyChain()
        await importParts(chain, records.slice(0, 2))
        const parts = records.toSpliced(position, 0, record)
        const report = await importParts(chain, [...parts, ...records.toReversed()])
        expect(chain.tip.height).toBe(6)
        expect(report.rejections).toMatchObject([{ kind: 'damage' }])
      }
    },
  )

  it('is what lies in many records that all end in the same bytes, which are not decoded for each of them', async () => {
    const chain = await openEmptyChain()
    const nested = nestRecords(200)
    const report = await importParts(chain, [nested.file, ...records])
    expect(chain.tip.hash).toEqual(hashOf(5))
    const decoded = report.rejections.filter(({ reason }) => reason.startsWith('The record holds no block: '))
    const mostDecoded = (MAX_VAIN_DECODINGS * MAX_BLOCK_LENGTH) / nested.sharedLength + 1
    expect(decoded.length).toBeGreaterThan(1)
    expect(decoded.length).toBeLessThanOrEqual(mostDecoded)
    expect(report.rejections.filter((rejection) => !decoded.includes(rejection))).toEqual([
      {
        kind: 'damage',
        offset: decoded.at(-1)?.offset,
        reason: 'The inside of the record was not searched: too many records around it hold no block.',
      },
    ])
  })

  it('is a block that nobody has worked for', async () => {
    const chain = await openEmptyChain()
    const [first] = blocks as [Block]
    const easy = { ...first, header: { ...first.header, bits: 0x1d00ffff } }
    const report = await importParts(chain, [recordOf(easy), ...records])
    expect(report.rejections).toMatchObject([
      { kind: 'refusal', offset: 0, reason: expect.stringMatching(/is above the target 1d00ffff/) },
    ])
    expect(chain.tip.height).toBe(6)
  })

  it('is a block that breaks a rule, with all that build on it', async () => {
    const chain = await openEmptyChain()
    const third = blocks[2] as Block
    const [coinbase, ...others] = third.transactions
    if (coinbase === undefined) throw new Error('Every block has a coinbase.')
    const outputs = coinbase.outputs.map((output, index) =>
      index === 0 ? { ...output, value: 2n ** 40n } : output,
    )
    const greedy = solve(reroot({ ...third, transactions: [{ ...coinbase, outputs }, ...others] }))
    const empty = { ...(blocks[3] as Block).header, parent: blockHash(greedy.header) }
    const child = solve({ ...(blocks[3] as Block), header: empty })
    const report = await importParts(chain, [...records.slice(0, 2), recordOf(greedy), recordOf(child)])
    expect(report).toMatchObject({ blocks: 2, rejected: 2, isEverythingTaken: false })
    expect(report.rejections).toMatchObject([
      { kind: 'refusal', offset: offsetOf(2), reason: expect.stringMatching(/coinbase/i) },
      { kind: 'refusal', reason: expect.stringMatching(/branch with the invalid block/) },
    ])
    expect(chain.tip.height).toBe(2)
    // The good branch can still come.
    await importParts(chain, records)
    expect(chain.tip.height).toBe(6)
  })

  it('is a damaged copy of a block, but its good copy is', async () => {
    const chain = await openEmptyChain()
    const parts = [...records.slice(0, 2), damageBody(records[2] as Uint8Array), ...records.slice(2)]
    const report = await importParts(chain, parts)
    expect(report).toMatchObject({ blocks: 6, rejected: 1 })
    expect(report.rejections).toMatchObject([
      { kind: 'refusal', offset: offsetOf(2), reason: expect.stringMatching(/Merkle root/) },
    ])
    expect(chain.tip.height).toBe(6)
  })

  it('is a block whose parent is nowhere', async () => {
    const chain = await openEmptyChain()
    const report = await importParts(chain, records.toSpliced(2, 1))
    expect(report).toMatchObject({ blocks: 2, rejected: 3, isEverythingTaken: false })
    expect(report.rejections[0]).toMatchObject({
      offset: offsetOf(2),
      reason: expect.stringMatching(/which is not in the chain/),
    })
    await importParts(chain, [records[2] as Uint8Array])
    expect(chain.tip.height).toBe(3)
  })

  it('is a block that came too long before its parent, until the next import', async () => {
    const chain = await openEmptyChain()
    const path = writeParts(...records.toReversed())
    const report = await importPath(chain, path, { waitingLimit: 2 })
    expect(report).toMatchObject({ blocks: 3, forgotten: 3, rejected: 0, isEverythingTaken: false })
    expect(await importPath(chain, path, { waitingLimit: 2 })).toMatchObject({ blocks: 3, forgotten: 0 })
    expect(chain.tip.height).toBe(6)
  })
})

describe('blocks whose headers came before', () => {
  it('are kept until the one that is missing comes', async () => {
    const chain = await openEmptyChain()
    await chain.acceptHeaders(blocks.map(({ header }) => header))
    const report = await importParts(chain, records.toSpliced(2, 1).toReversed())
    expect(report).toMatchObject({ blocks: 5, rejected: 0, isEverythingTaken: true })
    expect(chain.tip.height).toBe(2)
    await importParts(chain, [records[2] as Uint8Array])
    expect(chain.tip.height).toBe(6)
  })
})

describe('an import that ends early', () => {
  it('finishes what was handed in when it is told to, and the next one goes on', async () => {
    const chain = await openEmptyChain()
    const path = writeParts(...records)
    const controller = new AbortController()
    const report = await importPath(chain, path, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    })
    expect(report.isComplete).toBe(false)
    expect(report.blocks).toBe(chain.tip.height)
    expect(chain.tip.height).toBeLessThan(6)
    expect(await importPath(chain, path)).toMatchObject({ isComplete: true, known: report.blocks })
    expect(chain.tip.height).toBe(6)
  })

  it('tells why the store failed, when nothing is under way any more', async () => {
    const store = await openStore({ directory: temporaryDirectory(), specId: spec.id })
    const modules = { store: store.chainStore, verifier: inlineVerifier, clock: systemClock }
    const chain = await ChainManager.open(spec, modules)
    const closed = store.close()
    await expect(importParts(chain, records)).rejects.toMatchObject({ code: 'store-closed' })
    await closed
  })

  it('tells why the file failed', async () => {
    const chain = await openEmptyChain()
    const file = await BlockFile.open(writeParts(...records))
    await file.close()
    await expect(importBlocks({ file, chain })).rejects.toMatchObject({ code: 'file-unreadable' })
  })
})
