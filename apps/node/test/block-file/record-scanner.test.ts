import { truncateSync } from 'node:fs'
import { concatBytes } from '@chain/core/bytes'
import { afterEach, describe, expect, it } from 'vitest'
import { BlockFile, encodePrefix } from '../../src/block-file/block-file.ts'
import { type Finding, MAX_BLOCK_LENGTH, RecordScanner } from '../../src/block-file/record-scanner.ts'
import { recordOf, spec, writeParts } from './block-files.ts'

const files: BlockFile[] = []

afterEach(async () => {
  for (const file of files.splice(0)) await file.close()
})

async function openScanner(path: string): Promise<RecordScanner> {
  const file = await BlockFile.open(path)
  files.push(file)
  return new RecordScanner(file, spec.magic)
}

async function readAll(scanner: RecordScanner): Promise<Finding[]> {
  const findings: Finding[] = []
  for (let next = await scanner.next(); next !== undefined; next = await scanner.next()) findings.push(next)
  return findings
}

async function scan(...parts: readonly Uint8Array[]): Promise<Finding[]> {
  return readAll(await openScanner(writeParts(...parts)))
}

/** Something that is framed as a block, filled with one byte. */
function bytesOf(length: number, fill = 7): Uint8Array {
  return new Uint8Array(length).fill(fill)
}

const garbage = (length: number): Uint8Array => bytesOf(length, 0xee)

describe('the records of a block file', () => {
  it('are found one after the other, with their offsets', async () => {
    const [first, second] = [bytesOf(81), bytesOf(200)]
    expect(await scan(recordOf(first), recordOf(second))).toEqual([
      { type: 'record', offset: 0, bytes: first, isFollowed: true },
      { type: 'record', offset: 89, bytes: second, isFollowed: true },
    ])
  })

  it('are not there in an empty file, nor in zeros', async () => {
    expect(await scan()).toEqual([])
    expect(await scan(new Uint8Array(200_000))).toEqual([])
  })

  it('may have zeros between them, and after the last', async () => {
    const findings = await scan(
      recordOf(bytesOf(81)),
      new Uint8Array(9),
      recordOf(bytesOf(81)),
      new Uint8Array(9),
    )
    expect(findings).toMatchObject([
      { type: 'record', offset: 0, isFollowed: false },
      { type: 'record', offset: 98, isFollowed: false },
    ])
  })

  it('are found behind other bytes, which are told once', async () => {
    const findings = await scan(garbage(10), recordOf(bytesOf(81)), garbage(100_000))
    expect(findings).toMatchObject([
      { type: 'damage', offset: 0, reason: 'The 10 bytes there are no record of the network.' },
      { type: 'record', offset: 10, isFollowed: false },
      { type: 'damage', offset: 99, reason: 'The 100000 bytes there are no record of the network.' },
    ])
  })

  it.each([0, 80, MAX_BLOCK_LENGTH + 1, 2 ** 32 - 1])('have no length of %d', async (length) => {
    const findings = await scan(encodePrefix(spec.magic, length), garbage(50), recordOf(bytesOf(81)))
    expect(findings).toMatchObject([
      { type: 'damage', offset: 0, reason: expect.stringContaining(`length of the record is ${length}`) },
      { type: 'record', offset: 58 },
    ])
  })

  it('may be as long as the longest block', async () => {
    const [finding, ...others] = await scan(recordOf(bytesOf(MAX_BLOCK_LENGTH)))
    expect(finding).toMatchObject({ type: 'record', offset: 0, isFollowed: true })
    expect(others).toEqual([])
  })

  it('that the end of the file cuts off are damage', async () => {
    const record = recordOf(bytesOf(81))
    expect(await scan(record, record.subarray(0, 6))).toMatchObject([
      { type: 'record' },
      {
        type: 'damage',
        offset: 89,
        reason: 'The file ends inside the record, before the length of the block.',
      },
    ])
    expect(await scan(record.subarray(0, 50))).toMatchObject([
      { type: 'damage', offset: 0, reason: 'The file ends inside the record, after 42 of its 81 bytes.' },
    ])
  })

  it.each([65_536, 4 * 1024 * 1024])('are found across the border of pieces, at %d bytes', async (border) => {
    for (const before of [1, 2, 3, 4, 8, 40]) {
      const findings = await scan(new Uint8Array(border - before), recordOf(bytesOf(81)))
      expect(findings).toMatchObject([{ type: 'record', offset: border - before, bytes: bytesOf(81) }])
    }
  })

  it('are searched for inside of one that was rejected, whose bytes are not told again', async () => {
    const inner = recordOf(bytesOf(81))
    const scanner = await openScanner(writeParts(recordOf(concatBytes(garbage(100), inner, garbage(5)))))
    expect(await scanner.next()).toMatchObject({ type: 'record', offset: 0 })
    scanner.reject(0)
    expect(await scanner.next()).toMatchObject({ type: 'record', offset: 108, bytes: bytesOf(81) })
    expect(await scanner.next()).toMatchObject({ type: 'damage', offset: 197 })
    expect(await scanner.next()).toBe(undefined)
  })

  it('end where the file was cut while it was read', async () => {
    const record = recordOf(bytesOf(3_000_000))
    const path = writeParts(record, record, record)
    const scanner = await openScanner(path)
    expect(await scanner.next()).toMatchObject({ type: 'record', offset: 0 })
    truncateSync(path, record.length + 100)
    expect(await readAll(scanner)).toMatchObject([{ type: 'damage', offset: record.length }])
  })
})
