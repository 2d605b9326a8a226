import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Mempool } from '@chain/core/mempool'
import { type Transaction, txid } from '@chain/core/primitives'
import { testKey } from '@chain/core/testing'
import { createVerifier, type Verifier } from '@chain/verifier'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { keeperLimits, MempoolKeeper } from '../src/mempool-keeper.ts'
import { INFO_LEVEL, type LogLine, recordLog } from './log-lines.ts'
import { openTestChain, type TestChain } from './open-test-chain.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const WARN_LEVEL = 40
const ERROR_LEVEL = 50

/** A chain with three mature coins. */
const chain = openChainOnce()

function openChainOnce(): () => Promise<TestChain> {
  let opened: Promise<TestChain> | undefined
  return () => (opened ??= openTestChain(103))
}

interface Kept {
  readonly mempool: Mempool
  readonly keeper: MempoolKeeper
  readonly lines: LogLine[]
  readonly file: string
  readonly payments: readonly Transaction[]
  /** Lets time pass. */
  readonly wait: (milliseconds: number) => void
  /** Hands in a payment. */
  readonly pay: (index: number, isOwn?: boolean) => Promise<void>
}

interface KeepOptions {
  readonly dataDir?: string
  readonly persist?: boolean
  readonly verifier?: Verifier
}

/** An empty mempool and its keeper, which has not started yet. */
async function keep(options: KeepOptions = {}): Promise<Kept> {
  const {
    dataDir = temporaryDirectory(),
    persist = true,
    verifier = createVerifier({ threads: 0 }),
  } = options
  const { builder, chain: manager } = await chain()
  const mempool = new Mempool({ chain: manager, verifier, clock: systemClock })
  const { log, lines } = recordLog()
  let time = 1_000
  const keeper = new MempoolKeeper({
    ...{ mempool, dataDir, specId: manager.spec.id, persist, log },
    now: () => time,
  })
  onTestFinished(() => keeper.close())
  const payments = builder.spendable().map((coin) => {
    return builder.spend([coin], [{ value: 1_000_000n, scriptPubKey: testKey('payee').script }])
  })
  const pay = async (index: number, isOwn = false): Promise<void> => {
    const payment = payments[index] as Transaction
    expect((await mempool.accept(payment)).status).toBe('accepted')
    if (isOwn) mempool.addUnbroadcast(txid(payment))
  }
  const wait = (milliseconds: number): void => {
    time += milliseconds
  }
  return { mempool, keeper, lines, file: join(dataDir, 'mempool.dat'), payments, wait, pay }
}

/** One whose mempool is empty and loaded. */
async function keepLoaded(options: KeepOptions = {}): Promise<Kept> {
  const kept = await keep(options)
  kept.keeper.start()
  await kept.keeper.loaded()
  return kept
}

describe('a mempool that is kept', () => {
  it('is there after a restart, with what no peer has', async () => {
    const dataDir = temporaryDirectory()
    const before = await keepLoaded({ dataDir })
    await before.pay(0)
    await before.pay(1, true)
    await before.keeper.close()
    const after = await keep({ dataDir })
    expect(after.keeper.isLoaded).toBe(false)
    after.keeper.start()
    await after.keeper.loaded()
    expect(after.keeper.isLoaded).toBe(true)
    expect(after.mempool.save()).toEqual(before.mempool.save())
    expect(after.mempool.unbroadcastCount).toBe(1)
    const result = { accepted: 2, refused: 0, expired: 0 }
    expect(after.lines).toEqual([{ level: INFO_LEVEL, msg: 'Loaded the saved mempool', ...result }])
  })

  it('is saved soon after somebody handed in a transaction here', async () => {
    const { keeper, file, pay } = await keepLoaded()
    await keeper.look()
    expect(existsSync(file)).toBe(false)
    await pay(0, true)
    await keeper.look()
    expect(existsSync(file)).toBe(true)
  })

  it('is saved every few minutes otherwise, and not when nothing has changed', async () => {
    const { keeper, file, pay, wait } = await keepLoaded()
    wait(keeperLimits.saveInterval)
    await keeper.look()
    await pay(0)
    await keeper.save()
    await pay(1)
    const before = readFileSync(file)
    wait(keeperLimits.saveInterval - 1)
    await keeper.look()
    expect(readFileSync(file)).toEqual(before)
    wait(1)
    await keeper.look()
    expect(readFileSync(file).length).toBeGreaterThan(before.length)
  })

  it('gives the disk a rest that is longer the more was written', async () => {
    const { keeper, file, pay, wait } = await keepLoaded()
    await pay(0, true)
    await keeper.look()
    const before = readFileSync(file)
    await pay(1, true)
    const rest = (before.length / keeperLimits.bytesPerSecond) * 1_000
    wait(rest - 0.01)
    await keeper.look()
    expect(readFileSync(file)).toEqual(before)
    wait(0.01)
    await keeper.look()
    expect(readFileSync(file).length).toBeGreaterThan(before.length)
  })

  it('is written once for all who ask while it is being written', async () => {
    const { keeper, file, pay } = await keepLoaded()
    const first = keeper.save()
    expect(keeper.save()).toBe(first)
    await pay(0, true)
    const second = keeper.save()
    expect([keeper.save(), keeper.save()]).toEqual([second, second])
    const looked = keeper.look()
    await Promise.all([first, second, looked])
    const after = await keepLoaded({ dataDir: join(file, '..') })
    expect(after.mempool.count).toBe(1)
  })

  it('is neither loaded nor saved when that is not wanted, but when somebody says so', async () => {
    const dataDir = temporaryDirectory()
    const before = await keepLoaded({ dataDir })
    await before.pay(0)
    await before.keeper.close()
    const { keeper, mempool, pay, file, wait } = await keep({ dataDir, persist: false })
    expect(keeper.isLoaded).toBe(true)
    keeper.start()
    await keeper.loaded()
    expect(mempool.count).toBe(0)
    for (const index of [1, 2]) await pay(index, true)
    wait(keeperLimits.saveInterval)
    const bytes = readFileSync(file)
    await keeper.close()
    expect(readFileSync(file)).toEqual(bytes)
    await keeper.save()
    expect(readFileSync(file).length).toBeGreaterThan(bytes.length)
  })
})

