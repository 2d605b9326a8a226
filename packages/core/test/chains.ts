/** Chain managers for tests, over the memory store, with a clock that stands still far behind every block. */
import { type BlockOutcome, ChainManager, type ChainStore, MemoryChainStore } from '@chain/core/chain'
import { type ChainSpec, inlineVerifier, type RuleError } from '@chain/core/consensus'
import type { Block } from '@chain/core/primitives'

/** Late enough for every time a test block carries. */
export const FAR_FUTURE = 4_000_000_000

/** A chain manager that holds `blocks`, each of which must be taken in. */
export async function openChain(
  spec: ChainSpec,
  blocks: readonly Block[] = [],
  modules: { store?: ChainStore; clock?: () => number } = {},
): Promise<ChainManager> {
  const { store = new MemoryChainStore(), clock = (): number => FAR_FUTURE } = modules
  const chain = await ChainManager.open(spec, { store, clock, verifier: inlineVerifier })
  await acceptAll(chain, blocks)
  return chain
}

/** Hands in blocks one after the other and returns what became of each. */
export async function acceptAll(
  chain: ChainManager,
  blocks: readonly Block[],
): Promise<BlockOutcome['status'][]> {
  const statuses: BlockOutcome['status'][] = []
  for (const block of blocks) statuses.push((await chain.acceptBlock(block)).status)
  return statuses
}

/** The rule that a block, handed in after `before`, breaks. */
export async function refusedBlock(
  spec: ChainSpec,
  before: readonly Block[],
  block: Block,
): Promise<RuleError> {
  const chain = await openChain(spec, before)
  const outcome = await chain.acceptBlock(block)
  if (outcome.status === 'invalid') return outcome.error
  throw new Error(`The block was not refused but ${outcome.status}.`)
}
