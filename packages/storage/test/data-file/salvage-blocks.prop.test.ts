import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { equalBytes, toHex } from '@chain/core/bytes'
import { encodeCoinbaseHeight } from '@chain/core/consensus'
import { type Block, blockHash, encodeBlock, type Transaction } from '@chain/core/primitives'
import { reroot } from '@chain/core/testing'
import fc from 'fast-check'
import { beforeEach, expect, test, vi } from 'vitest'
import { sealValue } from '../../src/codecs.ts'
import { DamagedFile } from '../../src/data-file/damaged-file.ts'
import { type SalvagedBlock, salvageBlocks } from '../../src/data-file/salvage-blocks.ts'
import { Environment } from '../../src/environment.ts'
import { blockKey } from '../../src/layout.ts'
import { LmdbChainStore } from '../../src/lmdb-chain-store.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const PAGE = 4096
const sizes = [200, 300, 900, 1_500, 2_000, 2_100, 4_000, 4_100, 9_000, 70_000, 1_000_000]

/** A block of about `size` bytes that nothing but the search for blocks would take for one. */
function makeBlock(height: number, size: number): Block {
  const coinbase: Transaction = {
    version: 1,
    inputs: [
      {
        previousOutput: { txid: new Uint8Array(32), index: 0xffffffff },
        scriptSig: Uint8Array.of(...encodeCoinbaseHeight(height), 0),
        sequence: 0xffffffff,
        witness: [new Uint8Array(32)],
      },
    ],
    outputs: [
      {
        value: 5n,
        scriptPubKey: Uint8Array.from({ length: Math.max(0, size - 190) }, (_, i) => i * 7 + height),
      },
    ],
    lockTime: 0,
  }
  const header = {
    version: 1,
    parent: new Uint8Array(32).fill(height),
    merkleRoot: new Uint8Array(32),
    time: height,
    bits: 0,
    nonce: size,
  }
  return reroot({ header, transactions: [coinbase] })
}

interface Good {
  readonly bytes: Buffer
  /** Encodings of all blocks that the file holds, by hash. */
  readonly blocks: ReadonlyMap<string, Uint8Array>
  /** Where each copy of a block was found, and the pages of it. */
  readonly places: ReadonlyMap<string, readonly number[]>
}

let good: Good
let making: Promise<Good> | undefined

/** The same file for all tests, made by the first. */
async function makeGood(): Promise<void> {
  making ??= makeGoodFile()
  good = await making
}

/** A file that lived: several commits, side branches, rows of other tables, pruned blocks, pages that were freed. */
async function makeGoodFile(): Promise<Good> {
  const directory = temporaryDirectory()
  const file = join(directory, 'good.mdb')
  const environment = new Environment(file)
  const store = new LmdbChainStore(environment)
  const blocks = new Map<string, Uint8Array>()
  for (let round = 0; round < 12; round++) {
    const bodies = sizes.flatMap((size, index) => {
      if (size > 500_000 && round % 5 !== 0) return []
      const height = round * 4 + (index % 4)
      const made = makeBlock(height, size + round)
      return [{ block: { hash: blockHash(made.header), height }, bytes: encodeBlock(made), made }]
    })
    const undo = bodies.map(({ block }) => ({
      block,
      bytes: new Uint8Array(50 * (block.height + 1)).fill(round),
    }))
    const records = bodies.map(({ block, made }) => ({
      ...block,
      header: made.header,
      chainWork: 7n,
      validity: 'connected' as const,
      hasBody: true,
      transactionCount: 1,
      filterHeader: new Uint8Array(32),
    }))
    await store.commit({ bodies, undo, records, heights: [[round, new Uint8Array(32)]] })
    for (const { block, bytes } of bodies) blocks.set(toHex(block.hash), bytes)
    if (round === 6) await store.commit({ pruned: bodies.slice(0, 3).map(({ block }) => block) })
  }
  await environment.close()
  const found = [...salvageBlocks(file)]
  const places = new Map(found.map(({ hash, offset, bytes }) => [toHex(hash), pagesOf(offset, bytes.length)]))
  return { bytes: readFileSync(file), blocks, places }
}

beforeEach(makeGood)

function pagesOf(offset: number, length: number): number[] {
  const first = Math.floor(offset / PAGE)
  const count = Math.floor((offset + length + 3) / PAGE) - first + 1
  return Array.from({ length: count }, (_, index) => first + index)
}

function search(bytes: Uint8Array): SalvagedBlock[] {
  const file = join(temporaryDirectory(), 'damaged.mdb')
  writeFileSync(file, bytes)
  return [...salvageBlocks(file)]
}

