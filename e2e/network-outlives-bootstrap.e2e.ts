/** A network whose nodes knew one bootstrap peer: it fills up, and lives on without that peer and with half of the nodes moved. */
import { expect } from 'vitest'
import type { NodeProcess } from '../tools/processes/node-process.ts'
import {
  degree,
  expectAcquaintance,
  expectFullDegree,
  expectTip,
  knowing,
  mineForAll,
  names,
  networkSize,
  networkTest,
  startNetwork,
  startNodes,
} from './network.ts'

networkTest(`${networkSize} nodes that each know one peer find others and need it no more`, async (scene) => {
  const bootstrap = await scene.node('bootstrap')
  const nodes = await startNodes(scene, names('node', networkSize), ...(await knowing(bootstrap)))
  await expectFullDegree(nodes, networkSize + 1)
  await mineForAll(nodes[1] as NodeProcess, [...nodes, bootstrap], 3)
  await expectAcquaintance(nodes)

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

networkTest(
  `of ${networkSize} nodes half start again at other addresses, and all agree again`,
  async (scene) => {
    const group = names('node', networkSize)
    const nodes = await startNetwork(scene, group)
    await expectFullDegree(nodes)
    await mineForAll(nodes[0] as NodeProcess, nodes, 2)

    const half = Math.floor(networkSize / 2)
    const [moving, staying] = [nodes.slice(0, half), nodes.slice(half)]
    await expectAcquaintance(staying)
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
    await expectFullDegree(all)
  },
)
