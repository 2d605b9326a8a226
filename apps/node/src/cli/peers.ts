/**
 * `chain-node peers`: who is connected, and whom the running node should connect to or keep out.
 */
import { printResult, usageError } from '@chain/cli'
import type { Command } from 'commander'
import { RpcClient } from '../rpc/client.ts'
import type { PeerJson } from '../rpc/peer-json.ts'
import { peerAddress } from './address-parsers.ts'
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
    .description('who is connected, and the height that each told last')
    .allowExcessArguments()
    .action(listPeers)
  addNodeOptions(peers.command('add'))
    .description('hold a connection to an address from now on')
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
    throw usageError(`Peers can be listed, added, removed, banned and unbanned, not "${word}".`)
  const list = (await new RpcClient(locate(options).dataDir).call('getpeerinfo')) as PeerJson[]
  printResult(options.json === true, list.map(summarise), formatPeers(list))
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
  const { peerId, address, direction, height, bestHash, chainwork, agent, score, latency, connectedAt } = peer
  const measured = latency === undefined ? {} : { latency }
  return { peerId, address, direction, height, bestHash, chainwork, agent, score, ...measured, connectedAt }
}

/** Peers for people, one on each line. */
export function formatPeers(peers: readonly PeerJson[]): string {
  if (peers.length === 0) return 'No peer is connected.'
  return peers
    .map(({ direction, height, score, agent, address }) => {
      const columns = [
        direction.padEnd(8),
        `height ${height}`.padEnd(14),
        `score ${score}`.padEnd(10),
        agent.padEnd(18),
      ]
      return `${columns.join(' ')} ${address}`
    })
    .join('\n')
}
