/** Two networks of the same chain that do not know each other, mine apart, and meet. */
import type { NodeProcess } from '../tools/processes/node-process.ts'
import {
  expectCompany,
  expectTip,
  mineForAll,
  names,
  networkSize,
  networkTest,
  startNetwork,
} from './network.ts'

networkTest(
  `${networkSize} nodes that are cut in two and mine on both sides agree when one connection joins them`,
  async (scene) => {
    const half = Math.floor(networkSize / 2)
    const left = await startNetwork(scene, names('left', half))
    const right = await startNetwork(scene, names('right', networkSize - half))
    await mineForAll(left[1] as NodeProcess, left, 4)
    const tip = await mineForAll(right[1] as NodeProcess, right, 6)
    const [bridge, there] = [left.at(-1), right.at(-1)] as [NodeProcess, NodeProcess]
    const { code, stderr } = await scene.chainNode(`left-${half}`, 'peers', 'add', await there.address())
    if (code !== 0) throw new Error(stderr)
    const all = [...left, ...right]
    await expectTip(all, tip)
    await mineForAll(bridge, all)
    // The two sides grow together, so that no single connection holds them.
    await expectCompany(all)
  },
)
