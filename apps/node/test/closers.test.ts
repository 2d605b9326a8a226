import { describe, expect, it } from 'vitest'
import { Closers } from '../src/closers.ts'
import { quietLog } from './quiet-log.ts'

describe('closers', () => {
  it('end parts in the opposite order of their start', async () => {
    const ended: string[] = []
    const closers = new Closers(quietLog)
    for (const name of ['store', 'network', 'rpc']) closers.add(name, 1_000, () => void ended.push(name))
    await closers.close()
    expect(ended).toEqual(['rpc', 'network', 'store'])
  })

  it('end the others when one fails or hangs', async () => {
    const ended: string[] = []
    const closers = new Closers(quietLog)
    closers.add('store', 1_000, () => void ended.push('store'))
    closers.add('hangs', 10, () => new Promise(() => undefined))
    closers.add('fails', 1_000, () => Promise.reject(new Error('no')))
    await closers.close()
    expect(ended).toEqual(['store'])
  })

  it('end everything once', async () => {
    let times = 0
    const closers = new Closers(quietLog)
    closers.add('store', 1_000, () => {
      times += 1
    })
    await Promise.all([closers.close(), closers.close()])
    expect(times).toBe(1)
  })
})
