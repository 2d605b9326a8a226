import type { ChainEvent } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import { type Block, blockHash, formatHash, txid } from '@chain/core/primitives'
import { testKey } from '@chain/core/testing'
import { COIN } from '@chain/core/units'
import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { ERROR_LEVEL, type LogLine, recordLog } from '../log-lines.ts'
import { openTestChain, type TestChain } from '../open-test-chain.ts'

const { script } = testKey('recipient')
const never = new AbortController().signal

/** The event of a type that comes next. */
function nextEvent<Type extends ChainEvent['type']>(
  { chain }: TestChain,
  type: Type,
): Promise<Extract<ChainEvent, { type: Type }>> {
  return new Promise((resolve) => {
    const unsubscribe = chain.subscribe((event) => {
      if (event.type !== type) return
      unsubscribe()
      resolve(event as Extract<ChainEvent, { type: Type }>)
    })
  })
}

describe('the miner', () => {
  it('mines as many blocks as asked for, one on the other', async () => {
    const { chain, miner } = await openTestChain()
    const hashes = await miner.generate(5, script, never)
    expect(hashes.map(formatHash)).toEqual(
      [1, 2, 3, 4, 5].map((height) => formatHash(chain.at(height)?.hash as Uint8Array)),
    )
    expect(miner.status).toMatchObject({ active: false, blocksFound: 5 })
  })

  it('puts waiting transactions into blocks and earns their fees', async () => {
    const { builder, chain, mempool, miner } = await openTestChain(101)
    const transaction = builder.spend(builder.spendable(), [{ value: 49n * COIN, scriptPubKey: script }])
    expect((await mempool.accept(transaction)).status).toBe('accepted')
    await miner.generate(1, script, never)
    expect(mempool.count).toBe(0)
    expect(chain.readCoin({ txid: txid(transaction), index: 0 })?.output.value).toBe(49n * COIN)
  })

  it('runs several calls one after the other', async () => {
    const { chain, miner } = await openTestChain()
    const batches = await Promise.all([miner.generate(3, script, never), miner.generate(2, script, never)])
    expect(batches.map(({ length }) => length)).toEqual([3, 2])
    expect(chain.tip.height).toBe(5)
  })

  it('stops when it is told to', async () => {
    const { miner } = await openTestChain()
    const controller = new AbortController()
    const generating = miner.generate(100_000, script, controller.signal)
    setTimeout(() => controller.abort(), 20)
    await expect(generating).rejects.toThrow(expect.objectContaining({ code: 'mining-interrupted' }))
    expect((await miner.generate(1, script, never)).length).toBe(1)
  })

  it('mines on and on, at a measured pace where mining is easy, and lets calls go first', async () => {
    const test = await openTestChain()
    const first = nextEvent(test, 'tip-changed')
    test.miner.start(script)
    expect((await first).tip.height).toBe(1)
    await test.miner.generate(3, script, never)
    expect(test.chain.tip.height).toBe(4)
    const next = nextEvent(test, 'tip-changed')
    expect((await next).tip.height).toBe(5)
    expect(test.miner.status.active).toBe(true)
  })

  it('does not mine on and on while blocks of a better chain are missing', async () => {
    const test = await openTestChain(1)
    const [first, second] = test.builder.mineEmpty(2)
    await test.chain.acceptHeaders([first, second].map((block) => (block as Block).header))
    test.miner.start(script)
    await test.chain.acceptBlock(first as Block)
    const complete = nextEvent(test, 'tip-changed')
    await test.chain.acceptBlock(second as Block)
    expect((await complete).tip.height).toBe(3)
    expect((await nextEvent(test, 'tip-changed')).tip.parent?.hash).toEqual(
      blockHash((second as Block).header),
    )
  })

  it('is not held up by a header whose block never comes', async () => {
    const { consensus, ...rest } = loadNetwork('regtest')
    const test = await openTestChain(1, { ...rest, consensus: { ...consensus, spacing: 1 } })
    const withheld = test.builder.fork().mine({ extraNonce: 1 })
    await test.chain.acceptHeaders([withheld.header])
    test.miner.start(script)
    const { tip } = await nextEvent(test, 'tip-changed')
    expect(tip.height).toBe(2)
    expect(tip.hash).not.toEqual(blockHash(withheld.header))
  })

  it('stops mining on and on when told, and begins again with another script', async () => {
    const test = await openTestChain()
    test.miner.start(script)
    await nextEvent(test, 'tip-changed')
    await test.miner.halt()
    expect(test.miner.status).toMatchObject({ active: false, blocksFound: 1 })
    const other = testKey('other').script
    test.miner.start(other)
    const { block } = await nextEvent(test, 'block-connected')
    expect(block.transactions[0]?.outputs[0]?.scriptPubKey).toEqual(other)
    expect(test.miner.status.address).toMatch(/^bcrt1q/)
  })

  it('gives up its template when another block comes first', async () => {
    const test = await openTestChain(1)
    const rival = test.builder.mine()
    test.miner.start(script)
    const connected = nextEvent(test, 'block-connected')
    await test.chain.acceptBlock(rival)
    await connected
    const tip = await nextEvent(test, 'tip-changed')
    expect(tip.tip.height).toBeGreaterThanOrEqual(2)
  })

  it('says once that its clock is behind the chain, and goes on when that is over', async () => {
    const { log, lines } = recordLog()
    log.level = 'debug'
    let hours = 24
    const clock = (): number => systemClock() + hours * 3_600
    const { chain, miner } = await openTestChain(0, loadNetwork('regtest'), { clock, log })
    await miner.generate(12, script, never)
    hours = 0
    miner.start(script)
    const failures = (): LogLine[] => lines.filter(({ msg }) => msg.startsWith('Mining failed'))
    await vi.waitFor(() => expect(failures().length).toBeGreaterThan(1), { timeout: 20_000 })
    expect(failures().filter(({ level }) => level === ERROR_LEVEL)).toHaveLength(1)
    hours = 24
    await vi.waitFor(() => expect(chain.tip.height).toBeGreaterThan(12), { timeout: 20_000 })
  })

  it('ends with everything under way', async () => {
    const { miner } = await openTestChain()
    miner.start(script)
    const generating = miner.generate(100_000, script, never)
    const ended = expect(generating).rejects.toThrow(expect.objectContaining({ code: 'mining-interrupted' }))
    await miner.close()
    await ended
  })
})
