/**
 * Makes a network of its own: a genesis block with real work, a chain spec (the JSON file that nodes and wallets take), and
 * the first block of its chain.
 *
 *     node make-your-own-network.ts > village.json
 */
import {
  type Block,
  blockHash,
  ChainManager,
  type ChainSpec,
  COIN,
  computeSpecId,
  createBlockTemplate,
  createGenesis,
  formatAddress,
  formatChainSpec,
  formatHash,
  hash160,
  inlineVerifier,
  MemoryChainStore,
  NONCE_COUNT,
  p2wpkhScript,
  parseChainSpec,
  publicKeyFromPrivate,
  searchNonce,
} from '@chain/core'

/** About one in 4,000 hashes meets this target: a block is found at once. */
const powLimit = 0x1f0fffff

/** The block with a nonce that meets its target. */
function mine(block: Block): Block {
  const nonce = searchNonce(block.header, 0, NONCE_COUNT)
  if (nonce === undefined) throw new Error('No nonce meets the target: change the time, and search again.')
  return { ...block, header: { ...block.header, nonce } }
}

const time = 1_789_000_000
const genesis = mine(createGenesis({ message: 'The village pump is open.', time, bits: powLimit }))

const consensus: ChainSpec['consensus'] = {
  genesis,
  spacing: 30,
  difficulty: { algorithm: 'asert', halfLife: 1_800 },
  powLimit,
  subsidy: 10n * COIN,
  halvingInterval: 1_000_000,
  coinbaseMaturity: 10,
  filterCommitment: true,
}
const text = formatChainSpec({
  name: 'village',
  id: computeSpecId(consensus),
  consensus,
  addressPrefix: 'vil',
  magic: Uint8Array.of(0x76, 0x69, 0x6c, 0x01),
  ports: { p2p: 30_001, websocket: 30_002, rpc: 30_003 },
  bootnodes: [],
  rendezvous: 'village',
})
console.log(text)

// From here on as a node does it: from the file alone.
const spec = parseChainSpec(text)
const clock = (): number => time + 60
const chain = await ChainManager.open(spec, {
  store: new MemoryChainStore(),
  verifier: inlineVerifier,
  clock,
})
const script = p2wpkhScript(hash160(publicKeyFromPrivate(new Uint8Array(32).fill(7))))
const template = createBlockTemplate({
  params: spec.consensus,
  parent: chain.tip,
  entries: [],
  script,
  now: clock(),
})
const outcome = await chain.acceptBlock(mine(template))
if (outcome.status !== 'connected') throw new Error(`The block is ${outcome.status}.`)

console.error(
  `network ${spec.name} has the id ${spec.id} and begins with ${formatHash(blockHash(genesis.header))}`,
)
console.error(`block ${chain.tip.height} pays ${formatAddress(script, spec.addressPrefix)}`)
