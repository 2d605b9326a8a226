import { isWorkSufficient, loadNetwork } from '@chain/core/consensus'
import { type BlockHeader, blockHash } from '@chain/core/primitives'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MAX_THREADS, NonceThreads } from '../../src/mining/nonce-threads.ts'

const never = new AbortController().signal

function threadsOf(count: number): NonceThreads {
  const threads = new NonceThreads(count)
  onTestFinished(() => threads.close())
  return threads
}

/** A header that nobody has found a nonce for yet: hard to meet by chance in a test, or easy. */
function headerWith(bits: number, time = 1): BlockHeader {
  return { ...loadNetwork('regtest').consensus.genesis.header, bits, time }
}

/** About a million hashes. */
const MODERATE = 0x1e0fffff
/** Not met in this world. */
const HARD = 0x03000001

describe('the threads that search nonces', () => {
  it.each([1, 3])('find a nonce that meets the target with %i threads', async (count) => {
    const header = headerWith(MODERATE)
    const nonce = await threadsOf(count).search(header, never)
    expect(nonce).toBeDefined()
    const hash = blockHash({ ...header, nonce: nonce as number })
    expect(isWorkSufficient(hash, MODERATE, MODERATE)).toBe(true)
  })

  it('search one header after the other', async () => {
    const threads = threadsOf(2)
    for (let time = 0; time < 20; time++) {
      expect(await threads.search(headerWith(0x207fffff, time), never)).toBeDefined()
    }
    expect(threads.hashes).toBeGreaterThan(0)
  })

  it('stop when the search is aborted, and then search the next header', async () => {
    const threads = threadsOf(2)
    const controller = new AbortController()
    const search = threads.search(headerWith(HARD), controller.signal)
    setImmediate(() => controller.abort())
    expect(await search).toBeUndefined()
    expect(await threads.search(headerWith(0x207fffff), never)).toBeDefined()
  })

  it('leave the event loop free while they search', async () => {
    const threads = threadsOf(1)
    const controller = new AbortController()
    const search = threads.search(headerWith(HARD), controller.signal)
    let turns = 0
    await new Promise<void>((resolve) => {
      const turn = (): void => {
        turns += 1
        if (turns === 1_000) resolve()
        else setImmediate(turn)
      }
      turn()
    })
    controller.abort()
    expect(await search).toBeUndefined()
    expect(turns).toBe(1_000)
  })

  it('do not begin what is aborted already', async () => {
    expect(await threadsOf(1).search(headerWith(HARD), AbortSignal.abort())).toBeUndefined()
  })

  it('end a search when they are closed', async () => {
    const threads = new NonceThreads(2)
    const search = threads.search(headerWith(HARD), never)
    await threads.close()
    expect(await search).toBeUndefined()
  })

  it('cannot be more than the bound', () => {
    expect(() => new NonceThreads(MAX_THREADS + 1)).toThrow()
    expect(() => new NonceThreads(0)).toThrow()
  })
})
