import { createLoopbackNetwork, type LoopbackNetwork } from '@chain/p2p/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createPayments } from '../sim/payments.ts'

const minute = 60_000
const enough = 2 * minute

/** `npm run e2e:network` takes thirty. */
const nodes = Number(process.env.CHAIN_LOOPBACK_NODES ?? 8)
const outbound = Math.min(8, Math.floor(nodes / 3))

/** Resolves when each node has as many outbound peers as it wants, or is connected with all others. */
function fullDegree(network: LoopbackNetwork): Promise<void> {
  const { running } = network
  const isFull = (node: (typeof running)[number]): boolean => {
    const peers = node.network.peers.list()
    const chosen = peers.filter(({ direction }) => direction === 'outbound')
    return chosen.length >= outbound || peers.length >= running.length - 1
  }
  return network.until(() => running.every(isFull), 5 * minute)
}

it(`${nodes} nodes over libp2p have all the peers that they want, also when half of them start again elsewhere`, {
  timeout: 15 * minute,
}, async () => {
  const network = await createLoopbackNetwork({ nodes, outbound })
  onTestFinished(() => network.stop())
  await fullDegree(network)
  await network.node(nodes - 1).mine()
  await network.converge(enough)
  const half = network.nodes.slice(nodes / 2)
  const before = half.flatMap(({ network: { addresses } }) => addresses)
  for (const node of half) await node.stop()
  await network.node(1).mine()
  await network.converge(enough)
  const bootnodes = network.node(1).network.addresses
  for (const node of half) await node.start(bootnodes)
  for (const {
    network: { addresses },
  } of half)
    expect(before).not.toEqual(expect.arrayContaining([...addresses]))
  await fullDegree(network)
  await network.converge(enough)
  expect(network.nodes.map(({ chain }) => chain.tip.height)).toEqual(network.nodes.map(() => 2))
})

it('six nodes over libp2p find each other, agree, and go on when some have been away', {
  timeout: 5 * minute,
}, async () => {
  const { blocks, transactions } = createPayments(1)
  const network = await createLoopbackNetwork({ nodes: 6, outbound: 3, blocks })
  onTestFinished(() => network.stop())
  await network.until(() => network.nodes.every((node) => node.network.peers.list().length >= 3), enough)
  for (const transaction of transactions) await network.node(4).submit(transaction)
  await network.until(() => network.nodes.every(({ mempool }) => mempool.count === 1), enough)
  await network.node(5).mine()
  await network.converge(enough)
  const absent = network.nodes.slice(4)
  for (const node of absent) await node.stop()
  await network.node(1).mine()
  await network.converge(enough)
  const bootnodes = network.node(1).network.addresses
  for (const node of absent) await node.start(bootnodes)
  await network.converge(enough)
  expect(network.nodes.map(({ chain }) => chain.tip.height)).toEqual(
    network.nodes.map(() => blocks.length + 2),
  )
})
