/** Checking a long chain of headers, under each difficulty rule. */
import { BlockNode } from '@chain/core/chain'
import {
  type ConsensusParams,
  checkHeader,
  type DifficultyRule,
  loadNetwork,
  nextTarget,
} from '@chain/core/consensus'
import { NONCE_COUNT, searchNonce } from '@chain/core/mining'
import { blockHash } from '@chain/core/primitives'
import type { BenchGroup, MakeBenches } from './measure.ts'

const LENGTH = 5_000

const rules: readonly DifficultyRule[] = [
  { algorithm: 'asert', halfLife: 172_800 },
  { algorithm: 'retarget-2016' },
  { algorithm: 'none' },
]

export const makeBenches: MakeBenches = () => rules.map(makeGroup)

function makeGroup(difficulty: DifficultyRule): BenchGroup {
  const params: ConsensusParams = { ...loadNetwork('regtest').consensus, spacing: 600, difficulty }
  const chain = mineHeaders(params)
  const now = (chain.at(-1) as BlockNode).header.time
  return {
    title: `Headers checked, ${difficulty.algorithm}`,
    work: [chain.length, 'headers'],
    cases: [
      {
        name: 'hash and check',
        run: () => {
          for (const { header, parent } of chain) {
            if (parent !== undefined) checkHeader(params, header, blockHash(header), parent, now)
          }
        },
      },
      {
        name: 'hash alone',
        run: () => {
          for (const { header } of chain) blockHash(header)
        },
      },
    ],
  }
}

/** A chain with the easiest work: blocks come a little slower than intended. */
function mineHeaders(params: ConsensusParams): BlockNode[] {
  const { header: genesis } = params.genesis
  let tip = new BlockNode(blockHash(genesis), genesis, undefined)
  return Array.from({ length: LENGTH }, () => {
    const bare = {
      version: 0x2000_0000,
      parent: tip.hash,
      merkleRoot: new Uint8Array(32),
      time: tip.header.time + params.spacing + 7,
      bits: nextTarget(params, tip),
      nonce: 0,
    }
    const header = { ...bare, nonce: searchNonce(bare, 0, NONCE_COUNT) ?? 0 }
    tip = new BlockNode(blockHash(header), header, tip)
    return tip
  })
}
