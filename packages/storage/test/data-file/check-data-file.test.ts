import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkDataFile } from '../../src/data-file/check-data-file.ts'
import { Environment, type RowWrite } from '../../src/environment.ts'
import { nextLine, runProcess } from '../processes/run-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { sampleRows } from './sample-rows.ts'

const PAGE = 4096

/** A data file with rows in it, closed. */
async function makeFile(directory: string): Promise<string> {
  const file = join(directory, 'good.mdb')
  const environment = new Environment(file)
  for (let round = 0; round < 4; round++) await environment.write(sampleRows(400, round))
  await environment.close()
  return file
}

test('a sound file passes, also when it was written over many times', async () => {
  const file = await makeFile(temporaryDirectory())
  checkDataFile(file)
  for (let round = 0; round < 10; round++) {
    const environment = new Environment(file)
    const rows = sampleRows(100 + 300 * (round % 4), round % 3)
    await environment.write(rows)
    await environment.write(rows.slice(round * 10).map((row): RowWrite => ({ ...row, value: undefined })))
    await environment.close()
    checkDataFile(file, { pageBudget: Number.POSITIVE_INFINITY })
  }
})

test.each([
  ['is empty', 'it is empty', () => new Uint8Array()],
  ['is a few random bytes', 'it ends at byte 100', () => noise(100)],
  ['is random bytes', 'it is not an LMDB file', () => noise(100_000)],
  ['is zeros', 'it is not an LMDB file', () => new Uint8Array(100_000)],
  ['is cut after the first page', 'it ends at byte 4096', (good) => good.subarray(0, PAGE)],
  ['is cut after the meta pages', 'it is cut short', (good) => good.subarray(0, 2 * PAGE)],
  ['is cut in half', 'it is cut short', (good) => good.subarray(0, Math.floor(good.length / 2))],
  ['lacks its last page', 'it is cut short', (good) => good.subarray(0, good.length - PAGE)],
  ['has another LMDB format', 'its LMDB format is 3, not 2', (good) => patch(good, [[28, 1]])],
  ['has a page size that cannot be', 'its page size is 4097', (good) => patch(good, [[48, 1]])],
] as readonly [string, string, (good: Uint8Array) => Uint8Array][])(
  'a file that %s is corrupt',
  async (_, detail, damage) => {
    const file = await makeFile(temporaryDirectory())
    writeFileSync(file, damage(readFileSync(file)))
    const error = errorOf(() => checkDataFile(file))
    expect(error).toMatchObject({ code: 'store-corrupt', data: { file } })
    expect(String(error)).toContain(detail)
  },
)

test('a directory in place of the file is an error that names it', () => {
  const file = join(temporaryDirectory(), 'chain.mdb')
  mkdirSync(file)
  expect(errorOf(() => checkDataFile(file))).toMatchObject({ code: 'store-failed', data: { file } })
})

test('a file that is shorter than its last page number passes when only free pages are missing', async () => {
  const file = join(temporaryDirectory(), 'short.mdb')
  const environment = new Environment(file)
  const rows = sampleRows(3000, 0)
  // Pages that a transaction both took and gave back are never written.
  await environment.write([...rows, ...rows.map((row): RowWrite => ({ ...row, value: undefined }))])
  await environment.close()
  const meta = new DataView(Uint8Array.from(readFileSync(file)).buffer)
  const lastPage = Math.max(meta.getUint32(144, true), meta.getUint32(PAGE + 144, true))
  expect(statSync(file).size).toBeLessThan((lastPage + 1) * PAGE)
  checkDataFile(file)
})

test('whatever damage passes the check, reading the file does not end the process', async () => {
  const directory = temporaryDirectory()
  const good = readFileSync(await makeFile(directory))
  const treePages = pagesOf(good, [1, 2])
  const file = join(directory, 'damaged.mdb')
  const passing: Uint8Array[] = []
  let caught = 0
  for (let round = 0; round < 300; round++) {
    const page = treePages[round % treePages.length] as number
    // Every other time in the page's header and the offsets of its nodes.
    const at = page * PAGE + ((round * 7919) % (round % 2 === 0 ? 200 : PAGE))
    const damaged = patch(good, [[at, 1 << (round % 8)]])
    writeFileSync(file, damaged)
    const error = errorOf(() => checkDataFile(file))
    if (error === undefined) passing.push(damaged)
    else caught++
    expect(error === undefined || 'code' in error ? undefined : error).toBeUndefined()
  }
  expect(caught).toBeGreaterThan(30)
  for (const damaged of passing.filter((_, index) => index % 20 === 0)) {
    writeFileSync(file, damaged)
    expect(await nextLine(runProcess('read-everything.ts', [file]))).toMatch(/^(read \d+|store-corrupt)$/)
  }
})

/** The file with bits of some bytes flipped: pairs of position and mask. */
function patch(good: Uint8Array, flips: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = Uint8Array.from(good)
  for (const [at, mask] of flips) bytes[at] = (bytes[at] as number) ^ mask
  return bytes
}

function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Math.imul(index + 1, 0x9e3779b1) >>> 24)
}

/** Numbers of the pages that have one of these kinds. */
function pagesOf(bytes: Buffer, kinds: readonly number[]): number[] {
  const count = bytes.length / PAGE
  return Array.from({ length: count }, (_, page) => page).filter((page) =>
    kinds.includes(bytes.readUInt16LE(page * PAGE + 18)),
  )
}

function errorOf(run: () => void): Error | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return error as Error
  }
}
