/**
 * `chain-node dht`: the distributed hash table through the running node.
 */
import { printResult } from '@chain/cli'
import type { Command } from 'commander'
import { RpcClient } from '../rpc/client.ts'
import type { ValueJson } from '../rpc/hash-table-parameters.ts'
import { addNodeOptions, locate, type NodeOptions } from './node-options.ts'
import { integer } from './option-parsers.ts'

/** Most hours that a value lives. */
const MAX_HOURS = 48

/** Where a peer is, as the RPC says it. */
interface PeerPlace {
  readonly peerId: string
  readonly addresses: readonly string[]
}

interface PutOptions extends NodeOptions {
  readonly hex?: boolean
  readonly hours: number
}

/** Adds the command with its parts. */
export function addDht(program: Command): void {
  const dht = program
    .command('dht')
    .description('ask the distributed hash table, through the running node')
    .addHelpText('after', '\nExample:\n  $ chain-node dht put greeting "good morning" --network dev')
  addNodeOptions(dht.command('ping'))
    .description('whether a peer answers')
    .argument('<peer>', 'peer id or multiaddr')
    .action(ping)
  addNodeOptions(dht.command('find-peer'))
    .description('where a peer is')
    .argument('<peer>', 'peer id')
    .action(findPeer)
  addNodeOptions(dht.command('put'))
    .description('put a value under a name of this node, signed, in place of the one that is there')
    .argument('<name>', 'lower-case letters, digits, dots, dashes and underscores')
    .argument('<value>', 'text of at most 1,024 bytes')
    .option('--hex', 'the value is hexadecimal digits')
    .option('--hours <hours>', 'how long it lives', integer(1, MAX_HOURS), MAX_HOURS)
    .action(put)
  addNodeOptions(dht.command('get'))
    .description('the newest value of a key')
    .argument('<key>', 'what put has told, or a name of this node')
    .action(get)
  addNodeOptions(dht.command('provide'))
    .description('register this node as a provider of a key, from now on')
    .argument('<key>', 'any text')
    .option('--stop', 'no more')
    .action(provide)
  addNodeOptions(dht.command('providers'))
    .description('who provides a key')
    .argument('<key>', 'any text')
    .action(providers)
}

function call<Result>(
  options: NodeOptions,
  method: string,
  ...parameters: readonly unknown[]
): Promise<Result> {
  return new RpcClient(locate(options).dataDir).call(method, parameters) as Promise<Result>
}

async function ping(peer: string, options: NodeOptions): Promise<void> {
  const answer = await call<{ readonly milliseconds: number }>(options, 'dhtping', peer)
  printResult(options.json === true, answer, `${peer} answers after ${answer.milliseconds} ms`)
}

async function findPeer(peer: string, options: NodeOptions): Promise<void> {
  const place = await call<PeerPlace>(options, 'dhtfindpeer', peer)
  printResult(options.json === true, place, formatPlace(place))
}

async function put(name: string, value: string, options: PutOptions): Promise<void> {
  const encoding = options.hex === true ? 'hex' : 'text'
  const parameters = [name, value, encoding, options.hours * 3_600]
  const answer = await call<ValueJson & { readonly holders: number }>(options, 'dhtput', ...parameters)
  printResult(
    options.json === true,
    answer,
    `${answer.key}\nkept by ${answer.holders} ${answer.holders === 1 ? 'peer' : 'peers'}`,
  )
}

async function get(key: string, options: NodeOptions): Promise<void> {
  const answer = await call<ValueJson>(options, 'dhtget', key)
  printResult(options.json === true, answer, answer.value ?? answer.hex)
}

async function provide(key: string, options: NodeOptions & { readonly stop?: boolean }): Promise<void> {
  const isEnd = options.stop === true
  await call(options, 'dhtprovide', key, isEnd ? 'remove' : 'add')
  const done = isEnd ? 'stopped' : 'provided'
  printResult(options.json === true, { [done]: key }, `${done} ${key}`)
}

async function providers(key: string, options: NodeOptions): Promise<void> {
  const places = await call<readonly PeerPlace[]>(options, 'dhtproviders', key)
  const text = places.length === 0 ? 'No other peer provides it.' : places.map(formatPlace).join('\n')
  printResult(options.json === true, places, text)
}

function formatPlace({ peerId, addresses }: PeerPlace): string {
  return addresses.length === 0 ? peerId : addresses.map((address) => `${address}/p2p/${peerId}`).join('\n')
}
