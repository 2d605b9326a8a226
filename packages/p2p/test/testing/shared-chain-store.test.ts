import { type ChainStoreFixture, chainStoreContract } from '@chain/core/testing'
import { describe, test } from 'vitest'
import { SharedChainStore } from '../../src/testing/shared-chain-store.ts'

const fixtures: Readonly<Record<string, ChainStoreFixture>> = {
  'a shared chain store by itself': { open: async () => new SharedChainStore(), reopen: undefined },
  'a shared chain store on top of another': {
    open: async () => new SharedChainStore(new SharedChainStore()),
    reopen: async (store) => new SharedChainStore(store as SharedChainStore),
  },
}

describe.each(Object.entries(fixtures))('%s', (_, fixture) => {
  for (const { title, run } of chainStoreContract) test(title, () => run(fixture))
})
