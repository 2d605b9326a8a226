/**
 * Chains, mempools and peers for tests of sync and relay.
 */
import { ChainManager, type ChainStore, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
import type { Block } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import type { PenaltyReason } from '../src/peers/score.ts'
import type { LogPort } from '../src/ports.ts'

/** Time at which all chains of the tests are valid, in Unix seconds. */
export const lateClock = (): number => 0xffff_ffff

/** A log that nobody reads. */
export const silentLog: LogPort = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
}

/** A regtest chain in memory that holds these blocks. */
export async function openChain(
  blocks: readonly Block[] = [],
  store: ChainStore = new MemoryChainStore(),
): Promise<ChainManager> {
  const chain = await ChainManager.open(ChainBuilder.create().spec, {
    store,
    verifier: inlineVerifier,
    clock: lateClock,
  })
  for (const block of blocks) await chain.acceptBlock(block)
  return chain
}

/** Collects penalties and lets a test wait for the next one. */
export class PenaltyBook {
  readonly entries: { readonly peer: string; readonly reason: PenaltyReason; readonly detail: string }[] = []
  #wake: (() => void) | undefined

  readonly penalise = (peer: string, reason: PenaltyReason, detail: string): void => {
    this.entries.push({ peer, reason, detail })
    this.#wake?.()
  }

  async first(): Promise<(typeof this.entries)[number]> {
    while (this.entries.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.entries[0] as (typeof this.entries)[number]
  }
}
