/** A network whose nodes knew one bootstrap peer: it fills up, and lives on without that peer and with half of the nodes moved. */
import { expect } from 'vitest'
import type { NodeProcess } from '../tools/processes/node-process.ts'
import {
  expectCompany,
  expectFullDegree,
  expectTip,
  knowing,
  mineForAll,
  names,
  networkPatience,
  networkSize,
  networkTimeout,
  outboundDegree,
  startNodes,
} from './network.ts'
import { test } from './scene.ts'

const timeout = networkTimeout

test(`${networkSize} nodes that each know one peer find others and need it no more`, { timeout }, async ({
  scene,
}) => {
  scene.patience = networkPatience
  const bootstrap = await scene.node('bootstrap')
  const nodes = await startNodes(scene, names('node', networkSize), ...(await knowing(bootstrap)))
  await expectFullDegree(nodes, networkSize + 1)
  await mineForAll(nodes[1] as NodeProcess, [...nodes, bootstrap], 3)

  await bootstrap.stop('SIGKILL')
  await mineForAll(nodes[2] as NodeProcess, nodes)
  const members = [nodes[0], nodes.at(-1)] as [NodeProcess, NodeProcess]
  for (const [index, member] of members.entries()) {
    const newcomer = await scene.node(`newcomer-${index}`, ...(await knowing(member)))
    await expectTip([newcomer], (await member.status()).bestHash)
    nodes.push(newcomer)
  }
  await expectFullDegree(nodes)
  await mineForAll(nodes.at(-1) as NodeProcess, nodes)
})

test(`of ${networkSize} nodes half start again at other addresses, and all agree again`, { timeout }, async ({
  scene,
}) => {
  scene.patience = networkPatience
  const group = names('node', networkSize)
  const degree = ['--max-outbound', String(outboundDegree)]
  const first = await scene.node('node-1', ...degree)
  const nodes = [first, ...(await startNodes(scene, group.slice(1), ...(await knowing(first))))]
  await expectFullDegree(nodes)
  await mineForAll(first, nodes, 2)

  const half = Math.floor(networkSize / 2)
  const [moving, staying] = [nodes.slice(0, half), nodes.slice(half)]
  const before = await Promise.all(moving.map((node) => node.status()))
  await Promise.all(moving.map((node) => node.stop()))
  const tip = await mineForAll(staying[0] as NodeProcess, staying, 3)
  const moved = await startNodes(scene, group.slice(0, half), ...degree)
  for (const [index, node] of moved.entries()) {
    const { peerId, addresses } = await node.status()
    expect(peerId).toBe(before[index]?.peerId)
    expect(addresses).not.toEqual(before[index]?.addresses)
  }
  await expectTip(moved, tip)
  const all = [...moved, ...staying]
  await mineForAll(moved[0] as NodeProcess, all)
  await expectCompany(all)
})
