import { describe, expect, it } from 'vitest'
import { nobleEngine } from '../src/engine.ts'
import { MainThreadVerifier } from '../src/main-thread-verifier.ts'
import { loadNativeEngine } from '../src/native-engine.ts'
import { rightChecks, withWrong } from './signed-digests.ts'

const checks = rightChecks(60)

describe.each([loadNativeEngine(), nobleEngine])('the main thread with $title', (engine) => {
  const verifier = new MainThreadVerifier(engine)

  it('lets other work run in between', async () => {
    let turns = 0
    const count = (): void => {
      turns += 1
      timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    expect(await verifier.findInvalid(checks)).toBeUndefined()
    clearImmediate(timer)
    expect(turns).toBeGreaterThanOrEqual(Math.floor(60 / engine.turn) - 1)
  })

  it('finds the first wrong signature', async () => {
    expect(await verifier.findInvalid(withWrong(checks, 59, 41, 50))).toBe(41)
    expect(await verifier.findInvalid(withWrong(checks, 0))).toBe(0)
    expect(await verifier.findInvalid([])).toBeUndefined()
  })

  it('stops when it is closed', async () => {
    const closing = new MainThreadVerifier(engine)
    const closed = expect.objectContaining({ code: 'verifier-closed' }) as Error
    const call = expect(closing.findInvalid(checks)).rejects.toThrow(closed)
    await closing.close()
    await call
    await expect(closing.findInvalid([])).rejects.toThrow(closed)
  })
})
