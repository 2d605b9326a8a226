/**
 * `chain-node peers`: who is connected, who is known, and whom the running node should connect to or keep out.
 */
import { printResult, usageError } from '@chain/cli'
import type { Command } from 'commander'
import { RpcClient } from '../rpc/client.ts'
import type { BanJson, KnownPeerJson, PeerJson } from '../rpc/peer-json.ts'
import { peerAddress } from './address-parsers.ts'
import { formatBytes, formatMinute, formatSpan, MINUTE_LENGTH } from './format.ts'
import { addNodeOptions, locate, type NodeOptions } from './node-options.ts'
import { integer } from './option-parsers.ts'

/** Most hours of a ban: a hundred years. */
const MAX_HOURS = 876_000

/** Adds the command with its parts. */
export function addPeers(program: Command): void {
  const peers = program
    .command('peers')
    .description('list the peers of the running node, or change them')
    .addHelpText(
      'after',
      '\nExample:\n  $ chain-node peers add /ip4/192.0.2.1/tcp/8655/p2p/12D3Koo… --network dev',
    )
  addNodeOptions(peers.command('list', { isDefault: true }))
    .description('who is connected, and what is known of each')
    .allowExcessArguments()
    .action(listPeers)
  addNodeOptions(peers.command('known'))
    .description('whom the node knows, connected or not, and when each was last reached')
    .action(listKnown)
  addNodeOptions(peers.command('banned'))
    .description('who is kept out, since when, until when and why')
    .action(listBanned)
  addNodeOptions(peers.command('add'))
    .description('hold a connection to an address from now on, until the node ends')
    .argument('<address>', 'multiaddr', (text: string) => peerAddress(text)[0])
    .action((address: string, options: NodeOptions) =>
      ask(options, 'addnode', [address, 'add'], 'added', address),
    )
  addNodeOptions(peers.command('remove'))
    .description('give up an address that was added; its connection stays')
    .argument('<address>', 'multiaddr', (text: string) => peerAddress(text)[0])
    .action((address: string, options: NodeOptions) =>
      ask(options, 'addnode', [address, 'remove'], 'removed', address),
    )
  addNodeOptions(peers.command('ban'))
    .description('disconnect a peer and keep it out, over restarts too')
    .argument('<peer>', 'peer id or IP address')
    .option('--hours <hours>', 'how long', integer(1, MAX_HOURS), 24)
    .action((peer: string, options: NodeOptions & { readonly hours: number }) =>
      ask(options, 'setban', [peer, 'add', options.hours * 3_600], 'banned', peer),
    )
  addNodeOptions(peers.command('unban'))
    .description('let a banned peer in again')
    .argument('<peer>', 'peer id or IP address')
    .action((peer: string, options: NodeOptions) =>
      ask(options, 'setban', [peer, 'remove'], 'unbanned', peer),
    )
}

async function listPeers(options: NodeOptions, command: Command): Promise<void> {
  // What is no part of the command arrives here, because this part is the default.
  const [word] = command.args
  if (word !== undefined)
    throw usageError(
      `Peers can be listed (list, known, banned), added, removed, banned and unbanned, not "${word}".`,
    )
  const list = (await new RpcClient(locate(options).dataDir).call('getpeerinfo')) as PeerJson[]
  printResult(options.json === true, list.map(summarise), formatPeers(list, Date.now() / 1_000))
}

async function listKnown(options: NodeOptions): Promise<void> {
  const known = (await new RpcClient(locate(options).dataDir).call(
    'getnodeaddresses',
    [0],
  )) as KnownPeerJson[]
  printResult(options.json === true, known, formatKnown(known, Date.now() / 1_000))
}

async function listBanned(options: NodeOptions): Promise<void> {
  const bans = (await new RpcClient(locate(options).dataDir).call('listbanned')) as BanJson[]
  printResult(options.json === true, bans, formatBans(bans))
}

async function ask(
  options: NodeOptions,
  method: string,
  parameters: readonly unknown[],
  done: string,
  subject: string,
): Promise<void> {
  await new RpcClient(locate(options).dataDir).call(method, parameters)
  printResult(options.json === true, { [done]: subject }, `${done} ${subject}`)
}

/** The fields that scripts rely on, without those that only Bitcoin Core's clients look for. */
function summarise(peer: PeerJson): PeerJson {
  const { peerId, address, direction, height, bestHash, chainwork, agent, servicesnames, score } = peer
  const { latency, connectedAt, bytesrecv, bytessent } = peer
  const measured = latency === undefined ? {} : { latency }
  const said = { height, bestHash, chainwork, agent, servicesnames }
  return { peerId, address, direction, ...said, score, ...measured, connectedAt, bytesrecv, bytessent }
}

/** Peers for people: the address of each, and below it what is known of it; `now` in Unix seconds. */
export function formatPeers(peers: readonly PeerJson[], now: number): string {
  if (peers.length === 0) return 'No peer is connected.'
  return peers.map((peer) => `${peer.address}\n  ${describePeer(peer, now)}`).join('\n')
}

function describePeer(peer: PeerJson, now: number): string {
  const { direction, height, score, latency, bytesrecv, bytessent, connectedAt, servicesnames, agent } = peer
  return [
    `${direction} for ${formatSpan(now - connectedAt)}`,
    `height ${height}`,
    ...(latency === undefined ? [] : [`ping ${latency} ms`]),
    ...(score === 0 ? [] : [`score ${score}`]),
    `${formatBytes(bytesrecv)} in`,
    `${formatBytes(bytessent)} out`,
    ...(servicesnames.includes('NETWORK')
      ? []
      : [servicesnames.includes('NETWORK_LIMITED') ? 'pruned' : 'no blocks']),
    agent,
  ].join(', ')
}

/** Known peers for people: the first address of each, and below it what is known of it; `now` in Unix seconds. */
export function formatKnown(known: readonly KnownPeerJson[], now: number): string {
  if (known.length === 0) return 'Nobody is known.'
  return known.map((peer) => `${peer.addresses[0] ?? peer.peerId}\n  ${describeKnown(peer, now)}`).join('\n')
}

function describeKnown({ time, failures, source }: KnownPeerJson, now: number): string {
  return [
    time === 0 ? 'never reached' : `there ${formatSpan(now - time)} ago`,
    ...(failures === 0 ? [] : [`failed attempts since: ${failures}`]),
    `known through ${source}`,
  ].join(', ')
}

/** Bans for people, one on each line below a heading, the first to end first. */
export function formatBans(bans: readonly BanJson[]): string {
  if (bans.length === 0) return 'Nobody is banned.'
  const rows = bans.map(({ address, ban_created, banned_until, ban_reason }) => [
    address,
    ban_created === undefined ? 'unknown' : formatMinute(ban_created),
    formatMinute(banned_until),
    ban_reason,
  ])
  const table = [['who', 'since', 'until', 'why'], ...rows]
  const width = (column: number): number => Math.max(...table.map((row) => row[column]?.length ?? 0))
  const [who, since] = [width(0), width(1)]
  return table
    .map(([name = '', begin = '', end = '', why = '']) =>
      [name.padEnd(who), begin.padEnd(since), end.padEnd(MINUTE_LENGTH), why].join('  '),
    )
    .join('\n')
}
