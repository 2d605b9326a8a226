/**
 * What a peer says about the blocks that it serves.
 *
 * Source: BIP159; docs/protocol/sync.md#peers
 */
import { type Status, serviceFlags } from '@chain/wire'
import type { ServedBlocks } from './sync-events.ts'

/** The blocks that a peer with these services serves. */
export function servedBlocks({ services }: Pick<Status, 'services'>): ServedBlocks {
  if ((services & serviceFlags.fullBlocks) !== 0) return 'all'
  return (services & serviceFlags.pruned) === 0 ? 'none' : 'recent'
}
