/** The chain: the tree of headers, coins, connecting and disconnecting blocks, and the manager that chooses the branch. */
export { BlockNode, BlockTree, forkPoint } from './block-tree.ts'
export type { ChainEvent, ChainListener } from './chain-events.ts'
export { ChainFollower, type FollowedStep } from './chain-follower.ts'
export {
  ChainManager,
  type ChainModules,
  type ChainOptions,
  MAX_HEADERS,
  MIN_KEPT_BLOCKS,
} from './chain-manager.ts'
export type { BlockOutcome, ChainTip, HeadersOutcome } from './chain-outcomes.ts'
export type { BlockRecord, BlockRef, BlockValidity, ChainStore, ChainStoreBatch } from './chain-store.ts'
export { readCoin, readVarint, writeCoin, writeVarint } from './coin-codec.ts'
export { CoinView, type ReadCoin } from './coin-view.ts'
export {
  blockFilterHeader,
  type ConnectedParent,
  type ConnectResult,
  connectBlock,
  disconnectBlock,
} from './connect-block.ts'
export type { GiveWay } from './give-way.ts'
export type { AcceptHeadersOptions } from './header-intake.ts'
export { HeaderPresync, type PresyncOptions } from './header-presync.ts'
export { createLocator } from './locator.ts'
export { MemoryChainStore } from './memory-chain-store.ts'
export { type BlockUndo, decodeUndo, encodeUndo } from './undo.ts'
export type { ChainFault, VerifyLevel, VerifyOptions, VerifyReport } from './verify-chain.ts'
