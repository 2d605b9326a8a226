import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadNetwork } from '@chain/core/consensus'
import { formatHash } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { DATA_FILE } from '@chain/storage'
import { integer, record, sample } from 'fast-check'
import { expect, it } from 'vitest'
import { recordOf, writeParts } from '../block-file/block-files.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { type Result, runAt } from './run-command.ts'

const HEIGHT = 120
const seed = Number(process.env.CHAIN_TEST_SEED)
const builder = ChainBuilder.create(loadNetwork('regtest'))
while (builder.height < HEIGHT) {
  const [coin] = builder.spendable()
  const outputs = [1, 2, 3].map((value) => ({ value: BigInt(value), scriptPubKey: testKey('payee').script }))
  builder.mine({ transactions: coin === undefined ? [] : [builder.spend([coin], outputs)] })
}
const records = builder.blocks.map(recordOf)
const address = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080'

/** The bytes of a data file that holds the chain. */
async function importedFile(): Promise<Buffer> {
  const dataDir = temporaryDirectory()
  expect((await runAt({ dataDir }, 'import', writeParts(...records))).exitCode).toBe(0)
  return readFileSync(join(dataDir, DATA_FILE))
}

/** A data directory with a data file of such bytes. */
function directoryWith(bytes: Uint8Array): string {
  const dataDir = temporaryDirectory()
  writeFileSync(join(dataDir, DATA_FILE), bytes, { mode: 0o600 })
  return dataDir
}

/** One sentence that says what to do, and 7; the file is as it was. */
function expectRefusal({ exitCode, stderr }: Result, dataDir: string, bytes: Uint8Array, what: string): void {
  expect(stderr, what).toMatch(/^chain-node: [^\n]*\breindex\b[^\n]*\n$/)
  expect(exitCode, what).toBe(7)
  expectUnchanged(dataDir, bytes, what)
}

function expectUnchanged(dataDir: string, bytes: Uint8Array, what: string): void {
  expect(readFileSync(join(dataDir, DATA_FILE)).equals(bytes), what).toBe(true)
}

/**
 * Makes the chain anew; it is sound then, and complete once its blocks are imported again. The old file is kept where it has
 * blocks that the new one has not.
 */
async function expectRecovery(dataDir: string, bytes: Uint8Array, what: string): Promise<void> {
  const { exitCode, stderr } = await runAt({ dataDir }, 'reindex')
  if (exitCode === 7 && stderr.includes('does not hold block 1,')) {
    expectUnchanged(dataDir, bytes, what)
    return
  }
  expect([0, 6], `${what}: ${stderr}`).toContain(exitCode)
  const kept = join(dataDir, `${DATA_FILE}.old`)
  expect(existsSync(kept), what).toBe(exitCode === 6)
  if (exitCode === 6) expect(readFileSync(kept).equals(bytes), what).toBe(true)
  expect((await runAt({ dataDir }, 'verify', '--depth', '0', '--level', '4')).exitCode, what).toBe(0)
  await runAt({ dataDir }, 'import', writeParts(...records))
  expect((await runAt({ dataDir }, 'verify')).stdout, what).toContain(
    `height ${HEIGHT}, tip ${formatHash(builder.tip.hash)}`,
  )
}

it('every command refuses a data file that cannot be opened, and leaves it as it is', async () => {
  const whole = await importedFile()
  const damages: readonly (readonly [string, Buffer])[] = [
    ['its first pages are gone', Buffer.from(whole).fill(0, 0, 8_192)],
    ['it is cut short', whole.subarray(0, Math.floor(whole.length * 0.8))],
    ['it is empty', Buffer.alloc(0)],
    ['it is something else', Buffer.from('a letter to somebody\n'.repeat(1_000))],
  ]
  for (const [what, bytes] of damages) {
    const dataDir = directoryWith(bytes)
    const out = join(temporaryDirectory(), 'out.dat')
    const start = ['start', '--listen', '/ip4/127.0.0.1/tcp/0', '--rpc-port', '0']
    for (const words of [
      start,
      ['import', writeParts(...records)],
      ['export', out],
      ['verify'],
      ['printchain'],
      ['mine', '1', '--to', address],
      ['reindex', '--coins-only'],
    ])
      expectRefusal(await runAt({ dataDir }, ...words), dataDir, bytes, `${words[0]} when ${what}`)
  }
})

it('a data file that was cut, or has a wrong bit, is told of where it matters, kept, and made anew by reindex', async () => {
  const whole = await importedFile()
  const ends = sample(integer({ min: whole.length >> 1, max: whole.length - 1 }), { numRuns: 4, seed })
  const bits = record({ at: integer({ min: 0, max: whole.length - 1 }), bit: integer({ min: 0, max: 7 }) })
  const damages: readonly (readonly [string, Buffer])[] = [
    ...ends.map((end) => [`cut to ${end} bytes`, whole.subarray(0, end)] as const),
    ...sample(bits, { numRuns: 12, seed }).map(({ at, bit }) => {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] as number) ^ (1 << bit)
      return [`bit ${bit} of byte ${at} changed`, bytes] as const
    }),
  ]
  for (const [what, bytes] of damages) {
    const dataDir = directoryWith(bytes)
    const out = join(temporaryDirectory(), 'out.dat')
    let isTold = false
    for (const words of [
      ['verify', '--depth', '0', '--level', '4'],
      ['import', writeParts(...records)],
      ['export', out],
    ]) {
      const result = await runAt({ dataDir }, ...words)
      if (result.exitCode === 0) expectUnchanged(dataDir, bytes, what)
      else expectRefusal(result, dataDir, bytes, `${words[0]} when ${what}`)
      isTold ||= result.exitCode !== 0
    }
    if (isTold) await expectRecovery(dataDir, bytes, what)
  }
})
