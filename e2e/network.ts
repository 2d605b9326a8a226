/**
 * Networks of real nodes for end-to-end tests. `npm run e2e:network` runs the tests that use them with twelve nodes, `npm test`
 * with fewer.
 */
import type { NodeProcess } from '../tools/processes/node-process.ts'
import { type Scene, test } from './scene.ts'

/** Nodes of a network. */
export const networkSize: number = Number(process.env.CHAIN_NETWORK_NODES ?? 4)

/** Outbound peers that each node wants: so many that nearly all can have them, since two nodes hold one connection. */
const outboundDegree: number = Math.floor(networkSize / 4) + 1

/** The arguments of a node that wants as many peers as all others. */
export const degree: readonly string[] = ['--max-outbound', String(outboundDegree)]

/** Milliseconds for a whole network on a busy machine to do one thing. */
const networkPatience: number = 60_000 + 10_000 * networkSize

/** Whom blocks pay. */
export const minerAddress = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080'

/** Nodes that start together: more of them would only wait for the processor. */
const BATCH = 3

/** A test of a whole network, which has time for several things. */
export function networkTest(title: string, run: (scene: Scene) => Promise<void>): void {
  test(title, { timeout: 6 * networkPatience }, async ({ scene }) => {
    scene.patience = networkPatience
    await run(scene)
  })
}

/** Starts nodes that know the first of them alone, and want as many peers as each other. */
export async function startNetwork(scene: Scene, group: readonly string[]): Promise<NodeProcess[]> {
  const [first] = (await startNodes(scene, group.slice(0, 1), ...degree)) as [NodeProcess]
  return [first, ...(await startNodes(scene, group.slice(1), ...(await knowing(first))))]
}

/** Starts nodes, a few at a time. */
export async function startNodes(
  scene: Scene,
  names: readonly string[],
  ...args: readonly string[]
): Promise<NodeProcess[]> {
  const nodes: NodeProcess[] = []
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH)
    nodes.push(...(await Promise.all(batch.map((name) => scene.node(name, ...args)))))
  }
  return nodes
}

/** Names such as `left-1`. */
export function names(group: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${group}-${index + 1}`)
}

/** The arguments of a node that knows one other, and wants as many peers as all others. */
export async function knowing(node: NodeProcess): Promise<string[]> {
  return ['--bootnode', await node.address(), ...degree]
}

/** Waits until each node has as many outbound peers as it wants, or is connected with all of the network. */
export async function expectFullDegree(
  nodes: readonly NodeProcess[],
  total: number = nodes.length,
): Promise<void> {
  for (const node of nodes) {
    await node.waitForPeers(
      `${outboundDegree} outbound peers`,
      (peers) =>
        peers.filter(({ direction }) => direction === 'outbound').length >= outboundDegree ||
        peers.length >= total - 1,
    )
  }
}

/** Waits until each node knows all the others, connected or not: two that know only those who leave cannot find each other. */
export async function expectAcquaintance(nodes: readonly NodeProcess[]): Promise<void> {
  const ids = await Promise.all(nodes.map(async (node) => (await node.status()).peerId))
  for (const [index, node] of nodes.entries()) {
    const others = ids.filter((_, other) => other !== index)
    await node.waitForKnown('all others to be known', (known) => others.every((id) => known.includes(id)))
  }
}

/** Waits until each node has as many peers as it wants outbound ones, whoever dialled. */
export async function expectCompany(nodes: readonly NodeProcess[]): Promise<void> {
  for (const node of nodes) {
    await node.waitForPeers(`${outboundDegree} peers`, (peers) => peers.length >= outboundDegree)
  }
}

/** Mines on one node and waits until all have the new tip. */
export async function mineForAll(
  miner: NodeProcess,
  nodes: readonly NodeProcess[],
  count = 1,
): Promise<string> {
  const hashes = await miner.rpc<string[]>('generatetoaddress', count, minerAddress)
  const tip = hashes.at(-1) as string
  await expectTip(nodes, tip)
  return tip
}

/** Waits until all nodes have a tip. */
export async function expectTip(nodes: readonly NodeProcess[], tip: string): Promise<void> {
  for (const node of nodes) await node.waitFor(`the tip ${tip}`, ({ bestHash }) => bestHash === tip)
}
