/** Building block templates from a full mempool. */
import { createEntry, type MempoolEntry } from '@chain/core/mempool'
import { createBlockTemplate } from '@chain/core/mining'
import { decodeTransaction, encodeTransaction, type Transaction, virtualSize } from '@chain/core/primitives'
import type { MakeBenches } from './measure.ts'
import { createPayments } from './payments.ts'

const COUNT = 5_000

export const makeBenches: MakeBenches = async () => {
  const { chain, spec, transactions, script, now } = await createPayments(1)
  const [model] = transactions
  if (model === undefined) throw new Error('There is one payment.')
  const entries = Array.from({ length: COUNT }, (_, index) => entryLike(model, index))
  // Every fifth spends an output of the one before it.
  for (const [index, entry] of entries.entries()) {
    const parent = entries[index - 1]
    if (index % 5 !== 0 || parent === undefined) continue
    entry.parents.add(parent)
    parent.children.add(entry)
  }
  const options = { params: spec.consensus, parent: chain.tip, entries, script, now }
  return [
    {
      title: `A template of ${COUNT} waiting transactions`,
      work: [1, 'templates'],
      cases: [
        { name: 'all fit', run: () => createBlockTemplate(options) },
        { name: 'a third fits', run: () => createBlockTemplate({ ...options, maxWeight: 800_000 }) },
      ],
    },
  ]
}

/** Another transaction of the same size, with another fee. */
function entryLike(model: Transaction, index: number): MempoolEntry {
  const transaction = decodeTransaction(encodeTransaction({ ...model, lockTime: index }))
  const fee = BigInt(1_000 + ((index * 7_919) % 5_000))
  const size = virtualSize(transaction)
  return createEntry({ transaction, fee, size, parents: new Set() }, { feeDelta: 0n, time: 0, height: 1 })
}
