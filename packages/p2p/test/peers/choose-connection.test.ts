import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ChoosableConnection,
  chooseConnection,
  surplusConnections,
} from '../../src/peers/choose-connection.ts'

function connection(direction: 'inbound' | 'outbound', open: number): ChoosableConnection {
  return { direction, timeline: { open } }
}

const mirrored = { inbound: 'outbound', outbound: 'inbound' } as const

describe('of several connections with a peer', () => {
  it('the one dialled by the smaller peer id is kept', () => {
    const [dialled, accepted] = [connection('outbound', 2), connection('inbound', 1)]
    expect(chooseConnection('a', 'b', [dialled, accepted])).toBe(dialled)
    expect(chooseConnection('b', 'a', [dialled, accepted])).toBe(accepted)
  })

  it('the oldest of one direction is kept', () => {
    const [first, second] = [connection('inbound', 1), connection('inbound', 2)]
    expect(chooseConnection('a', 'b', [second, first])).toBe(first)
    expect(chooseConnection('a', 'b', [])).toBeUndefined()
  })

  it('only the side that dialled twice closes its second one', () => {
    const [first, second] = [connection('outbound', 1), connection('outbound', 2)]
    expect(surplusConnections(first, [first, second])).toEqual([second])
    const [accepted, other] = [connection('inbound', 1), connection('inbound', 2)]
    expect(surplusConnections(accepted, [accepted, other])).toEqual([])
  })

  it('exactly one is left, whatever was dialled by whom', () => {
    const directions = fc.constantFrom<'inbound' | 'outbound'>('inbound', 'outbound')
    fc.assert(
      fc.property(
        fc.array(directions, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (dialled, isSmaller) => {
          const ours = dialled.map((direction, index) => connection(direction, index))
          const theirs = dialled.map((direction, index) => connection(mirrored[direction], index))
          const [self, remote] = isSmaller ? ['a', 'b'] : ['b', 'a']
          const kept = chooseConnection(self, remote, ours) as ChoosableConnection
          const keptThere = chooseConnection(remote, self, theirs) as ChoosableConnection
          const closedHere = surplusConnections(kept, ours).map((one) => ours.indexOf(one))
          const closedThere = surplusConnections(keptThere, theirs).map((one) => theirs.indexOf(one))
          expect(ours.indexOf(kept)).toBe(theirs.indexOf(keptThere))
          expect(new Set([...closedHere, ...closedThere]).size).toBe(dialled.length - 1)
        },
      ),
    )
  })
})
