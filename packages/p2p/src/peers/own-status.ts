/**
 * What this node says about itself.
 */
import { protocolVersion, type Status } from '@chain/wire'
import type { ChainPort } from '../ports.ts'

/** The parts of a status that do not come from the chain. */
export interface OwnStatusOptions {
  /** Name and version of the program. */
  readonly agent: string
  /** Bit set of `serviceFlags`. */
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
      services,
      time: Math.floor(now() / 1_000),
      nonce,
    }
  }
}
