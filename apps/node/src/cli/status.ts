/**
 * `chain-node status`: what the running node is doing.
 */
import { printResult } from '@chain/cli'
import type { Command } from 'commander'
import { MEBIBYTE } from '../mebibyte.ts'
import type { NodeStatus } from '../node-status.ts'
import { RpcClient } from '../rpc/client.ts'
import { formatMebibytes, formatSpan } from './format.ts'
import { addNodeOptions, locate, type NodeOptions } from './node-options.ts'

/** Adds the command. */
export function addStatus(program: Command): void {
  addNodeOptions(program.command('status'))
    .description('show what the running node is doing: state and why, height, peers, addresses')
    .addHelpText('after', '\nExample:\n  $ chain-node status --network dev --json')
    .action(showStatus)
}

async function showStatus(options: NodeOptions): Promise<void> {
  const status = (await new RpcClient(locate(options).dataDir).call('getstatus')) as NodeStatus
  printResult(options.json === true, status, formatStatus(status))
}

/** A status for people. */
export function formatStatus(status: NodeStatus): string {
  const { network, specId, state, why, height, headers, bestHash, peers, mempool, mining, indexes } = status
  return formatRows([
    ['network', `${network} (spec ${specId})`],
    ['state', `${state}: ${why}`],
    ['height', `${height} of ${headers} headers`],
    ['best block', `${bestHash}, ${formatSpan(Date.now() / 1_000 - status.tipTime)} ago`],
    ['blocks', formatBlocks(status.blocks)],
    ...(indexes.length === 0 ? [] : [['indexes', formatIndexes(status)] as const]),
    ['peers', String(peers)],
    ['mempool', `${mempool.transactions} transactions, ${mempool.bytes} bytes`],
    ['mining', formatMining(mining)],
    ['peer id', status.peerId],
    ...status.addresses.map((address, index): [string, string] => [index === 0 ? 'addresses' : '', address]),
    ['verifier', `${status.verifier}; cache of ${status.coinCache / MEBIBYTE} MiB for coins`],
    ['event loop', formatLag(status.eventLoopLag)],
    ['data directory', status.dataDir],
    ['process', `${status.pid}, ${status.agent}, up ${formatSpan(status.uptime)}`],
  ])
}

function formatBlocks({ lowest, bytes, prune }: NodeStatus['blocks']): string {
  const kept = lowest === 1 ? 'all kept' : `kept from height ${lowest} on`
  const size = `${kept}, ${formatMebibytes(bytes)}`
  if (prune === undefined) return size
  return prune.target === undefined
    ? `${size}, pruned by hand`
    : `${size}, target ${formatMebibytes(prune.target)}`
}

function formatIndexes({ indexes, height: tip }: NodeStatus): string {
  return indexes
    .map(({ name, height, synced }) => `${name} ${synced ? 'synced' : `at height ${height} of ${tip}`}`)
    .join(', ')
}

function formatLag({ p50, p99, max }: NodeStatus['eventLoopLag']): string {
  return `late by ${p50} ms (median), ${p99} ms (99 %), ${max} ms (most)`
}

function formatMining(mining: NodeStatus['mining']): string {
  const { address = 'a script', threads, hashesPerSecond, blocksFound } = mining
  const found = `${blocksFound} blocks found`
  return mining.active
    ? `to ${address}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${hashesPerSecond} hashes per second, ${found}`
    : `off, ${found}`
}

/** Rows of a name and a value, the values below each other. */
function formatRows(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}
