import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { loadNetwork } from '@chain/core/consensus'
import { formatHash } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { recordOf, writeParts } from '../block-file/block-files.ts'
import { startTestNode } from '../start-test-node.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { type Result, run, runAt } from './run-command.ts'

let records: Uint8Array[]
let tip: string

beforeAll(() => {
  const builder = ChainBuilder.create(loadNetwork('regtest'))
  records = builder.mineEmpty(20).map(recordOf)
  tip = formatHash(builder.tip.hash)
})

/** A data directory with the chain. */
async function importedDirectory(): Promise<string> {
  const dataDir = temporaryDirectory()
  await runAt({ dataDir }, 'import', writeParts(...records))
  return dataDir
}

describe('chain-node import', () => {
  it('prints exactly the fields that scripts rely on', async () => {
    const dataDir = temporaryDirectory()
    const { exitCode, stdout, stderr } = await runAt({ dataDir }, 'import', writeParts(...records), '--json')
    expect([exitCode, stderr]).toEqual([0, ''])
    const imported = JSON.parse(stdout)
    expect(Object.keys(imported)).toEqual([
      ...[
        'blocks',
        'transactions',
        'signatures',
        'seconds',
        'height',
        'tip',
        'peakRssBytes',
        'verifier',
        'eventLoopLag',
      ],
    ])
    expect(imported).toMatchObject({ blocks: 20, transactions: 20, signatures: 0, height: 20, tip })
    expect(imported.seconds).toBeGreaterThan(0)
    expect(imported.peakRssBytes).toBeGreaterThan(1e7)
    expect(imported.verifier).toMatch(/native|noble/)
  })

  it('tells people what it did, and is quick the second time', async () => {
    const dataDir = temporaryDirectory()
    const path = writeParts(...records)
    const first = await runAt({ dataDir }, 'import', path, '--par', '1', '--dbcache', '4')
    expect(first.exitCode).toBe(0)
    expect(first.stdout).toMatch(/^Imported 20 blocks with 20 transactions and 0 signatures in [\d.]+ s \(/)
    expect(first.stdout).toContain(`It is at height 20, tip ${tip}.`)
    expect(first.stdout).not.toContain('not taken in')
    const second = await runAt({ dataDir }, 'import', path)
    expect(second.stdout).toMatch(/^Imported 0 blocks/)
    expect(second.stdout).toContain('The chain had 20 blocks of the file before.')
  })

  it('tells where a file is damaged, and is content when all blocks are there', async () => {
    const dataDir = temporaryDirectory()
    const path = writeParts(Uint8Array.of(1, 2, 3), ...records)
    const { exitCode, stdout } = await runAt({ dataDir }, 'import', path)
    expect(exitCode).toBe(0)
    expect(stdout).toContain(
      '1 parts of the file were not taken in:\n  at offset 0: The 3 bytes there are no',
    )
    const again = JSON.parse((await runAt({ dataDir }, 'import', path, '--json')).stdout)
    expect(again).toMatchObject({ blocks: 0, rejected: [{ kind: 'damage', offset: 0 }] })
  })

  it('ends with 6 when blocks were refused, and tells the first of them', async () => {
    const dataDir = temporaryDirectory()
    const path = writeParts(...records.slice(1), ...records.slice(2, 8))
    const { exitCode, stdout } = await runAt({ dataDir }, 'import', path)
    expect(exitCode).toBe(6)
    expect(stdout).toContain('25 parts of the file were not taken in:\n  at offset 0: The block builds on ')
    expect(stdout).toContain('and 5 more.')
    expect(stdout.match(/at offset/g)).toHaveLength(20)
  })

  it('refuses what holds no block of the network', async () => {
    const dataDir = temporaryDirectory()
    const wrongNetwork = await run('import', writeParts(...records), '--network', 'dev', '--datadir', dataDir)
    expect(wrongNetwork.exitCode).toBe(2)
    expect(wrongNetwork.stderr).toMatch(
      /holds no block of the network dev, .* the bytes c4a1de50\. At offset 0: The/,
    )
    for (const path of ['-', '/dev/zero', dataDir, join(dataDir, 'none')]) {
      const { exitCode, stderr } = await runAt({ dataDir }, 'import', path)
      expect(exitCode).toBe(2)
      expect(stderr).toMatch(/^chain-node: [^\n]+\n$/)
      expect(stderr).toContain(path)
    }
  })

  it('is refused while a node runs on the data directory', async () => {
    const { dataDir } = await startTestNode()
    const { exitCode, stderr } = await runAt({ dataDir }, 'import', writeParts(...records))
    expect(exitCode).toBe(7)
    expect(stderr).toContain(`is in use by process ${process.pid}`)
  })

  it('ends at Ctrl-C with what it has, and goes on from there', async () => {
    const dataDir = temporaryDirectory()
    const path = writeParts(...records)
    const { exitCode, stderr } = await interrupt(runAt({ dataDir }, 'import', path))
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/The import was stopped after \d+ blocks, at height \d+: the same command goes on/)
    const again = JSON.parse((await runAt({ dataDir }, 'import', path, '--json')).stdout)
    expect(again).toMatchObject({ height: 20, tip })
  })
})

