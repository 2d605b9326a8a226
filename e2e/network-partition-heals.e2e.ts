/** Two networks of the same chain that do not know each other, mine apart, and meet. */
import type { NodeProcess } from '../tools/processes/node-process.ts'
import {
  expectCompany,
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
import type { Scene } from './scene.ts'
import { test } from './scene.ts'

async function startSide(scene: Scene, side: string, count: number): Promise<NodeProcess[]> {
  const [first] = await startNodes(scene, [`${side}-0`], '--max-outbound', String(outboundDegree))
  const others = await startNodes(scene, names(side, count - 1), ...(await knowing(first as NodeProcess)))
  return [first as NodeProcess, ...others]
}

test(`${networkSize} nodes that are cut in two and mine on both sides agree when one connection joins them`, {
  timeout: networkTimeout,
}, async ({ scene }) => {
  scene.patience = networkPatience
  const half = Math.floor(networkSize / 2)
  const [left, right] = [
    await startSide(scene, 'left', half),
    await startSide(scene, 'right', networkSize - half),
  ]
  await mineForAll(left[1] as NodeProcess, left, 4)
  const tip = await mineForAll(right[1] as NodeProcess, right, 6)
  const [bridge, there] = [left.at(-1), right.at(-1)] as [NodeProcess, NodeProcess]
  const { code, stderr } = await scene.chainNode(
    `left-${half - 1}`,
    ...['peers', 'add', await there.address()],
  )
  if (code !== 0) throw new Error(stderr)
  const all = [...left, ...right]
  await expectTip(all, tip)
  await mineForAll(bridge, all)
  // The two sides grow together, so that no single connection holds them.
  await expectCompany(all)
})
