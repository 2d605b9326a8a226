import { describe, expect, it } from 'vitest'
import { dhtLimits } from '../../src/dht/dht-limits.ts'
import { bytesOf, meet, startStar, startTable } from './tables.ts'

function textOf(value: { readonly value: Uint8Array } | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value.value)
}

describe('three nodes of which two know only the first', () => {
  it('find each other through it', async () => {
    const [, second, third] = await startStar(3)
    const found = await third?.table.findPeer(second?.peerId ?? '')
    expect(found).toEqual({
      peerId: second?.peerId,
      addresses: second?.host.getMultiaddrs().map((address) => address.decapsulate('/p2p').toString()),
    })
    expect(await third?.table.ping(second?.peerId ?? '')).toBeGreaterThanOrEqual(0)
  })

  it('ping by address, too, and find nobody who is not there', async () => {
    const [first, second, third] = await startStar(3)
    expect(await third?.table.ping(String(second?.host.getMultiaddrs()[0]))).toBeGreaterThanOrEqual(0)
    const { peerId } = await startTable()
    expect(await first?.table.findPeer(peerId)).toBeUndefined()
    await expect(first?.table.ping(peerId)).rejects.toThrow(`No address of the peer ${peerId} can be found.`)
  })

  it('say at once that there is nobody to ask where a peer is', async () => {
    const { table, peerId } = await startTable()
    const nobody = expect.objectContaining({ code: 'peer-missing' })
    await expect(table.ping((await startTable()).peerId)).rejects.toThrow(nobody)
    await expect(table.findPeer((await startTable()).peerId)).rejects.toThrow(nobody)
    expect((await table.findPeer(peerId))?.peerId).toBe(peerId)
  })

  it('find the providers of a key', async () => {
    const [, second, third] = await startStar(3)
    await second?.table.provide('a file')
    const [provider] = (await third?.table.findProviders('a file')) ?? []
    expect(provider?.peerId).toBe(second?.peerId)
    expect(provider?.addresses).toHaveLength(1)
    expect(await third?.table.findProviders('another file')).toEqual([])
  })
})

describe('values', () => {
  it('are put by one of five nodes and got by the others', async () => {
    const nodes = await startStar(5)
    const { key, holders } = (await nodes[1]?.table.put('greeting', bytesOf('hello'))) ?? { key: '' }
    expect(key).toBe(`/record/${nodes[1]?.peerId}/greeting`)
    expect(holders).toBeGreaterThanOrEqual(3)
    for (const { table } of nodes) expect(textOf(await table.get(key))).toBe('hello')
  })

  it('are replaced by newer ones, even within a second', async () => {
    const now = (): number => Date.parse('2030-01-01')
    const [first, second] = await startStar(2, { now })
    const { key, sequence } = (await first?.table.put('greeting', bytesOf('one'))) ?? { key: '', sequence: 0 }
    expect((await first?.table.put('greeting', bytesOf('two')))?.sequence).toBe(sequence + 1)
    expect(textOf(await second?.table.get(key))).toBe('two')
  })

  it('of one node are refused beyond a number, and may still be replaced', async () => {
    const [first] = await startStar(2)
    // One was put when they met.
    for (let count = 0; count < dhtLimits.valuesPerPublisher - 1; count += 1) {
      await first?.table.put(`name-${count}`, bytesOf('one'))
    }
    await expect(first?.table.put('one-more', bytesOf('one'))).rejects.toThrow(
      expect.objectContaining({ code: 'record-refused' }),
    )
    const { key } = (await first?.table.put('name-0', bytesOf('two'))) ?? { key: '' }
    expect(textOf(await first?.table.get(key))).toBe('two')
  })

  it('never end before those that they replace', async () => {
    const [first] = await startStar(2)
    const long = await first?.table.put('greeting', bytesOf('one'))
    const short = await first?.table.put('greeting', bytesOf('two'), 1_000)
    expect(short?.expires).toBe(long?.expires)
  })

  it('that nobody has are not there', async () => {
    const [first, second] = await startStar(2)
    expect(await first?.table.get(`/record/${second?.peerId}/nothing`)).toBeUndefined()
    await expect(first?.table.get('/record/somebody/nothing')).rejects.toThrow(
      expect.objectContaining({ code: 'record-key-malformed' }),
    )
  })

  it('come to their end', async () => {
    let time = Date.parse('2030-01-01')
    const [first, second] = await startStar(2, { now: () => time })
    const { key } = (await first?.table.put('greeting', bytesOf('hello'), 60_000)) ?? { key: '' }
    expect(textOf(await second?.table.get(key))).toBe('hello')
    time += 61_000
    expect(await second?.table.get(key)).toBeUndefined()
  })

  it('can be replaced after the clock was ahead and was set right', async () => {
    let time = Date.parse('2030-01-04')
    const [first, second] = await startStar(2, { now: () => time })
    const early = await first?.table.put('greeting', bytesOf('one'))
    time = Date.parse('2030-01-01')
    const late = await first?.table.put('greeting', bytesOf('two'))
    expect(late?.sequence).toBe((early?.sequence ?? 0) + 1)
    expect(late?.expires).toBe((time + dhtLimits.valueLifetime) / 1_000)
    expect(textOf(await second?.table.get(late?.key ?? ''))).toBe('two')
  })

  it('reach those who come later when their publisher puts them again', async () => {
    const [first, second] = await startStar(2)
    const { key } = (await second?.table.put('greeting', bytesOf('hello'))) ?? { key: '' }
    const third = await startTable()
    if (first === undefined || second === undefined) throw new Error('There are two nodes.')
    await meet(third, second)
    await second.table.republish()
    await Promise.all([first.host.stop(), second.host.stop()])
    expect(textOf(await third.table.get(key))).toBe('hello')
  })

  it('are kept in bounds', async () => {
    const [first] = await startStar(2)
    await expect(first?.table.put('greeting', new Uint8Array(1_025))).rejects.toThrow(
      expect.objectContaining({ code: 'record-refused' }),
    )
    await expect(first?.table.put('Not a name', bytesOf('hello'))).rejects.toThrow(
      expect.objectContaining({ code: 'record-key-malformed' }),
    )
  })
})

it('a node without peers says so', async () => {
  const { table, peerId } = await startTable()
  for (const attempt of [
    () => table.provide('a file'),
    () => table.findProviders('a file'),
    () => table.put('greeting', bytesOf('hello')),
    () => table.get(`/record/${peerId}/greeting`),
  ]) {
    await expect(attempt()).rejects.toThrow(expect.objectContaining({ code: 'peer-missing' }))
  }
})
