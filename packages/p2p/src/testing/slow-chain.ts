/**
 * A chain that takes its time over blocks, as real machines do: in a simulation, code takes none.
 */
import type { BlockOutcome } from '@chain/core/chain'
import type { Block } from '@chain/core/primitives'
import type { Clock } from '../clock.ts'
import type { ChainPort } from '../ports.ts'

/** Milliseconds that a machine works on a block before it is part of the chain. */
export type BlockEffort = (block: Block) => number

/** The same chain, which takes in blocks one after the other, each after the time that it takes. */
export function slowChain(chain: ChainPort, effort: BlockEffort, clock: Clock): ChainPort {
  let idleAt = 0
  const acceptBlock = async (block: Block): Promise<BlockOutcome> => {
    idleAt = Math.max(idleAt, clock.now()) + effort(block)
    await new Promise<void>((resolve) => clock.setTimer(idleAt - clock.now(), resolve))
    return await chain.acceptBlock(block)
  }
  return {
    spec: chain.spec,
    get tip() {
      return chain.tip
    },
    get bestHeader() {
      return chain.bestHeader
    },
    find: (hash) => chain.find(hash),
    at: (height) => chain.at(height),
    isActive: (node) => chain.isActive(node),
    readBody: (node) => chain.readBody(node),
    locator: () => chain.locator(),
    headersAfter: (locator, stop, limit) => chain.headersAfter(locator, stop, limit),
    missingBodies: (limit) => chain.missingBodies(limit),
    acceptHeaders: (headers, options) => chain.acceptHeaders(headers, options),
    acceptBlock,
    subscribe: (listener) => chain.subscribe(listener),
  }
}
