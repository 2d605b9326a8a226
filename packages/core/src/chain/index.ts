export type { BlockRecord, BlockRef, BlockValidity, ChainStore, ChainStoreBatch } from './chain-store.ts'
export { readCoin, readVarint, writeCoin, writeVarint } from './coin-codec.ts'
export { MemoryChainStore } from './memory-chain-store.ts'
export { type BlockUndo, decodeUndo, encodeUndo } from './undo.ts'
