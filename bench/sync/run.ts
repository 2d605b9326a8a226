/**
 * `npm run bench:sync [rounds] [options of chain-node start]`: the chain of 370 blocks and 120,010 signatures, imported from its
 * file, synced from one peer, synced from three peers over loopback, and synced from these three and three others that stall,
 * deny or damage every block, in turn, each by a process of its own on a fresh data directory; every other round the other way
 * round, since a machine becomes faster or slower with time. Prints each round, the medians and their ratios.
 *
 * An import is measured from the start of its process to its end, a sync from the start of the process to the moment when it
 * tells the tip; the peers are other `chain-node`s on the same machine, so that what they take is taken from the node that syncs.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex } from '@chain/core/bytes'
import { type Block, decodeBlock } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { type HostilePeer, hostileServing, startHostilePeer } from '../../e2e/hostile-peer.ts'
import { type NodeOptions, NodeProcess } from '../../tools/processes/node-process.ts'
import { run } from '../../tools/processes/program.ts'
import { runChainNode } from '../peers/chain-node.ts'
import { findVectors } from '../vectors.ts'

/** Peers of the sync from many. */
const PEERS = 3

/** A measured run: seconds, and milliseconds by which the event loop was late. */
interface Measured {
  readonly seconds: number
  readonly lag: number
}

const kinds = ['import', 'one peer', 'three peers', 'half of six hostile'] as const
type Kind = (typeof kinds)[number]

const [rounds = '5', ...options] = process.argv.slice(2)
const file = findVectors('regtest-370.blk')
if (file === undefined)
  console.log('The file regtest-370.blk is not there: ../shared/vectors, or CHAIN_VECTORS')
else await compare(file, Number(rounds))

async function compare(blocks: string, count: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'chain-bench-'))
  const nodes: NodeProcess[] = []
  const hostile: HostilePeer[] = []
  const start = (init: NodeOptions): NodeProcess => {
    const node = new NodeProcess(init)
    nodes.push(node)
    return node
  }
  try {
    const servers = await startServers(blocks, directory, start)
    const tip = (await (servers[0] as NodeProcess).status()).bestHash
    const addresses = await Promise.all(servers.map((server) => server.address()))
    const liars = await startLiars(servers[0] as NodeProcess)
    hostile.push(...liars)
    const lies = liars.map(({ address }) => address)
    const runs: Record<Kind, Measured[]> = {
      import: [],
      'one peer': [],
      'three peers': [],
      'half of six hostile': [],
    }
    for (let round = 1; round <= count; round++) {
      const { seconds, summary } = await runChainNode(blocks)
      runs.import.push({ seconds, lag: summary.eventLoopLag.p99 })
      const syncs = [
        ['one peer', addresses.slice(0, 1)],
        ['three peers', addresses],
        ['half of six hostile', [...lies, ...addresses]],
      ] as const
      for (const [kind, peers] of round % 2 === 1 ? syncs : syncs.toReversed()) {
        const connect = peers.flatMap((address) => ['--connect', address])
        const place = join(directory, `${kind} ${round}`)
        runs[kind].push(await measureSync(start, place, [...connect, ...options], tip))
      }
      console.log(
        `round ${round}: ${kinds.map((kind) => `${kind} ${describe(runs[kind].slice(-1))}`).join('; ')}`,
      )
    }
    const base = median(runs.import.map(({ seconds }) => seconds))
    const pairs = runs['three peers'].map(({ seconds }, round) => [seconds, runs['one peer'][round]?.seconds])
    const ratios = pairs.map(([three, one]) => Number(three) / Number(one))
    console.log(`three peers to one peer, round by round: median ${median(ratios).toFixed(3)}`)
    for (const kind of kinds) {
      const ratio = median(runs[kind].map(({ seconds }) => seconds)) / base
      console.log(`median: ${kind} ${describe(runs[kind])}, ${ratio.toFixed(2)} of the import`)
    }
  } finally {
    await Promise.all(hostile.map((peer) => peer.stop()))
    await Promise.all(nodes.filter(({ running }) => running).map((node) => node.stop('SIGKILL')))
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Nodes that have the chain and look for nobody. */
async function startServers(
  blocks: string,
  directory: string,
  start: (init: NodeOptions) => NodeProcess,
): Promise<NodeProcess[]> {
  const servers: NodeProcess[] = []
  for (let number = 1; number <= PEERS; number++) {
    const place = join(directory, `server ${number}`)
    const { code, stderr } = await run('chain-node', [
      'import',
      blocks,
      '--network',
      'regtest',
      '--datadir',
      place,
    ])
    if (code !== 0) throw new Error(`The import ended with ${String(code)}: ${stderr}`)
    servers.push(await start({ directory: place, args: ['--no-dht'] }).ready())
  }
  return servers
}

/** Peers in this process that have the headers of a node's chain and give no good block. */
async function startLiars(server: NodeProcess): Promise<HostilePeer[]> {
  const { height, bestHash } = await server.status()
  const blocks: Block[] = []
  for (let each = 1; each <= height; each++) {
    const hash = await server.rpc<string>('getblockhash', each)
    blocks.push(decodeBlock(fromHex(await server.rpc<string>('getblock', hash, 0))))
  }
  const { chainwork } = await server.rpc<{ chainwork: string }>('getblockheader', bestHash)
  const work = BigInt(`0x${chainwork}`)
  return await Promise.all(
    Object.values(hostileServing).map((serve) =>
      startHostilePeer(ChainBuilder.create(), blocks, work, serve),
    ),
  )
}

async function measureSync(
  start: (init: NodeOptions) => NodeProcess,
  directory: string,
  args: readonly string[],
  tip: string,
): Promise<Measured> {
  const began = performance.now()
  const node = start({ directory, args })
  const { eventLoopLag } = await node.waitFor('the tip', ({ bestHash }) => bestHash === tip)
  const seconds = (performance.now() - began) / 1_000
  await node.stop()
  return { seconds, lag: eventLoopLag.p99 }
}

function describe(runs: readonly Measured[]): string {
  const seconds = median(runs.map((each) => each.seconds))
  return `${seconds.toFixed(2)} s (event loop late by ${median(runs.map(({ lag }) => lag)).toFixed(0)} ms, p99)`
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return ((low as number) + (high as number)) / 2
}
