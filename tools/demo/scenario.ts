/**
 * The story of the demonstration network: three nodes meet, coins are mined, sent through the second node and confirmed
 * by the third.
 */
import type { NodeProcess } from '../processes/node-process.ts'
import type { DemoNetwork, SentPayment } from './demo-network.ts'
import type { Narrator } from './narrator.ts'

/** What the scenario came to. */
export interface Summary {
  readonly network: 'dev'
  readonly specId: string
  readonly nodes: readonly {
    readonly peerId: string
    readonly addresses: readonly string[]
    readonly height: number
  }[]
  readonly height: number
  readonly bestHash: string
  readonly payment: {
    readonly txid: string
    readonly fee: string
    readonly amount: string
    readonly block: string
  }
  /** The first address of each wallet. */
  readonly wallets: { readonly alice: string; readonly bob: string }
  /** Confirmed coins by wallet. */
  readonly balances: { readonly alice: string; readonly bob: string }
  /** The command that starts a further node. */
  readonly join: string
  /** The command that sends coins. */
  readonly send: string
}

/** Blocks after which the first coinbase can be spent on the `dev` network. */
const MATURE_HEIGHT = 7

const AMOUNT = '12.50000000'

/** Plays the scenario. Rejects with the reason when something does not happen. */
export async function playScenario(demo: DemoNetwork, narrator: Narrator): Promise<Summary> {
  const alice = await demo.wallet<{ address: string }>('alice', 'create')
  const bob = await demo.wallet<{ address: string }>('bob', 'create')
  narrator.step(`two wallets: alice ${alice.address}, bob ${bob.address}`)
  const [first, second, third] = await startNodes(demo, narrator)
  await first.rpc('setmining', alice.address)
  await first.waitFor(`height ${MATURE_HEIGHT}`, ({ height }) => height >= MATURE_HEIGHT)
  await first.rpc('setmining', false)
  narrator.step(`the first node has mined ${(await first.status()).height} blocks for alice`)
  const through = await second.address()
  const sent = await demo.wallet<SentPayment>('alice', ...['--peer', through], ...sendArguments(bob.address))
  narrator.step(`alice has sent ${AMOUNT} coins to bob through the second node: ${sent.txid.slice(0, 16)}…`)
  await third.waitFor('the payment to reach the third node', ({ mempool }) => mempool.transactions === 1)
  const block = await confirm(third, bob.address, sent.txid)
  narrator.step(`the third node has mined the payment into block ${block.slice(0, 16)}…`)
  const { height, bestHash, specId } = await third.status()
  for (const node of [first, second]) await node.waitFor('one tip', (status) => status.bestHash === bestHash)
  narrator.step(`all three nodes agree on height ${height}, ${bestHash.slice(0, 16)}…`)
  const balances = { alice: await balance(demo, 'alice', through), bob: await balance(demo, 'bob', through) }
  narrator.step(`balances: alice ${balances.alice}, bob ${balances.bob}`)
  if (balances.bob !== AMOUNT) throw new Error(`Bob should own ${AMOUNT} coins but owns ${balances.bob}.`)
  const nodes = await Promise.all([first, second, third].map(describe))
  return {
    network: 'dev',
    specId,
    nodes,
    height,
    bestHash,
    payment: { ...sent, amount: AMOUNT, block },
    wallets: { alice: alice.address, bob: bob.address },
    balances,
    join: `npx chain-node start --network dev --datadir ./my-node --listen /ip4/127.0.0.1/tcp/0 --rpc-port 0 --bootnode ${await first.address()}`,
    send: demo.walletCommand('alice', '--peer', through, 'send', '--to', bob.address, '--amount', '1'),
  }
}

/** The second and the third node know only the first; they find each other by rendezvous. */
async function startNodes(
  demo: DemoNetwork,
  narrator: Narrator,
): Promise<[NodeProcess, NodeProcess, NodeProcess]> {
  const first = await demo.startNode([])
  narrator.step(`the first node listens on ${await first.address()}`)
  const bootnode = ['--bootnode', await first.address()]
  const [second, third] = await Promise.all([demo.startNode(bootnode), demo.startNode(bootnode)])
  const stranger = (await third.status()).peerId
  await second.waitForPeers('the third node', (peers) => peers.some(({ peerId }) => peerId === stranger))
  narrator.step('two more nodes, which knew only the first, have found each other')
  return [first, second, third]
}

function sendArguments(address: string): string[] {
  return ['send', '--to', address, '--amount', AMOUNT, '--yes']
}

/** Lets a node mine until a transaction is in a block, and returns the block's hash. */
async function confirm(node: NodeProcess, address: string, txid: string): Promise<string> {
  const before = (await node.status()).height
  await node.rpc('setmining', address)
  await node.waitFor('the payment to be mined', ({ mempool }) => mempool.transactions === 0)
  await node.rpc('setmining', false)
  const { height } = await node.status()
  for (let at = before + 1; at <= height; at++) {
    const hash = await node.rpc<string>('getblockhash', at)
    const { tx } = await node.rpc<{ tx: string[] }>('getblock', hash, 1)
    if (tx.includes(txid)) return hash
  }
  throw new Error(`The payment ${txid} is in no block.`)
}

async function balance(demo: DemoNetwork, wallet: string, peer: string): Promise<string> {
  const { confirmed } = await demo.wallet<{ confirmed: string }>(wallet, '--peer', peer, 'balance')
  return confirmed
}

async function describe(node: NodeProcess): Promise<Summary['nodes'][number]> {
  const { peerId, addresses, height } = await node.status()
  return { peerId, addresses, height }
}
