/** A network whose nodes knew one bootstrap peer: it fills up, and lives on without that peer and with half of the nodes moved. */
import { expect } from 'vitest'
import type { NodeProcess } from '../tools/processes/node-process.ts'
import {
  expectFullDegree,
  expectTip,
  knowing,
  mineForAll,
  names,
  networkSize,
  networkTimeout,
  outboundDegree,
  startNodes,
} from './network.ts'
import { test } from './scene.ts'

test(`${networkSize} nodes that each know one peer find ${outboundDegree} others, and one tip, and need that peer no more`, {
  timeout: networkTimeout,
}, async ({ scene }) => {
  const bootstrap = await scene.node('bootstrap')
  const group = names('node', networkSize)
  const nodes = await startNodes(scene, group, ...(await knowing(bootstrap)))
  await expectFullDegree(nodes)
  await mineForAll(nodes[1] as NodeProcess, [...nodes, bootstrap], 3)

  await bootstrap.stop('SIGKILL')
  await mineForAll(nodes[2] as NodeProcess, nodes)
  const [first, last] = [nodes[0], nodes.at(-1)] as [NodeProcess, NodeProcess]
  for (const [index, member] of [first, last].entries()) {
    const newcomer = await scene.node(`newcomer-${index}`, ...(await knowing(member)))
    await expectTip([newcomer], (await member.status()).bestHash)
    nodes.push(newcomer)
  }
  await expectFullDegree(nodes)
  await mineForAll(nodes.at(-1) as NodeProcess, nodes)
})

test(`of ${networkSize} nodes half start again at other addresses, and all agree again`, {
  timeout: networkTimeout,
}, async ({ scene }) => {
  const group = names('node', networkSize)
  const [first] = await startNodes(scene, ['node-1'], '--max-outbound', String(outboundDegree))
  const others = await startNodes(scene, group.slice(1), ...(await knowing(first as NodeProcess)))
  const nodes = [first as NodeProcess, ...others]
  await expectFullDegree(others)
  await mineForAll(nodes[0] as NodeProcess, nodes, 2)

  const half = Math.floor(networkSize / 2)
  const [moving, staying] = [nodes.slice(0, half), nodes.slice(half)]
  const before = await Promise.all(moving.map((node) => node.status()))
  await Promise.all(moving.map((node) => node.stop()))
  await mineForAll(staying[0] as NodeProcess, staying, 3)
  const moved = await startNodes(scene, group.slice(0, half), '--max-outbound', String(outboundDegree))
  for (const [index, node] of moved.entries()) {
    const { peerId, addresses } = await node.status()
    expect(peerId).toBe(before[index]?.peerId)
    expect(addresses).not.toEqual(before[index]?.addresses)
  }
  await mineForAll(moved[0] as NodeProcess, [...moved, ...staying])
})
