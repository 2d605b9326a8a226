export { BlockNode, BlockTree, forkPoint } from './block-tree.ts'
export type { ChainEvent, ChainListener } from './chain-events.ts'
export {
  type BlockOutcome,
  ChainManager,
  type ChainModules,
  type HeadersOutcome,
  MAX_HEADERS,
} from './chain-manager.ts'
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
export { createLocator } from './locator.ts'
export { MemoryChainStore } from './memory-chain-store.ts'
export { type BlockUndo, decodeUndo, encodeUndo } from './undo.ts'
