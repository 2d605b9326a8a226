import { compareBytes } from '@chain/core/bytes'
import type { OutPoint } from '@chain/core/primitives'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blockKey, coinKey, heightKey, parseCoinKey } from '../src/layout.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const uint32 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 252, 253, 0xffff, 0x10000, 0xffffffff))
const outpoint: fc.Arbitrary<OutPoint> = fc.record({ txid: hash, index: uint32 })

test('a coin key gives back its outpoint', () => {
  fc.assert(
    fc.property(outpoint, (point) => {
      expect(parseCoinKey(coinKey(point))).toEqual(point)
    }),
  )
})

test('coin keys sort by transaction id bytes, then by index', () => {
  fc.assert(
    fc.property(outpoint, outpoint, fc.boolean(), (a, other, isSameTransaction) => {
      const b = isSameTransaction ? { ...other, txid: a.txid } : other
      const byTransaction = compareBytes(a.txid, b.txid)
      const order = byTransaction === 0 ? a.index - b.index : byTransaction
      expect(Math.sign(compareBytes(coinKey(a), coinKey(b)))).toBe(Math.sign(order))
    }),
  )
})

test('block keys and height keys sort by height', () => {
  fc.assert(
    fc.property(hash, hash, uint32, uint32, (a, b, low, high) => {
      fc.pre(low < high)
      expect(
        compareBytes(blockKey({ hash: a, height: low }), blockKey({ hash: b, height: high })),
      ).toBeLessThan(0)
      expect(compareBytes(heightKey(low), heightKey(high))).toBeLessThan(0)
    }),
  )
})

test('bytes that are no coin key are refused', () => {
  for (const key of [[], [1], new Array(33).fill(253), new Array(34).fill(0), new Array(35).fill(254)])
    expect(parseCoinKey(Uint8Array.from(key))).toBeUndefined()
})
