import { type ConsensusParams, type HeaderNode, loadNetwork, nextTarget } from '@chain/core/consensus'
import { InvariantError } from '@chain/core/errors'
import { ChainBuilder, solve } from '@chain/core/testing'
import { targetFromCompact } from '@chain/core/units'
import { describe, expect, test } from 'vitest'
import { withHeader } from '../block-changes.ts'
import { testNetwork } from '../networks.ts'

/** A chain of headers that only height, time and target matter of. */
class Line {
  readonly nodes: HeaderNode[] = []

  add(time: number, bits: number): HeaderNode {
    const { nodes } = this
    const height = nodes.length
    const header = { ...testNetwork().consensus.genesis.header, time, bits }
    const ancestor = (at: number): HeaderNode => nodes[at] as HeaderNode
    const node: HeaderNode = { hash: new Uint8Array(32), header, height, parent: nodes[height - 1], ancestor }
    nodes.push(node)
    return node
  }
}

describe('the rule none', () => {
  test('keeps the target of the parent', () => {
    const { consensus } = testNetwork()
    expect(nextTarget(consensus, new Line().add(0, 0x1d00ffff))).toBe(0x1d00ffff)
  })

  test('keeps it after 2016 blocks too, however fast they came', () => {
    const { consensus } = testNetwork()
    const line = new Line()
    for (let height = 0; height < 2_015; height++) line.add(height, 0x1d00ffff)
    expect(nextTarget(consensus, line.add(2_015, 0x1d00ffff))).toBe(0x1d00ffff)
  })
})

describe('the rule retarget-2016', () => {
  const { consensus } = testNetwork({
    difficulty: { algorithm: 'retarget-2016' },
    powLimit: 0x1d00ffff,
    spacing: 600,
  })

  function afterPeriod(seconds: number, bits: number, params: ConsensusParams = consensus): number {
    const line = new Line()
    line.add(1_000_000, bits)
    for (let height = 1; height < 2_015; height++) line.add(1_000_777, bits)
    return nextTarget(params, line.add(1_000_000 + seconds, bits))
  }

  test.each([
    // The retargets of Bitcoin's unit tests, with the bounds of a quarter and of four times.
    ['Bitcoin block 32,256', 1_262_152_739 - 1_261_130_161, 0x1d00ffff, 0x1d00d86a],
    ['Bitcoin block 2,016, at the limit', 1_233_061_996 - 1_231_006_505, 0x1d00ffff, 0x1d00ffff],
    ['Bitcoin block 68,544, at the lower bound', 1_279_297_671 - 1_279_008_237, 0x1c05a3f4, 0x1c0168fd],
    ['Bitcoin block 46,368, at the upper bound', 1_269_211_443 - 1_263_163_443, 0x1c387f6f, 0x1d00e1fd],
  ])('has the target of %s', (_, seconds, bits, expected) => {
    expect(afterPeriod(seconds, bits)).toBe(expected)
  })

  test('takes a clock that went backwards for the lower bound', () => {
    expect(afterPeriod(-100, 0x1c05a3f4)).toBe(afterPeriod(0, 0x1c05a3f4))
  })

  test('never goes below the hardest target, 1', () => {
    expect(targetFromCompact(afterPeriod(0, 0x03000001))).toBe(1n)
  })

  test('is never reckoned from a number that is no target', () => {
    expect(() => afterPeriod(0, 0)).toThrow(InvariantError)
    expect(() => afterPeriod(0, 0x1d00ffff, { ...consensus, powLimit: 0 })).toThrow(InvariantError)
  })

  test('keeps the target in between', () => {
    const line = new Line()
    for (let height = 0; height < 100; height++) {
      expect(nextTarget(consensus, line.add(height, 0x1c05a3f4))).toBe(0x1c05a3f4)
    }
  })
})

describe('the rule asert', () => {
  // The genesis block is 32 times as hard as the limit, so that targets can move both ways.
  const start = 0x2003ffff
  const genesis = solve(withHeader({ bits: start })(loadNetwork('regtest').consensus.genesis))
  const network = testNetwork({ genesis, difficulty: { algorithm: 'asert', halfLife: 3_600 }, spacing: 60 })
  const { consensus } = network

  test('gives block 1 the target of the genesis block, whenever it comes', () => {
    const builder = ChainBuilder.create(network)
    expect(nextTarget(consensus, builder.tip)).toBe(start)
    builder.mine({ time: builder.tip.header.time + 20 * 365 * 86_400 })
    expect(nextTarget(consensus, builder.tip)).toBe(start)
  })

  test('counts the schedule from block 1', () => {
    const builder = ChainBuilder.create(network)
    builder.mine({ time: builder.tip.header.time + 20 * 365 * 86_400 })
    for (let i = 0; i < 5; i++) {
      builder.mine()
      expect(nextTarget(consensus, builder.tip)).toBe(start)
    }
  })

  test('makes blocks harder that come too early', () => {
    const builder = ChainBuilder.create(network)
    builder.mine()
    for (let i = 0; i < 10; i++) builder.mine({ time: builder.tip.header.time + 1 })
    expect(targetFromCompact(nextTarget(consensus, builder.tip))).toBeLessThan(targetFromCompact(start) ?? 0n)
  })

  test('asks for the easiest target after a pause, until the chain has caught up', () => {
    const builder = ChainBuilder.create(network)
    builder.mine()
    for (let i = 0; i < 5; i++) builder.mine({ time: builder.tip.header.time + 1 })
    const hard = nextTarget(consensus, builder.tip)
    builder.mine({ time: builder.tip.header.time + 10 * 60 * 60 })
    for (let i = 0; i < 5; i++) {
      expect(nextTarget(consensus, builder.tip)).toBe(consensus.powLimit)
      builder.mine({ time: builder.tip.header.time + 1 })
    }
    expect(hard).not.toBe(consensus.powLimit)
  })
})
