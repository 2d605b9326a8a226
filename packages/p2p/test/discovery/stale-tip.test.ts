import type { ChainEvent } from '@chain/core/chain'
import { describe, expect, it } from 'vitest'
import { StaleTip } from '../../src/discovery/stale-tip.ts'
import type { ChainPort } from '../../src/ports.ts'
import { openChain } from '../nodes.ts'

async function followed(
  changes: Partial<ChainPort['spec']['consensus']>,
): Promise<{ tip: StaleTip; wait: (seconds: number) => void; mine: () => void }> {
  const { spec } = await openChain()
  let now = 0
  let listener: ((event: ChainEvent) => void) | undefined
  const chain = {
    spec: { ...spec, consensus: { ...spec.consensus, ...changes } },
    subscribe: (follow: (event: ChainEvent) => void) => {
      listener = follow
      return () => {
        listener = undefined
      }
    },
  }
  return {
    tip: new StaleTip(chain, () => now),
    wait: (seconds) => {
      now += seconds * 1_000
    },
    mine: () => listener?.({ type: 'tip-changed' } as ChainEvent),
  }
}

describe('a tip', () => {
  it('is stale when no block has come for three spacings and a minute', async () => {
    const { tip, wait, mine } = await followed({ spacing: 60, difficulty: { algorithm: 'retarget-2016' } })
    wait(240)
    expect(tip.isStale).toBe(false)
    wait(1)
    expect(tip.isStale).toBe(true)
    mine()
    expect(tip.isStale).toBe(false)
    tip.stop()
    wait(241)
    mine()
    expect(tip.isStale).toBe(true)
  })

  it('is never stale where blocks come when somebody makes them', async () => {
    const { tip, wait } = await followed({ spacing: 60, difficulty: { algorithm: 'none' } })
    wait(1_000_000)
    expect(tip.isStale).toBe(false)
  })
})
