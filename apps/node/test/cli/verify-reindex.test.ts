import { closeSync, existsSync, openSync, readFileSync, renameSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { ChainManager } from '@chain/core/chain'
import { inlineVerifier, loadNetwork } from '@chain/core/consensus'
import { type Block, blockHash, decodeBlock, encodeBlock, formatHash } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { DATA_FILE, openStore } from '@chain/storage'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { recordOf, writeParts } from '../block-file/block-files.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { runAt } from './run-command.ts'

const spec = loadNetwork('regtest')
const HEIGHT = 110
let records: Uint8Array[]
let tip: string

beforeAll(() => {
  const builder = ChainBuilder.create(spec)
  while (builder.height < HEIGHT) {
    const [coin] = builder.spendable()
    const outputs = [{ value: 1_000n, scriptPubKey: testKey('payee').script }]
    builder.mine({ transactions: coin === undefined ? [] : [builder.spend([coin], outputs)] })
  }
  records = builder.blocks.map(recordOf)
  tip = formatHash(builder.tip.hash)
})

/** A data directory with the chain. */
async function importedDirectory(): Promise<string> {
  const dataDir = temporaryDirectory()
  await runAt({ dataDir }, 'import', writeParts(...records))
  return dataDir
}

/** Overwrites bytes of the data file. */
function damage(dataDir: string, position: number, bytes: Uint8Array): void {
  const file = openSync(join(dataDir, DATA_FILE), 'r+')
  writeSync(file, bytes, 0, bytes.length, position)
  closeSync(file)
}

/** Flips a bit in every copy of a block's body that the data file holds. */
function damageBody(dataDir: string, height: number): void {
  const body = (records[height - 1] as Uint8Array).subarray(8)
  const file = readFileSync(join(dataDir, DATA_FILE))
  for (let at = file.indexOf(body); at >= 0; at = file.indexOf(body, at + 1)) {
    const last = at + body.length - 1
    damage(dataDir, last, Uint8Array.of((file[last] as number) ^ 1))
  }
}

/** A page as LMDB's leaves are, with the row of a true block under a height that is none. */
function falsePage(block: Block): Buffer {
  const key = Buffer.alloc(36)
  key.writeUInt32BE(4_000_000_000)
  key.set(blockHash(block.header), 4)
  const bytes = encodeBlock(block)
  const seal = Buffer.alloc(4)
  seal.writeUInt32LE(crc32(bytes, crc32(key)))
  const page = Buffer.alloc(48)
  page.writeUInt16LE(2, 18)
  page.writeUInt16LE(2, 20)
  page.writeUInt16LE(16, 24)
  page.writeUInt32LE(bytes.length + seal.length, 40)
  page.writeUInt16LE(key.length, 46)
  return Buffer.concat([page, key, bytes, seal])
}

/** Changes what a store holds behind the back of its chain. */
async function tamper(
  dataDir: string,
  change: (store: Awaited<ReturnType<typeof openStore>>) => Promise<void>,
) {
  const store = await openStore({ directory: dataDir, specId: spec.id })
  await change(store)
  await store.close()
}

describe('chain-node verify', () => {
  it('is content with a good chain, and says what it has looked at', async () => {
    const dataDir = await importedDirectory()
    const quick = await runAt({ dataDir }, 'verify')
    expect(quick.exitCode).toBe(0)
    expect(quick.stdout).toMatch(
      /^All is well: 6 blocks with 12 transactions verified at level 3 in [\d.]+ s\.\n/,
    )
    expect(quick.stdout).toContain(`The chain is at height ${HEIGHT}, tip ${tip}.`)
    const all = JSON.parse(
      (await runAt({ dataDir }, 'verify', '--depth', '0', '--level', '4', '--json')).stdout,
    )
    expect(all).toMatchObject({ blocks: HEIGHT, from: 1, level: 4, signatures: 10, height: HEIGHT, tip })
  })

  it('ends with 7 and names the block that is damaged', async () => {
    const dataDir = await importedDirectory()
    await tamper(dataDir, async ({ chainStore }) => {
      const [coin] = [...chainStore.readCoins()].filter(([, { isCoinbase }]) => !isCoinbase)
      await chainStore.commit({ coins: [[(coin as NonNullable<typeof coin>)[0], undefined]] })
    })
    const { exitCode, stderr } = await runAt({ dataDir }, 'verify', '--depth', '0')
    expect(exitCode).toBe(7)
    expect(stderr).toMatch(/^chain-node: Block [0-9a-f]{64} at height \d+ failed: .* reindex\.?\n$/)
    // Once is enough.
    expect(stderr.match(/reindex/g)).toHaveLength(1)
    const repaired = await runAt({ dataDir }, 'reindex', '--coins-only')
    expect(repaired.stdout).toMatch(/^Connected 110 blocks with 120 transactions and 0 signatures/)
    expect((await runAt({ dataDir }, 'verify', '--depth', '0', '--level', '4')).exitCode).toBe(0)
  })

  it('does not make a data directory where there is none', async () => {
    const dataDir = join(temporaryDirectory(), 'none')
    for (const command of ['verify', 'reindex']) {
      expect((await runAt({ dataDir }, command)).exitCode).toBe(8)
      expect(existsSync(dataDir)).toBe(false)
    }
  })
})

describe('chain-node reindex', () => {
  it.each([
    ['its first pages are gone', (dataDir: string): void => damage(dataDir, 0, new Uint8Array(8_192))],
    [
      'its end is gone',
      (dataDir: string): void => {
        const file = join(dataDir, DATA_FILE)
        truncateSync(file, readFileSync(file).length - 4_096)
      },
    ],
  ])('recovers the chain of a data file when %s', async (_, harm) => {
    const dataDir = await importedDirectory()
    harm(dataDir)
    const { exitCode, stdout } = await runAt({ dataDir }, 'reindex')
    const isComplete = !stdout.includes('left out')
    expect(exitCode).toBe(isComplete ? 0 : 6)
    expect(existsSync(join(dataDir, `${DATA_FILE}.old`))).toBe(!isComplete)
    const height = Number(/at height (\d+)/.exec(stdout)?.[1])
    // A page that is gone may have held some blocks, which the next start downloads.
    expect(height).toBeGreaterThan(HEIGHT / 2)
    expect((await runAt({ dataDir }, 'verify', '--depth', '0', '--level', '4')).exitCode).toBe(0)
    await runAt({ dataDir }, 'import', writeParts(...records))
    expect((await runAt({ dataDir }, 'verify')).stdout).toContain(`height ${HEIGHT}, tip ${tip}.`)
  })

  it('judges every block anew, and prints what it did as JSON', async () => {
    const dataDir = await importedDirectory()
    const reindexed = JSON.parse((await runAt({ dataDir }, 'reindex', '--json')).stdout)
    expect(reindexed).toMatchObject({ blocks: HEIGHT, signatures: 10, height: HEIGHT, tip, leftOut: 0 })
    expect(reindexed).not.toHaveProperty('oldFile')
    expect(existsSync(join(dataDir, `${DATA_FILE}.old`))).toBe(false)
  })

  it('keeps the old file for the blocks above a damaged one, and does not replace it', async () => {
    const dataDir = await importedDirectory()
    damageBody(dataDir, 60)
    const oldFile = join(dataDir, `${DATA_FILE}.old`)
    const before = readFileSync(join(dataDir, DATA_FILE))
    const { exitCode, stdout } = await runAt({ dataDir }, 'reindex')
    expect(exitCode).toBe(6)
    expect(stdout).toContain('\n50 blocks were left out, since a block before them is missing')
    expect(stdout).toContain(oldFile)
    expect(stdout).toContain('at height 59')
    expect(readFileSync(oldFile).equals(before)).toBe(true)

    const again = await runAt({ dataDir }, 'reindex')
    expect(again.exitCode).toBe(7)
    expect(again.stderr).toBe(
      `chain-node: There is a file ${oldFile} already, which an earlier reindex kept for the blocks in it: move it away first.\n`,
    )
    expect((await runAt({ dataDir }, 'verify')).stdout).toContain('at height 59')

    renameSync(oldFile, join(dataDir, DATA_FILE))
    const json = await runAt({ dataDir }, 'reindex', '--json')
    expect(json.exitCode).toBe(6)
    expect(JSON.parse(json.stdout)).toMatchObject({ blocks: 59, leftOut: 50, oldFile })
  })

  it('keeps the old file for blocks that are of the future by a clock that is wrong', async () => {
    const dataDir = await importedDirectory()
    const { time } = decodeBlock((records[59] as Uint8Array).subarray(8)).header
    vi.useFakeTimers({ toFake: ['Date'], now: (time - 7_200) * 1_000 })
    const { exitCode, stdout } = await runAt({ dataDir }, 'reindex').finally(() => vi.useRealTimers())
    expect(stdout).toContain('\n50 blocks were left out')
    expect(stdout).toContain('at height 60')
    expect(exitCode).toBe(6)
  })

  it('is not led astray by a stranger who puts rows with false heights into a block', async () => {
    const dataDir = temporaryDirectory()
    const builder = ChainBuilder.create(spec)
    builder.mineEmpty(101)
    const victim = builder.blocks[50] as Block
    const [coin] = builder.spendable() as [ReturnType<typeof builder.spendable>[number]]
    const carrier = (pad: number) => {
      const data = Buffer.concat([Uint8Array.of(0x6a), new Uint8Array(pad), falsePage(victim)])
      return builder.spend([coin], [{ value: 0n, scriptPubKey: data }])
    }
    // So that the false page begins where a page of the file does: long values begin after 24 bytes.
    const probe = Buffer.from(encodeBlock(builder.fork().mine({ transactions: [carrier(9_000)] })))
    const pad = 9_000 + 4_096 - ((24 + probe.indexOf(falsePage(victim))) % 4_096)
    builder.mine({ transactions: [carrier(pad)] })
    const key = falsePage(victim).subarray(48, 84)
    // The block with the false page is stored before the true row, which it could hide so.
    await tamper(dataDir, async ({ chainStore }) => {
      const chain = builder.blocks.map((block, index) => ({ block, height: index + 1 }))
      const bodies = chain.map(({ block, height }) => ({
        block: { hash: blockHash(block.header), height },
        bytes: encodeBlock(block),
      }))
      for (const body of bodies.toReversed()) await chainStore.commit({ bodies: [body] })
    })
    const file = readFileSync(join(dataDir, DATA_FILE))
    expect(file.indexOf(key) % 4_096).toBe(48)
    const { exitCode, stdout } = await runAt({ dataDir }, 'reindex')
    expect(stdout).toContain('at height 102')
    expect(exitCode).toBe(0)
  })

  it('does not touch the coins when the body of a block is damaged, and names the block', async () => {
    const dataDir = await importedDirectory()
    damageBody(dataDir, 60)
    const before = readFileSync(join(dataDir, DATA_FILE))
    const { exitCode, stderr } = await runAt({ dataDir }, 'reindex', '--coins-only')
    expect(exitCode).toBe(7)
    expect(stderr).toBe(
      'chain-node: Block 60 cannot be read from the data file, and nothing was changed: run chain-node reindex without --coins-only.\n',
    )
    expect(readFileSync(join(dataDir, DATA_FILE)).equals(before)).toBe(true)
    expect((await runAt({ dataDir }, 'verify')).stdout).toContain(`height ${HEIGHT}, tip ${tip}.`)
  })

  it('refuses a chain whose first blocks are not there, and changes nothing', async () => {
    const dataDir = await importedDirectory()
    await tamper(dataDir, async ({ chainStore: store }) => {
      const modules = { store, verifier: inlineVerifier, clock: systemClock }
      const chain = await ChainManager.open(spec, modules)
      const first = chain.at(1) as NonNullable<ReturnType<typeof chain.at>>
      await store.commit({ records: [{ ...first.toRecord(), hasBody: false }], pruned: [first] })
    })
    const { exitCode, stderr } = await runAt({ dataDir }, 'reindex', '--coins-only')
    expect(exitCode).toBe(7)
    expect(stderr).toContain('does not hold block 1')
    expect((await runAt({ dataDir }, 'verify')).stdout).toContain(`height ${HEIGHT}, tip ${tip}.`)
  })
})
