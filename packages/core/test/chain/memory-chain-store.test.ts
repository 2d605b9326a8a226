import { MemoryChainStore } from '@chain/core/chain'
import { type ChainStoreFixture, chainStoreContract } from '@chain/core/testing'
import { describe, test } from 'vitest'

const fixture: ChainStoreFixture = { open: () => Promise.resolve(new MemoryChainStore()), reopen: undefined }

describe('MemoryChainStore', () => {
  for (const { title, run } of chainStoreContract) test(title, () => run(fixture))
})
