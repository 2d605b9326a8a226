/**
 * Scans the chain for the wallet's transactions: takes back what a reorganisation took back, then looks at every new
 * block, and records how far it came.
 */
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { forkPoint } from '@chain/core/chain'
import type { UnixTime } from '@chain/core/units'
import { BLOCKS_PER_REQUEST, fetchBlocks } from './fetch-blocks.ts'
import { findBlocks } from './find-blocks.ts'
import type { Ledger } from './ledger.ts'
import type { LightPeers } from './light-peers.ts'
import type { WalletStore } from './wallet-store.ts'

/** What a scan works with. */
export interface ScanModules {
  readonly chain: ChainManager
  readonly peers: LightPeers
  readonly ledger: Ledger
  readonly store: WalletStore
}

/** Told after each group of blocks. */
export type ScanProgress = (height: number, target: number) => void

/**
 * Brings the ledger to the end of the best header chain.
 *
 * @param birthday - blocks well before this Unix time are not looked at
 * @throws {OperationalError} as `fetchBlocks`; what was scanned before is kept
 */
export async function scanChain(
  modules: ScanModules,
  birthday: UnixTime,
  onProgress: ScanProgress,
): Promise<void> {
  const target = modules.chain.bestHeader
  let from = takeBack(modules, target, birthday)
  let group: BlockNode[] = []
  for await (const node of findBlocks(from, target)) {
    group.push(node)
    if (group.length < BLOCKS_PER_REQUEST) continue
    from = await scanGroup(modules, group, node)
    onProgress(from.height, target.height)
    group = []
  }
  if (from === target) return
  await scanGroup(modules, group, target)
  onProgress(target.height, target.height)
}

/** Looks at blocks and records that everything up to `scanned` was looked at. */
async function scanGroup(
  { chain, peers, ledger, store }: ScanModules,
  group: readonly BlockNode[],
  scanned: BlockNode,
): Promise<BlockNode> {
  for await (const { node, block } of fetchBlocks(chain, peers, group)) {
    ledger.connect({ height: node.height, time: node.header.time, transactions: block.transactions })
  }
  store.write(ledger.takeChanges(), scanned)
  return scanned
}

/** Takes back blocks that are not on the way to `target`, and returns the last block that was looked at. */
function takeBack({ chain, ledger, store }: ScanModules, target: BlockNode, birthday: UnixTime): BlockNode {
  const point = store.readScanPoint()
  const last = point === undefined ? undefined : chain.find(point.hash)
  const from = last === undefined ? beforeBirthday(target, birthday) : forkPoint(last, target)
  if (last === from) return from
  ledger.disconnectAbove(from.height)
  store.write(ledger.takeChanges(), from)
  return from
}

/** Seconds by which the times of blocks may lag behind the clock of whoever made the wallet. */
const BIRTHDAY_MARGIN = 86_400

/** The last block before the first one whose time is near the birthday. */
function beforeBirthday(target: BlockNode, birthday: UnixTime): BlockNode {
  const threshold = birthday - BIRTHDAY_MARGIN
  for (let height = 1; height <= target.height; height++) {
    const node = target.ancestor(height)
    if (node.header.time >= threshold) return node.parent as BlockNode
  }
  return target
}
