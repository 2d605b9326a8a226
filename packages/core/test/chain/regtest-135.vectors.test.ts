import { ChainManager, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier, loadNetwork } from '@chain/core/consensus'
import { decodeBlock, formatHash } from '@chain/core/primitives'
import { expect, test } from 'vitest'
import { describeVectors } from '../vectors.ts'

describeVectors('regtest-135.blk', (vectors) => {
  const blocks = vectors.blocks('fabfb5da').map(decodeBlock)

  test('holds 135 blocks with 645 transactions', () => {
    expect(blocks).toHaveLength(135)
    expect(blocks.flatMap(({ transactions }) => transactions)).toHaveLength(645)
  })

  test('connects to the tip that another implementation reached, with 1,010 signatures', async () => {
    let signatures = 0
    const verifier = {
      name: 'counting',
      findInvalid(checks: Parameters<typeof inlineVerifier.findInvalid>[0]): Promise<number | undefined> {
        signatures += checks.length
        return inlineVerifier.findInvalid(checks)
      },
    }
    const clock = (): number => 0xffffffff - 7_200
    const modules = { store: new MemoryChainStore(), verifier, clock }
    const chain = await ChainManager.open(loadNetwork('regtest'), modules)
    for (const block of blocks) {
      const outcome = await chain.acceptBlock(block)
      expect(outcome.status === 'invalid' ? outcome.error.message : outcome.status).toBe('connected')
    }
    expect(chain.tip.height).toBe(135)
    expect(formatHash(chain.tip.hash)).toBe(
      '5d8c0aad24ab02108cff491c80387baebd0891dc45380e13ef7eb4305155adda',
    )
    expect(signatures).toBe(1_010)
  })
})
