/**
 * The store that all nodes of a test network begin with.
 */
import { ChainManager } from '@chain/core/chain'
import type { ChainSpec, SignatureVerifier } from '@chain/core/consensus'
import { OperationalError } from '@chain/core/errors'
import type { Block } from '@chain/core/primitives'
import type { UnixTime } from '@chain/core/units'
import { SharedChainStore } from './shared-chain-store.ts'

/** What a base is opened with. */
export interface BaseModules {
  readonly verifier: SignatureVerifier
  /** The time now, in Unix seconds. */
  readonly clock: () => UnixTime
}

/**
 * A store with the genesis block and these blocks after it.
 *
 * @throws {OperationalError} `simulation-blocks` when one of them does not connect
 */
export async function openBase(
  spec: ChainSpec,
  blocks: readonly Block[],
  modules: BaseModules,
): Promise<SharedChainStore> {
  const store = new SharedChainStore()
  const chain = await ChainManager.open(spec, { ...modules, store })
  for (const block of blocks) {
    const { status } = await chain.acceptBlock(block)
    if (status === 'connected') continue
    throw new OperationalError('simulation-blocks', `A block to begin with is ${status}, not connected.`, {
      status,
    })
  }
  return store
}
