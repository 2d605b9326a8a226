/**
 * `chain-node start`: runs a node until it is told to stop.
 */

import { type ExitCode, hasColours, usageError } from '@chain/cli'
import { type Command, Option } from 'commander'
import type { StartOptions } from '../config.ts'
import { createLogger, logFormats, logLevels } from '../logger.ts'
import { MAX_MEBIBYTES } from '../mebibyte.ts'
import { MAX_THREADS } from '../mining/nonce-threads.ts'
import { announceAddress, listenAddress, peerAddress } from './address-parsers.ts'
import { addNodeOptions, type NodeOptions, oneOf } from './node-options.ts'
import * as parse from './option-parsers.ts'
import { addResourceOptions } from './resource-options.ts'

/** Most peers that an option may ask for. */
const MAX_PEERS = 1_000

const examples = `
Examples:
  $ chain-node start --network dev
  $ chain-node start --network dev --mine chnd1…
  $ chain-node start --network dev --datadir /tmp/b --listen /ip4/127.0.0.1/tcp/0 --rpc-port 0 --bootnode /ip4/…/p2p/12D3Koo…`

interface StartCommandOptions extends StartOptions, Pick<NodeOptions, 'json'> {
  /** The tutorials' names of `mine`, `bootnode` and `bootnode`. */
  readonly minter?: string
  readonly peer?: readonly string[]
  readonly dest?: readonly string[]
}

/** Adds the command; `setExitCode` is told how the node ended. */
export function addStart(program: Command, setExitCode: (exitCode: ExitCode) => void): void {
  const command = addNodeOptions(program.command('start').alias('startp2p'))
  addPeerOptions(command)
  addStorageOptions(command)
  for (const name of ['listen', 'dht', 'mdns']) refuseBoth(command, name)
  addServiceOptions(command)
    .description('run a node until it is told to stop (chain-node stop, Ctrl-C)')
    .addHelpText('after', examples)
    .action(async (options: StartCommandOptions) => setExitCode(await start(options)))
}

/** An option and its opposite have one value: the last would win in silence. */
function refuseBoth(command: Command, name: string): void {
  const given = new Set<string>()
  for (const option of [name, `no-${name}`]) {
    command.on(`option:${option}`, () => {
      given.add(option)
      if (given.size > 1) throw usageError(`The options --${name} and --no-${name} exclude each other.`)
    })
  }
}

function addPeerOptions(command: Command): Command {
  return command
    .option(
      '--listen <multiaddr...>',
      'where to listen (default: all interfaces, TCP and WebSocket)',
      listenAddress,
    )
    .option('--no-listen', 'listen nowhere: this node chooses its peers, and none chooses it')
    .option(
      '--announce <multiaddr...>',
      'what to announce instead of the addresses listened on',
      announceAddress,
    )
    .option('--bootnode <multiaddr...>', 'peers to ask first for others', peerAddress)
    .addOption(new Option('--peer <multiaddr...>', 'the same as --bootnode').argParser(peerAddress))
    .addOption(
      new Option('--dest <multiaddr...>', 'the same as --bootnode').argParser(peerAddress).hideHelp(),
    )
    .option('--connect <multiaddr...>', 'connect to these peers and look for no others', peerAddress)
    .option(
      '--rendezvous <name>',
      'find peers that look for the same name (default: of the network)',
      parse.rendezvousName,
    )
    .option('--dht', 'find peers through the distributed hash table (default)')
    .option('--no-dht', 'use known peers, bootnodes and what peers tell only')
    .option(
      '--mdns',
      'find peers on the local network by multicast (default on dev, unless it listens on loopback only)',
    )
    .option('--no-mdns', 'say nothing to the local network')
    .option(
      '--max-outbound <count>',
      'peers that this node chooses (default: 8)',
      parse.integer(0, MAX_PEERS),
    )
    .option(
      '--max-inbound <count>',
      'peers that may choose this node (default: 64)',
      parse.integer(0, MAX_PEERS),
    )
    .option(
      '--identity-seed <number>',
      'identity from a number; regtest and dev only',
      parse.integer(0, Number.MAX_SAFE_INTEGER),
    )
}

function addStorageOptions(command: Command): Command {
  return addResourceOptions(command)
    .option(
      '--prune <mebibytes>',
      'room for blocks and undo data, from which old blocks are taken away; the last 288 always stay; 0: keep all, 1: prune only when pruneblockchain says so (default: 0)',
      parse.integer(0, MAX_MEBIBYTES),
    )
    .option('--txindex', 'keep an index of all transactions, for getrawtransaction')
    .option(
      '--filterindex',
      'keep an index of block filters, for light clients and getblockfilter (default where the network commits to filters)',
    )
    .option('--no-filterindex', 'keep none, and serve no light clients')
    .option('--no-persist-mempool', 'forget at the end what waits for a block, instead of saving it')
}

function addServiceOptions(command: Command): Command {
  return command
    .option('--mine [address]', 'mine on and on; blocks pay the address')
    .addOption(new Option('--minter <address>', 'the same as --mine').hideHelp())
    .option('--threads <count>', 'mining threads (default: all cores but one)', parse.integer(1, MAX_THREADS))
    .option(
      '--rpc-port <port>',
      'port of the RPC server; 0 picks a free one (default: of the network)',
      parse.port,
    )
    .option('--rpc-bind <address>', 'IP address of the RPC server (default: 127.0.0.1)', parse.ipAddress)
    .option(
      '--metrics [address]',
      'serve numbers for Prometheus, at 127.0.0.1:9464 unless told otherwise',
      parse.metricsAddress,
    )
    .addOption(new Option('--log-level <level>', 'how much to log').choices([...logLevels]).default('info'))
    .addOption(
      new Option('--log-format <format>', 'how log lines look').choices([...logFormats]).default('pretty'),
    )
}

async function start(options: StartCommandOptions): Promise<ExitCode> {
  const [{ resolveConfig }, { runNode }] = await Promise.all([
    import('../config.ts'),
    import('../run-node.ts'),
  ])
  const { minter, peer = [], dest = [], bootnode = [], ...others } = options
  const mine = oneOf(['--mine', options.mine], ['--minter', minter])
  const bootnodes = [...bootnode, ...peer, ...dest]
  const config = resolveConfig(
    { ...others, ...(mine === undefined ? {} : { mine }), bootnode: bootnodes },
    process.env,
  )
  const { logLevel: level = 'info', logFormat: format = 'pretty', json = false } = options
  const log = createLogger({ level, format, colour: hasColours(process.stderr) })
  return runNode(config, log, json)
}
