/**
 * What this node says about itself.
 */
import type { BlockNode } from '@chain/core/chain'
import { protocolVersion, type Status, serviceFlags } from '@chain/wire'
import type { ChainPort } from '../ports.ts'

/** The parts of a status that do not come from the chain. */
export interface OwnStatusOptions {
  /** Name and version of the program. */
  readonly agent: string
  /** Bit set of `serviceFlags`; of a chain whose old blocks were pruned it becomes `pruned` instead of `fullBlocks`. */
  readonly services: number
  /** 8 random bytes, made anew at each start. */
  readonly nonce: Uint8Array
  /** The time now, in Unix milliseconds. */
  readonly now: () => number
}

/** Makes a function that gives the status of this moment. */
export function createOwnStatus(
  chain: Pick<ChainPort, 'tip'>,
  { agent, services, nonce, now }: OwnStatusOptions,
): () => Status {
  return () => {
    const { tip } = chain
    return {
      protocolVersion,
      agent,
      genesis: tip.ancestor(0).hash,
      tip: tip.hash,
      height: tip.height,
      work: tip.chainWork,
      services: isPruned(tip) ? (services & ~serviceFlags.fullBlocks) | serviceFlags.pruned : services,
      time: Math.floor(now() / 1_000),
      nonce,
    }
  }
}

/** Whether old blocks are gone. Pruning goes from the lowest block up, so that one tells. Source: BIP159 */
function isPruned(tip: BlockNode): boolean {
  return tip.height > 0 && !tip.ancestor(1).hasBody
}
