import { array, assert, constantFrom, nat, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { IndexedHeap } from '../../src/mempool/indexed-heap.ts'

const deed = record({
  kind: constantFrom('add', 'add', 'change', 'delete', 'take'),
  pick: nat(),
  rank: nat(20),
})

test('the heap always gives the item that comes first, whatever is changed or taken out', () => {
  const law = property(array(deed, { maxLength: 60 }), (deeds) => {
    const heap = new IndexedHeap<{ place: number; rank: number }>((a, b) => a.rank < b.rank)
    const model: { place: number; rank: number }[] = []
    for (const { kind, pick, rank } of deeds) {
      const picked = kind === 'take' ? heap.first : model[pick % Math.max(model.length, 1)]
      if (kind === 'add') {
        const item = { place: -1, rank }
        heap.add(item)
        model.push(item)
      } else if (picked === undefined) expect(model).toEqual([])
      else if (kind === 'change') {
        picked.rank = rank
        heap.update(picked)
      } else {
        heap.delete(picked)
        heap.delete(picked)
        model.splice(model.indexOf(picked), 1)
        expect(heap.has(picked)).toBe(false)
      }
      expect(heap.size).toBe(model.length)
      expect(heap.first?.rank).toBe(
        model.length === 0 ? undefined : Math.min(...model.map((one) => one.rank)),
      )
      expect(model.every((item) => heap.has(item))).toBe(true)
    }
  })
  assert(law)
})
