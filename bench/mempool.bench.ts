/** Accepting transactions into a mempool, with their signatures and without. */
import { inlineVerifier, type SignatureVerifier } from '@chain/core/consensus'
import { Mempool } from '@chain/core/mempool'
import type { MakeBenches } from './measure.ts'
import { createPayments } from './payments.ts'

const COUNT = 500

/** Leaves signatures away, so that the rest shows. */
const noVerifier: SignatureVerifier = { name: 'none', findInvalid: () => Promise.resolve(undefined) }

export const makeBenches: MakeBenches = async () => {
  const { chain, transactions, now } = await createPayments(COUNT)
  const acceptAll = async (verifier: SignatureVerifier): Promise<void> => {
    const mempool = new Mempool({ chain, verifier, clock: () => now })
    for (const transaction of transactions) await mempool.accept(transaction)
    if (mempool.count !== COUNT) throw new Error(`Only ${mempool.count} transactions were accepted.`)
  }
  return [
    {
      title: `${COUNT} transactions accepted into a mempool`,
      work: [COUNT, 'transactions'],
      cases: [
        { name: 'without signatures', run: () => acceptAll(noVerifier) },
        { name: 'with signatures by @noble/curves', run: () => acceptAll(inlineVerifier) },
      ],
    },
  ]
}
