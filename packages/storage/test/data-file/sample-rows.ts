import type { RowWrite } from '../../src/environment.ts'

/** Rows that look like those of a chain: `count` small ones, and some that take several pages. */
export function sampleRows(count: number, round: number): RowWrite[] {
  const coins = Array.from({ length: count }, (_, index): RowWrite => {
    const key = new Uint8Array(33)
    new DataView(key.buffer).setUint32(0, Math.imul(index + 1 + round * count, 0x9e3779b1))
    return { table: 'coins', key, value: new Uint8Array(28).fill(index) }
  })
  const places = coins.map(
    ({ key }): RowWrite => ({
      table: 'transactions',
      key: key.subarray(0, 16),
      value: Uint8Array.of(1, 2, 3),
    }),
  )
  const filters = Array.from({ length: 8 }, (_, index): RowWrite => {
    return { table: 'filters', key: Uint8Array.of(round, index), value: new Uint8Array(index * 700) }
  })
  const blocks = Array.from({ length: 8 }, (_, index): RowWrite => {
    return { table: 'blocks', key: Uint8Array.of(round, index), value: new Uint8Array(index * 3000) }
  })
  return [...coins, ...places, ...blocks, ...filters]
}