test('a sound file gives every block that it holds, each once', () => {
  const found = search(good.bytes)
  const hashes = found.map(({ hash }) => toHex(hash))
  expect(new Set(hashes).size).toBe(hashes.length)
  // Pruned blocks may still be there.
  for (const hash of hashes) expect(good.blocks.has(hash)).toBe(true)
  expect(hashes.length).toBeGreaterThanOrEqual(good.blocks.size - 3)
  for (const { hash, parent, bytes, offset } of found) {
    expect(bytes).toEqual(good.blocks.get(toHex(hash)))
    expect(equalBytes(good.bytes.subarray(offset, offset + bytes.length), bytes)).toBe(true)
    expect(parent).toEqual(bytes.slice(4, 36))
  }
})

type Damage = (bytes: Buffer, touched: Set<number>) => Buffer

const pageOf = (share: number): number => Math.floor(share * (good.bytes.length / PAGE - 1))
const share = fc.double({ min: 0, max: 1, noNaN: true })

const flipBits: fc.Arbitrary<Damage> = fc
  .array(fc.tuple(share, fc.nat(PAGE - 1), fc.nat(7)), { maxLength: 200 })
  .map((flips) => (bytes, touched) => {
    for (const [where, at, bit] of flips) {
      const index = pageOf(where) * PAGE + at
      bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
      touched.add(pageOf(where))
    }
    return bytes
  })

const zeroRange: fc.Arbitrary<Damage> = fc
  .tuple(share, fc.nat(40), fc.nat(255))
  .map(([where, count, value]) => (bytes, touched) => {
    bytes.fill(value, pageOf(where) * PAGE, Math.min(bytes.length, (pageOf(where) + count) * PAGE))
    for (let page = pageOf(where); page < pageOf(where) + count; page++) touched.add(page)
    return bytes
  })

const shufflePages: fc.Arbitrary<Damage> = fc
  .array(fc.tuple(share, share), { maxLength: 30 })
  .map((swaps) => (bytes, touched) => {
    for (const [a, b] of swaps) {
      const copy = Buffer.from(bytes.subarray(pageOf(a) * PAGE, (pageOf(a) + 1) * PAGE))
      bytes.copy(bytes, pageOf(a) * PAGE, pageOf(b) * PAGE, (pageOf(b) + 1) * PAGE)
      copy.copy(bytes, pageOf(b) * PAGE)
      touched.add(pageOf(a)).add(pageOf(b))
    }
    return bytes
  })

const noMetaPages: fc.Arbitrary<Damage> = fc.constant((bytes, touched) => {
  bytes.fill(0, 0, 2 * PAGE)
  touched.add(0).add(1)
  return bytes
})

const truncate: fc.Arbitrary<Damage> = fc
  .tuple(share, fc.nat(PAGE))
  .map(([where, rest]) => (bytes, touched) => {
    const length = Math.min(bytes.length, pageOf(where) * PAGE + rest)
    for (let page = pageOf(where); page < good.bytes.length / PAGE; page++) touched.add(page)
    return bytes.subarray(0, length)
  })

