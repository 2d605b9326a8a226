/** The search for a nonce, beside hashing headers with libraries. */
import { hash } from 'node:crypto'
import { loadNetwork } from '@chain/core/consensus'
import { searchNonce } from '@chain/core/mining'
import { encodeHeader } from '@chain/core/primitives'
import { sha256 } from '@noble/hashes/sha2.js'
import type { MakeBenches } from './measure.ts'

const COUNT = 0x8000

export const makeBenches: MakeBenches = () => {
  const { header } = loadNetwork('regtest').consensus.genesis
  const hard = { ...header, bits: 0x03000001 }
  const bytes = encodeHeader(hard)
  const view = new DataView(bytes.buffer)
  const each = (run: () => unknown): void => {
    for (let nonce = 0; nonce < COUNT; nonce++) {
      view.setUint32(76, nonce, true)
      run()
    }
  }
  return [
    {
      title: `${COUNT} nonces tried`,
      work: [COUNT, 'nonces'],
      cases: [
        { name: 'chain', run: () => searchNonce(hard, 0, COUNT) },
        { name: '@noble/hashes', isPeer: true, run: () => each(() => sha256(sha256(bytes))) },
        {
          name: 'node:crypto',
          isPeer: true,
          run: () => each(() => hash('sha256', hash('sha256', bytes, 'buffer'), 'buffer')),
        },
      ],
    },
  ]
}
