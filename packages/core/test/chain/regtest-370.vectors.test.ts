import { ChainManager, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier, loadNetwork, type SignatureVerifier } from '@chain/core/consensus'
import { decodeBlock, formatHash } from '@chain/core/primitives'
import { expect, test } from 'vitest'
import { describeVectors } from '../vectors.ts'

/** All signatures take `@noble/curves` two minutes; without `CHAIN_ALL_SIGNATURES` one in a hundred is verified. */
const step = process.env.CHAIN_ALL_SIGNATURES === undefined ? 100 : 1

class SamplingVerifier implements SignatureVerifier {
  readonly name = 'sampling'
  count = 0

  async findInvalid(checks: Parameters<SignatureVerifier['findInvalid']>[0]): Promise<number | undefined> {
    const first = this.count
    this.count += checks.length
    const sample = checks.filter((_, index) => (first + index) % step === 0)
    return await inlineVerifier.findInvalid(sample)
  }
}

describeVectors('regtest-370.blk', (vectors) => {
  test('connects to the tip that another implementation reached, with 120,010 signatures', async () => {
    const verifier = new SamplingVerifier()
    const modules = { store: new MemoryChainStore(), verifier, clock: (): number => 0xffffffff - 7_200 }
    const chain = await ChainManager.open(loadNetwork('regtest'), modules)
    let transactions = 0
    for (const bytes of vectors.blocks('fabfb5da')) {
      const block = decodeBlock(bytes)
      transactions += block.transactions.length
      const outcome = await chain.acceptBlock(block)
      expect(outcome.status === 'invalid' ? outcome.error.message : outcome.status).toBe('connected')
    }
    expect(chain.tip.height).toBe(370)
    expect(transactions).toBe(60_380)
    expect(verifier.count).toBe(120_010)
    expect(formatHash(chain.tip.hash)).toBe(
      '7018d77f7ecf2702d250395c6f7c24aeb856271ab6c704923960a176d8e33acd',
    )
  }, 1_200_000)
})
