/** Chain managers for tests, over the memory store, with a clock that stands still far behind every block. */
import { toHex } from '@chain/core/bytes'
import { type BlockOutcome, ChainManager, type ChainStore, MemoryChainStore } from '@chain/core/chain'
import { type ChainSpec, inlineVerifier, type RuleError } from '@chain/core/consensus'
import { type Block, formatOutPoint } from '@chain/core/primitives'

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

/** Every coin of a store as text, in the store's order: equal texts mean equal coins. */
export function listCoins(store: ChainStore): string[] {
  return Array.from(store.readCoins(), ([outpoint, { output, height, isCoinbase }]) => {
    const { value, scriptPubKey } = output
    return `${formatOutPoint(outpoint)} ${value} ${toHex(scriptPubKey)} ${height} ${isCoinbase}`
  })
}

/** The coins of a node that never saw anything but these blocks. */
export async function coinsAfter(spec: ChainSpec, blocks: readonly Block[]): Promise<string[]> {
  const store = new MemoryChainStore()
  await openChain(spec, blocks, { store })
  return listCoins(store)
}

/** What a chain manager tells, in short: such as `connected 3`, `disconnected 3`, `tip 3`, `invalid 4`. */
export function recordEvents(chain: ChainManager): string[] {
  const events: string[] = []
  chain.subscribe((event) => {
    if (event.type === 'block-connected') events.push(`connected ${event.node.height}`)
    if (event.type === 'block-disconnected') events.push(`disconnected ${event.node.height}`)
    if (event.type === 'tip-changed') events.push(`tip ${event.tip.height}`)
    if (event.type === 'block-invalid') events.push(`invalid ${event.node.height}`)
  })
  return events
}
