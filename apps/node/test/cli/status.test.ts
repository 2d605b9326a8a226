import { expect, it } from 'vitest'
import { formatStatus } from '../../src/cli/status.ts'
import type { NodeStatus } from '../../src/node-status.ts'

const status: NodeStatus = {
  network: 'regtest',
  specId: '349f9fd8',
  state: 'synced',
  why: 'None of 2 peers has a better chain than height 370.',
  height: 370,
  bestHash: '00'.repeat(32),
  tipTime: 1_600_222_000,
  headers: 370,
  peers: 2,
  mempool: { transactions: 0, bytes: 0 },
  blocks: { lowest: 1, bytes: 26_963_968 },
  indexes: [],
  coinCache: 2 ** 26,
  peerId: '12D3KooW',
  addresses: ['/ip4/127.0.0.1/tcp/1/p2p/12D3KooW', '/ip4/127.0.0.1/tcp/2/ws/p2p/12D3KooW'],
  verifier: 'secp256k1 (native), 2 threads',
  eventLoopLag: { p50: 0.1, p99: 12, max: 40.5 },
  mining: { active: false, threads: 1, hashesPerSecond: 0, blocksFound: 0 },
  agent: 'chain-node/0.1.0',
  pid: 7,
  dataDir: '/data',
  uptime: 3,
}

/** The rows of a status that begin with these words. */
function rowsOf(changes: Partial<NodeStatus>, ...names: readonly string[]): string[] {
  const rows = formatStatus({ ...status, ...changes }).split('\n')
  return rows
    .filter((row) => names.some((name) => row.startsWith(`${name} `)))
    .map((row) => row.replace(/ {2,}/, ': '))
}

it('a status tells what is kept, what is indexed and what memory coins may take', () => {
  expect(rowsOf({}, 'blocks', 'indexes', 'verifier')).toEqual([
    'blocks: all kept, 25.7 MiB',
    'verifier: secp256k1 (native), 2 threads; cache of 64 MiB for coins',
  ])
  const indexes: NodeStatus['indexes'] = [
    { name: 'txindex', height: 370, synced: true },
    { name: 'basic block filter index', height: 12, synced: false },
  ]
  expect(rowsOf({ indexes }, 'indexes')).toEqual([
    'indexes: txindex synced, basic block filter index at height 12 of 370',
  ])
})

it.each([
  [{}, 'blocks: kept from height 83 on, 1.0 MiB, pruned by hand'],
  [{ target: 2 ** 21 }, 'blocks: kept from height 83 on, 1.0 MiB, target 2.0 MiB'],
])('a status tells what is pruned: %j', (prune, row) => {
  expect(rowsOf({ blocks: { lowest: 83, bytes: 2 ** 20, prune } }, 'blocks')).toEqual([row])
})