test('of a file that is damaged in any way, only true blocks come, and all whose pages were not touched', () => {
  const damage = fc.array(fc.oneof(flipBits, zeroRange, shufflePages, noMetaPages, truncate), {
    minLength: 1,
    maxLength: 3,
  })
  fc.assert(
    fc.property(damage, (damages) => {
      const touched = new Set<number>()
      // Cutting comes last: what follows it would not be there.
      let bytes: Buffer = Buffer.from(good.bytes)
      for (const damageOf of damages) if (bytes.length === good.bytes.length) bytes = damageOf(bytes, touched)
      const found = new Map(search(bytes).map((block) => [toHex(block.hash), block.bytes]))
      for (const [hash, block] of found) {
        const expected = good.blocks.get(hash)
        expect(expected !== undefined && equalBytes(block, expected)).toBe(true)
      }
      for (const [hash, pages] of good.places)
        if (!pages.some((page) => touched.has(page))) expect(found.has(hash)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

interface Row {
  readonly key: Uint8Array
  /** Bytes of the value that the row claims. */
  readonly length: number
  /** What stands in the page after the key. */
  readonly data: Uint8Array
}

/** A leaf page, as a stranger would put it into a block. @param copies - how often each row is named */
function fakeLeaf(rows: readonly Row[], copies = 1): Buffer {
  const page = Buffer.alloc(PAGE)
  page.writeUInt16LE(2, 18)
  page.writeUInt16LE(rows.length * copies * 2, 20)
  let node = PAGE
  for (const [index, { key, length, data }] of rows.entries()) {
    node = (node - 8 - key.length - data.length) & ~1
    for (let copy = 0; copy < copies; copy++) page.writeUInt16LE(node - 24, 24 + 2 * (index * copies + copy))
    page.writeUInt32LE(length, node)
    page.writeUInt16LE(key.length, node + 6)
    page.set(key, node + 8)
    page.set(data, node + 8 + key.length)
  }
  return page
}

test('a row whose value would go on after its page is none, however often the page names it', () => {
  const made = makeBlock(5, 6_000)
  const key = blockKey({ hash: blockHash(made.header), height: 5 })
  const sealed = sealValue(key, encodeBlock(made))
  const data = sealed.subarray(0, 100)
  const page = fakeLeaf([{ key, length: sealed.length, data }], 1_900)
  expect(search(Buffer.concat([page, sealed.subarray(100), new Uint8Array(9_000_000)]))).toEqual([])
  const read = vi.spyOn(DamagedFile.prototype, 'read')
  const vast = fakeLeaf([{ key, length: 4_000_004, data }], 1_900)
  search(Buffer.concat([vast, new Uint8Array(9_000_000)]))
  expect(read.mock.calls.filter(([, length]) => length > PAGE)).toEqual([])
  read.mockRestore()
})

test('a page that names large values in vain is given up before it costs much', () => {
  // Twenty blocks that are there, with twenty lengths that are wrong.
  const blocks = Array.from({ length: 20 }, (_, index) => makeBlock(index, 300))
  const rows = blocks.map(({ header }, index) => {
    const data = new Uint8Array(8)
    new DataView(data.buffer).setUint32(0, index + 1, true)
    return { key: blockKey({ hash: blockHash(header), height: index }), length: 4_000_000, data }
  })
  const page = fakeLeaf(rows)
  for (let at = 24; at < 64; at += 2) page.writeUInt16LE(1, 24 + page.readUInt16LE(at) + 4)
  const values = blocks.map((made) => Buffer.concat([new Uint8Array(24), encodeBlock(made)], PAGE))
  const read = vi.spyOn(DamagedFile.prototype, 'read')
  search(Buffer.concat([page, ...values, new Uint8Array(5_000_000)]))
  expect(read.mock.calls.filter(([, length]) => length === 4_000_000)).toHaveLength(2)
  read.mockRestore()
})

test('a copy with another witness does not hide the block', () => {
  const made = makeBlock(7, 300)
  const [coinbase] = made.transactions as [Transaction]
  const [input] = coinbase.inputs as [Transaction['inputs'][number]]
  const changed = { ...coinbase, inputs: [{ ...input, witness: [new Uint8Array(32).fill(9)] }] }
  const copies = [{ ...made, transactions: [changed] }, made].map(encodeBlock)
  const key = blockKey({ hash: blockHash(made.header), height: 4_000_000_000 })
  const rows = [...copies, ...copies].map((bytes) => {
    const data = sealValue(key, bytes)
    return { key, length: data.length, data }
  })
  expect(search(fakeLeaf(rows)).map(({ bytes }) => bytes)).toEqual(copies)
})

test('noise, an empty file and a file of zeros hold no blocks', () => {
  for (const bytes of [
    new Uint8Array(),
    new Uint8Array(50),
    new Uint8Array(300_000),
    Uint8Array.from({ length: 300_000 }, (_, index) => Math.imul(index + 1, 0x9e3779b1) >>> 24),
  ])
    expect(search(bytes)).toEqual([])
})

test('a block on pages of its own is found when the leaf that names it is gone', () => {
  const bytes = Buffer.from(good.bytes)
  const big = [...good.places].filter(([, pages]) => pages.length > 1)
  expect(big.length).toBeGreaterThan(20)
  // Whatever is not part of a value with pages of its own.
  const values = new Set(big.flatMap(([, pages]) => pages))
  for (let page = 0; page < bytes.length / PAGE; page++)
    if (!values.has(page)) bytes.fill(0, page * PAGE, (page + 1) * PAGE)
  const found = new Set(search(bytes).map(({ hash }) => toHex(hash)))
  for (const [hash] of big) expect(found.has(hash)).toBe(true)
})

test('a file that is not there is an error that names it', () => {
  const file = join(temporaryDirectory(), 'nowhere.mdb')
  expect(() => [...salvageBlocks(file)]).toThrow(
    expect.objectContaining({ code: 'store-failed', data: { file } }) as Error,
  )
})