describe('a node that is stopped while it loads', () => {
  it('keeps what was saved', async () => {
    const dataDir = temporaryDirectory()
    const before = await keepLoaded({ dataDir })
    await before.pay(0, true)
    await before.keeper.close()
    const { keeper, file, lines } = await keep({ dataDir })
    const bytes = readFileSync(file)
    keeper.start()
    await keeper.close()
    expect(readFileSync(file)).toEqual(bytes)
    expect(lines).toEqual([])
    await expect(keeper.save()).rejects.toThrow(expect.objectContaining({ code: 'mempool-not-loaded' }))
  })

  it('keeps what was saved when the node cannot check it any more', async () => {
    const dataDir = temporaryDirectory()
    const before = await keepLoaded({ dataDir })
    await before.pay(0)
    await before.keeper.close()
    const verifier = createVerifier({ threads: 1 })
    await verifier.close()
    const { keeper, file, lines } = await keepLoaded({ dataDir, verifier })
    expect(keeper.isLoaded).toBe(false)
    expect(lines).toMatchObject([{ level: ERROR_LEVEL, msg: expect.stringContaining('was not loaded: ') }])
    const bytes = readFileSync(file)
    await keeper.close()
    expect(readFileSync(file)).toEqual(bytes)
  })
})

describe('a saved mempool that is of no use', () => {
  it('is put aside with one warning, and the node goes on', async () => {
    const dataDir = temporaryDirectory()
    for (const damage of ['first', 'second']) {
      writeFileSync(join(dataDir, 'mempool.dat'), `${damage}, which is long enough to be a saved mempool`)
      const { keeper, file, lines, mempool, pay } = await keepLoaded({ dataDir })
      expect([keeper.isLoaded, mempool.count]).toEqual([true, 0])
      const msg = `The saved mempool ${file} cannot be used: its checksum is wrong, so that it is damaged. The node goes on without it; the file is kept as mempool.dat.bad.`
      expect(lines).toEqual([{ level: WARN_LEVEL, msg }])
      expect(readFileSync(`${file}.bad`, 'utf8')).toContain(damage)
      await pay(0)
      await keeper.close()
      expect(readdirSync(dataDir)).toEqual(['mempool.dat', 'mempool.dat.bad'])
    }
  })

  it('stays where it is when it cannot be put aside', async () => {
    const dataDir = temporaryDirectory()
    writeFileSync(join(dataDir, 'mempool.dat'), 'damaged')
    mkdirSync(join(dataDir, 'mempool.dat.bad'))
    const { keeper, lines } = await keepLoaded({ dataDir })
    expect(keeper.isLoaded).toBe(true)
    expect(lines).toMatchObject([
      { level: WARN_LEVEL, msg: expect.stringMatching(/cannot be put aside either: it is a directory\.$/) },
    ])
  })
})

describe.skipIf(!existsSync('/dev/full'))('a disk that is full', () => {
  it('is told of once, until there is room again', async () => {
    const { keeper, file, lines, pay, wait } = await keepLoaded()
    await pay(0, true)
    for (let times = 0; times < 2; times++) {
      symlinkSync('/dev/full', `${file}.new`)
      wait(keeperLimits.retryInterval)
      await keeper.look()
    }
    const msg = `The mempool cannot be saved in ${file}: the disk is full. What was saved before stays.`
    expect(lines).toEqual([{ level: WARN_LEVEL, msg }])
    wait(keeperLimits.retryInterval - 1)
    await keeper.look()
    expect(existsSync(file)).toBe(false)
    wait(1)
    await keeper.look()
    expect(existsSync(file)).toBe(true)
    expect(lines.slice(1)).toEqual([{ level: INFO_LEVEL, msg: 'The mempool is saved again' }])
  })
})
