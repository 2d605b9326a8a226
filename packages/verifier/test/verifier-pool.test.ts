import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BATCH_CHECKS, RING_PLACES } from '../src/batch-ring.ts'
import { nobleEngine } from '../src/engine.ts'
import { loadNativeEngine } from '../src/native-engine.ts'
import { MAX_THREADS, type StartThread, startVerifierThread, VerifierPool } from '../src/verifier-pool.ts'
import { repeated, rightChecks, withWrong } from './signed-digests.ts'

const native = loadNativeEngine()
const checks = rightChecks(200)

/** More checks than the ring has room for. */
const MANY = RING_PLACES * BATCH_CHECKS + 5_000

function openPool(threads: number, startThread?: StartThread, engine = native): VerifierPool {
  const pool = new VerifierPool(engine, threads, startThread)
  onTestFinished(() => pool.close())
  return pool
}

/** A pool whose threads the test can reach. */
function openReachablePool(threads: number, engine = native): { pool: VerifierPool; workers: Worker[] } {
  const workers: Worker[] = []
  const pool = openPool(
    threads,
    (data) => {
      const worker = startVerifierThread(data)
      workers.push(worker)
      return worker
    },
    engine,
  )
  return { pool, workers }
}

/** A thread whose program is a text. */
function threadOf(program: string): StartThread {
  return (data) => new Worker(program, { eval: true, workerData: data })
}

const threadFailed = expect.objectContaining({ code: 'verifier-thread-failed' }) as Error
const closed = expect.objectContaining({ code: 'verifier-closed' }) as Error

