import { asertTarget } from '@chain/core/consensus'
import { expect, test } from 'vitest'
import { describeVectors } from '../vectors.ts'

interface AsertVectors {
  readonly idealBlockTime: number
  readonly halfLife: number
  readonly powLimitBits: string
  readonly runs: readonly {
    readonly name: string
    readonly anchorHeight: number
    readonly anchorParentTime: number
    readonly anchorBits: string
    readonly blocks: readonly (readonly [height: number, time: number, bits: string])[]
  }[]
}

describeVectors('asert.json', (vectors) => {
  const { idealBlockTime, halfLife, powLimitBits, runs } = vectors.json<AsertVectors>()
  const params = { spacing: idealBlockTime, halfLife, powLimit: Number.parseInt(powLimitBits, 16) }

  test.each(runs)('the run $name has the target that is known for each block', (run) => {
    const bits = Number.parseInt(run.anchorBits, 16)
    const anchor = { height: run.anchorHeight, parentTime: run.anchorParentTime, bits }
    for (const [height, time, expected] of run.blocks) {
      const target = asertTarget(params, anchor, height, time)
      expect(target.toString(16).padStart(8, '0'), `after block ${height}`).toBe(expected)
    }
  })
})
