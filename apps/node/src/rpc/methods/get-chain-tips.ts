/** `getchaintips`: the ends of all branches that are known. */
import { forkPoint } from '@chain/core/chain'
import { formatHash } from '@chain/core/primitives'
import { defineMethod, type RpcMethod } from '../method.ts'

export const getChainTips: RpcMethod = defineMethod({
  name: 'getchaintips',
  summary: 'The ends of all known branches, highest first, and what is known of each.',
  parameters: {},
  run: (_values, { chain }) =>
    chain
      .tips()
      .map(({ node, status }) => ({
        height: node.height,
        hash: formatHash(node.hash),
        branchlen: node.height - forkPoint(node, chain.tip).height,
        status,
      }))
      .sort((a, b) => b.height - a.height),
})
