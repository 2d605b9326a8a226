import { type ChainManager, MemoryChainStore } from '@chain/core/chain'
import type { Block } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { assert, asyncProperty, gen, nat } from 'fast-check'
import { expect, test } from 'vitest'
import { randomChains, randomChainsTimeout, type TreePlan, treePlan } from '../arbitraries/plans.ts'
import { withCoinbase } from '../block-changes.ts'
import { coinsAfter, listCoins, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork({ filterCommitment: true })

/** Something that arrives: a block, or headers of the way to it. */
interface Arrival {
  readonly headers: readonly Block[]
  readonly block: Block | undefined
}

interface Tree {
  readonly best: ChainBuilder
  /** Every block, good and bad, in the order in which they were made. */
  readonly blocks: readonly Block[]
}

/** Pays one unit more than it may. */
const greedy = withCoinbase((coinbase) => ({
  ...coinbase,
  outputs: coinbase.outputs.map((output, index) =>
    index === 0 ? { ...output, value: output.value + 1n } : output,
  ),
}))

function growTree({ nodes, favourite }: TreePlan): Tree {
  const branches = [ChainBuilder.create(spec)]
  const blocks: Block[] = []
  nodes.forEach(({ parent, isBad, spends }, index) => {
    const branch = (branches[parent % branches.length] as ChainBuilder).fork()
    const extraNonce = index + 1
    if (isBad) {
      blocks.push(branch.mine({ spoil: greedy, extraNonce }))
      return
    }
    const [coin] = spends ? branch.spendable() : []
    const outputs = [{ value: BigInt(extraNonce) * 1_000n, scriptPubKey: testKey('payee').script }]
    const transactions = coin === undefined ? [] : [branch.spend([coin], outputs)]
    blocks.push(branch.mine({ transactions, extraNonce }))
    branches.push(branch)
  })
  const height = Math.max(...branches.map((branch) => branch.height))
  const highest = branches.filter((branch) => branch.height === height)
  const best = (highest[favourite % highest.length] as ChainBuilder).fork()
  blocks.push(best.mine({ extraNonce: 1_000 }))
  // A bad block on top of the best must not matter.
  blocks.push(best.fork().mine({ spoil: greedy, extraNonce: 1_001 }))
  return { best, blocks }
}

/** Hands in what arrives; what has no parent yet comes again later, as it would from another peer. */
async function handIn(chain: ChainManager, arrival: Arrival): Promise<boolean> {
  let isTaken = true
  for (const { header } of arrival.headers) {
    const outcome = await chain.acceptHeaders([header])
    if (outcome.status === 'missing-parent') isTaken = false
  }
  if (arrival.block === undefined) return isTaken
  const outcome = await chain.acceptBlock(arrival.block)
  return isTaken && outcome.status !== 'missing-parent'
}

test(
  'the tip and the coins do not depend on the order in which blocks, headers and restarts come',
  async () => {
    const law = asyncProperty(treePlan, gen(), async (plan, draw) => {
      const { best, blocks } = growTree(plan)
      const random = (limit: number): number => draw(nat, limit - 1)
      const waiting: Arrival[] = blocks.flatMap((block): Arrival[] => {
        const body = { headers: [], block }
        return random(2) === 0 ? [body] : [body, { headers: [block], block: undefined }]
      })
      const store = new MemoryChainStore()
      let chain = await openChain(spec, [], { store })
      while (waiting.length > 0) {
        const [arrival] = waiting.splice(random(waiting.length), 1) as [Arrival]
        if (!(await handIn(chain, arrival))) waiting.push(arrival)
        if (random(10) === 0) chain = await openChain(spec, [], { store })
      }
      expect(chain.tip.hash).toEqual(best.tip.hash)
      expect(chain.bestHeader).toBe(chain.tip)
      expect(chain.missingBodies(100)).toEqual([])
      expect(listCoins(store)).toEqual(await coinsAfter(spec, best.blocks))
      for (let height = 0; height <= best.height; height++) {
        expect(store.readHashAt(height)).toEqual(best.tip.ancestor(height).hash)
      }
      expect(store.readHashAt(best.height + 1)).toBeUndefined()
    })
    await assert(law, { numRuns: randomChains })
  },
  randomChainsTimeout,
)
