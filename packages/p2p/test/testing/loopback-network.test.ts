import { createLoopbackNetwork } from '@chain/p2p/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createPayments } from '../sim/payments.ts'

const minute = 60_000
const enough = 2 * minute

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