describe('chain-node export', () => {
  it('writes what import takes in, byte for byte', async () => {
    const dataDir = await importedDirectory()
    const file = join(temporaryDirectory(), 'out.dat')
    const { exitCode, stdout } = await runAt({ dataDir }, 'export', file)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^Wrote 20 blocks, from height 1 to 20, \d+ bytes, to /)
    expect(readFileSync(file)).toEqual(Buffer.concat(records))
    const other = { dataDir: temporaryDirectory() }
    expect(JSON.parse((await runAt(other, 'import', file, '--json')).stdout)).toMatchObject({ tip })
  })

  it('writes a range, the genesis block too when it is asked for', async () => {
    const dataDir = await importedDirectory()
    const file = join(temporaryDirectory(), 'out.dat')
    const { stdout } = await runAt({ dataDir }, 'export', file, '--from', '0', '--to', '3', '--json')
    const genesis = recordOf(loadNetwork('regtest').consensus.genesis)
    const expected = Buffer.concat([genesis, ...records.slice(0, 3)])
    expect(readFileSync(file)).toEqual(expected)
    expect(JSON.parse(stdout)).toEqual({ blocks: 4, bytes: expected.length, from: 0, to: 3, file })
  })

  it('replaces no file unless it is told to', async () => {
    const dataDir = await importedDirectory()
    const file = join(temporaryDirectory(), 'out.dat')
    writeFileSync(file, 'precious')
    const { exitCode, stderr } = await runAt({ dataDir }, 'export', file)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(`There is a file ${file} already`)
    expect(readFileSync(file, 'utf8')).toBe('precious')
    expect((await runAt({ dataDir }, 'export', file, '--force')).exitCode).toBe(0)
    expect(readFileSync(file)).toEqual(Buffer.concat(records))
  })

  it.each([
    [['--from', '21'], 8, 'There is no block at height 21: the chain ends at height 20.'],
    [['--to', '21'], 8, 'There is no block at height 21: the chain ends at height 20.'],
    [['--from', '5', '--to', '4'], 2, 'The range from height 5 to height 4 has no blocks.'],
    [['--from', 'x'], 2, 'whole number'],
  ])('refuses %j', async (words, code, sentence) => {
    const dataDir = await importedDirectory()
    const directory = temporaryDirectory()
    const { exitCode, stderr } = await runAt({ dataDir }, 'export', join(directory, 'out.dat'), ...words)
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(sentence)])
    expect(readdirSync(directory)).toEqual([])
  })

  it('tells why it cannot write', async () => {
    const dataDir = await importedDirectory()
    const file = join(temporaryDirectory(), 'none', 'out.dat')
    const { exitCode, stderr } = await runAt({ dataDir }, 'export', file)
    expect(exitCode).toBe(2)
    expect(stderr).toBe(
      `chain-node: The file ${file} cannot be written: there is no such file or directory.\n`,
    )
  })

  it.skipIf(process.platform === 'win32')('takes the place of no device and of no directory', async () => {
    const dataDir = await importedDirectory()
    const link = join(temporaryDirectory(), 'link')
    symlinkSync('/dev/null', link)
    for (const file of [link, temporaryDirectory()]) {
      const { exitCode, stderr } = await runAt({ dataDir }, 'export', file, '--force')
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${file} must not be a device`)])
    }
  })

  it('leaves nothing behind at Ctrl-C', async () => {
    const dataDir = await importedDirectory()
    const directory = temporaryDirectory()
    const { exitCode, stderr } = await interrupt(runAt({ dataDir }, 'export', join(directory, 'out.dat')))
    expect([exitCode, stderr]).toEqual([130, expect.stringContaining('The export was stopped')])
    expect(readdirSync(directory)).toEqual([])
  })

  it('says when there is no chain, and makes none', async () => {
    const dataDir = join(temporaryDirectory(), 'mistyped')
    const { exitCode, stderr } = await runAt({ dataDir }, 'export', join(temporaryDirectory(), 'out.dat'))
    expect(exitCode).toBe(8)
    expect(stderr).toContain(`There is no chain in the data directory ${dataDir}`)
    expect(existsSync(dataDir)).toBe(false)
  })
})

/** Presses Ctrl-C as soon as the command under way listens to it. */
async function interrupt(running: Promise<Result>): Promise<Result> {
  const before = process.listenerCount('SIGINT')
  while (process.listenerCount('SIGINT') === before) await nextTurn()
  process.emit('SIGINT', 'SIGINT')
  return await running
}
