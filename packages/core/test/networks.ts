/** Networks for tests: regtest's trivial work, with a few rules changed. */
import { type ChainSpec, type ConsensusParams, computeSpecId, loadNetwork } from '@chain/core/consensus'

/** Regtest with other consensus parameters; coinbases mature after two blocks unless said otherwise. */
export function testNetwork(changes: Partial<ConsensusParams> = {}): ChainSpec {
  const regtest = loadNetwork('regtest')
  const consensus = { ...regtest.consensus, coinbaseMaturity: 2, ...changes }
  return { ...regtest, name: 'test', id: computeSpecId(consensus), consensus }
}
