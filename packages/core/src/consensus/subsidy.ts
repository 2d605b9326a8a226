/** What a miner may create. Source: Bitcoin Core, `GetBlockSubsidy`; docs/protocol/consensus.md#subsidy */
import type { Amount, Height } from '../units/index.ts'
import type { ConsensusParams } from './params.ts'

/** New base units that the block at `height` may create, before fees: halves every `halvingInterval` blocks. */
export function computeSubsidy(params: ConsensusParams, height: Height): Amount {
  const halvings = Math.floor(height / params.halvingInterval)
  return halvings >= 64 ? 0n : params.subsidy >> BigInt(halvings)
}