describe('a pool of threads', () => {
  it.each([1, 2, 5])('has nothing against right signatures, with %i threads', async (threads) => {
    const pool = openPool(threads)
    for (const length of [0, 1, native.turn, native.turn + 1, 63, 64, 65, 200])
      expect(await pool.findInvalid(checks.slice(0, length))).toBeUndefined()
  })

  it('finds a wrong signature wherever it stands', async () => {
    const pool = openPool(2)
    const positions = checks.map((_, position) => position)
    const found = positions.map((position) => pool.findInvalid(withWrong(checks, position)))
    expect(await Promise.all(found)).toEqual(positions)
  })

  it('finds the first of several wrong signatures', async () => {
    const pool = openPool(3)
    expect(await pool.findInvalid(withWrong(checks, 199, 70, 71, 140))).toBe(70)
    expect(await pool.findInvalid(checks.map((check) => ({ ...check, signature: check.digest })))).toBe(0)
  })

  it.each([
    ['a digest', { digest: new Uint8Array(31) }],
    ['a key', { publicKey: new Uint8Array(65) }],
    ['a signature', { signature: new Uint8Array(73) }],
    ['no signature', { signature: new Uint8Array() }],
  ])('takes %s of a wrong length for wrong', async (_, fields) => {
    const pool = openPool(2)
    const changed = checks.map((check, position) => (position === 101 ? { ...check, ...fields } : check))
    expect(await pool.findInvalid(changed)).toBe(101)
    expect(await pool.findInvalid(changed.slice(101, 102))).toBe(0)
  })

  it('leaves the event loop free while it works on more than it has room for', async () => {
    const pool = openPool(2)
    let turns = 0
    const count = (): void => {
      turns += 1
      timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    expect(await pool.findInvalid(withWrong(repeated(checks, MANY), MANY - 1))).toBe(MANY - 1)
    clearImmediate(timer)
    expect(turns).toBeGreaterThan(50)
  })

  it('serves a call that comes while another fills all room', async () => {
    const pool = openPool(2)
    const large = pool.findInvalid(withWrong(repeated(checks, MANY), MANY - 2))
    const small = pool.findInvalid(withWrong(checks, 17))
    const right = pool.findInvalid(checks)
    expect(await Promise.all([large, small, right])).toEqual([MANY - 2, 17, undefined])
  })

  it('reads nothing of a list that stands far behind a wrong signature', async () => {
    const pool = openPool(2)
    let furthest = 0
    const list = new Proxy(withWrong(repeated(checks, 4 * MANY), 100), {
      get(target, key, receiver) {
        if (typeof key === 'string' && /^\d+$/.test(key)) furthest = Math.max(furthest, Number(key))
        return Reflect.get(target, key, receiver) as unknown
      },
    })
    expect(await pool.findInvalid(list)).toBe(100)
    expect(furthest).toBeLessThan(2 * MANY)
  })

  it('works with noble as well', async () => {
    const pool = openPool(2, undefined, nobleEngine)
    expect(pool.name).toBe('noble, 2 threads')
    expect(await pool.findInvalid(withWrong(checks, 150))).toBe(150)
  })

  it('answers for a few checks without threads, and starts threads once', async () => {
    const { pool, workers } = openReachablePool(2)
    expect(await pool.findInvalid(withWrong(checks.slice(0, native.turn), 3))).toBe(3)
    expect(workers).toHaveLength(0)
    await Promise.all([pool.findInvalid(checks), pool.findInvalid(checks)])
    await pool.findInvalid(checks)
    expect(workers).toHaveLength(2)
  })

  it('cannot have more threads than the bound', () => {
    expect(() => new VerifierPool(native, MAX_THREADS + 1)).toThrow()
    expect(() => new VerifierPool(native, 0)).toThrow()
  })
})

describe('a pool that loses a thread', () => {
  it('fails the calls under way, those to come, and says so', async () => {
    const { pool, workers } = openReachablePool(2, nobleEngine)
    await pool.findInvalid(checks)
    const calls = [pool.findInvalid(repeated(checks, MANY)), pool.findInvalid(checks)]
    const outcomes = Promise.allSettled(calls)
    await workers[1]?.terminate()
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: threadFailed },
      { status: 'rejected', reason: threadFailed },
    ])
    await expect(pool.findInvalid(checks)).rejects.toThrow(threadFailed)
    await expect(pool.findInvalid(checks.slice(0, 1))).rejects.toThrow(threadFailed)
    expect(await pool.failed).toEqual(threadFailed)
  })

  it('fails when nothing is under way, and ends the other threads', async () => {
    const { pool, workers } = openReachablePool(2, nobleEngine)
    await pool.findInvalid(checks)
    const ends = workers.map((worker) => once(worker, 'exit'))
    await workers[0]?.terminate()
    await Promise.all(ends)
    await expect(pool.findInvalid(checks)).rejects.toThrow(threadFailed)
  })

  it.each([
    ['throws', 'throw new Error("no room")', 'no room'],
    ['ends by itself', 'process.exit(3)', 'exit code 3'],
    ['runs out of work', '', 'exit code 0'],
  ])('because it %s fails with the reason', async (_, program, reason) => {
    const pool = openPool(2, threadOf(program))
    await expect(pool.findInvalid(checks)).rejects.toThrow(reason)
    await expect(pool.findInvalid(checks)).rejects.toThrow(threadFailed)
  })

  it('because it cannot even start fails with the reason', async () => {
    const pool = openPool(2, () => {
      throw new Error('too many threads')
    })
    await expect(pool.findInvalid(checks)).rejects.toThrow('too many threads')
    expect(await pool.failed).toEqual(threadFailed)
  })
})

describe('a pool that is closed', () => {
  it('fails the calls under way and those to come', async () => {
    const pool = new VerifierPool(native, 2)
    const call = expect(pool.findInvalid(repeated(checks, MANY))).rejects.toThrow(closed)
    await pool.close()
    await call
    await expect(pool.findInvalid(checks)).rejects.toThrow(closed)
    await expect(pool.findInvalid([])).rejects.toThrow(closed)
    await pool.close()
  })

  it('has ended its threads', async () => {
    const { pool, workers } = openReachablePool(2)
    await pool.findInvalid(checks)
    const ends = workers.map((worker) => once(worker, 'exit'))
    await pool.close()
    await Promise.all(ends)
    expect(await Promise.race([pool.failed, Promise.resolve('no failure')])).toBe('no failure')
  })

  it('need not have been used', async () => {
    await new VerifierPool(native, 2).close()
  })
})

it('a process is not kept alive by idle threads, but by checks that are under way', async () => {
  const program = new URL('./processes/verify-and-end.ts', import.meta.url).pathname
  const run = promisify(execFile)(process.execPath, ['--conditions=@chain/source', program])
  expect(await run).toEqual({ stdout: '1999\n', stderr: '' })
})
