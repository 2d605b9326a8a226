/** Entries for tests of what looks at nothing but fees, sizes and families. */
import { createEntry, type MempoolEntry } from '@chain/core/mempool'
import type { Transaction } from '@chain/core/primitives'

let made = 0

/** An entry with this fee and virtual size that spends an output of each of `parents`, linked with them. */
export function plainEntry(fee: number, size: number, parents: readonly MempoolEntry[] = []): MempoolEntry {
  const spent = parents.map((parent) => ({ txid: parent.txid, index: ++made }))
  const outside = { txid: new Uint8Array(32).fill(0xee), index: ++made }
  const transaction: Transaction = {
    version: 2,
    inputs: [outside, ...spent].map((previousOutput) => {
      return { previousOutput, scriptSig: new Uint8Array(), sequence: 0, witness: [] }
    }),
    outputs: [{ value: 1n, scriptPubKey: new Uint8Array() }],
    lockTime: 0,
  }
  const entry = {
    ...createEntry(
      { transaction, fee: BigInt(fee), size, parents: new Set(parents) },
      { feeDelta: 0n, time: 0, height: 0 },
    ),
    weight: size * 4,
  }
  for (const parent of parents) parent.children.add(entry)
  return entry
}
