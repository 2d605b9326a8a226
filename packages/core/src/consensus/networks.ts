/**
 * The networks that are built in.
 *
 * Source: docs/protocol/networks.md#built-in
 */
import { invariant } from '../errors/index.ts'
import { type ChainSpec, chainSpecFromDocument } from './chain-spec.ts'

/** Name of a built-in network. */
export type NetworkName = 'main' | 'dev' | 'regtest'

/** Names of the built-in networks. */
export const networkNames: readonly NetworkName[] = ['main', 'dev', 'regtest']

/** The chain spec of a built-in network. */
export function loadNetwork(name: NetworkName): ChainSpec {
  let spec = loaded.get(name)
  if (spec === undefined) {
    invariant(Object.hasOwn(documents, name), `The network ${name} is built in.`)
    spec = chainSpecFromDocument(documents[name])
    loaded.set(name, spec)
  }
  return spec
}

/** Bounded by the built-in networks. */
const loaded: Map<NetworkName, ChainSpec> = new Map()

const documents: Record<NetworkName, unknown> = {
  main: {
    name: 'main',
    consensus: {
      genesis:
        '04000000000000000000000000000000000000000000000000000000000000000000000077a32c3d8903cfbcc3933ebd11ca8a138dc3ea5c4eaf908b3493ca9614345868808dff6affff001ea1eb38000101000000010000000000000000000000000000000000000000000000000000000000000000ffffffff480046323032362d31312d323020636861696e206d61696e3a20706565727320776974686f757420736572766572732c20636f696e7320776974686f7574207065726d697373696f6effffffff010000000000000000016a00000000',
      spacing: 60,
      difficulty: { algorithm: 'asert', halfLife: 3600 },
      powLimit: '1e00ffff',
      subsidy: '5.00000000',
      halvingInterval: 2_102_400,
      coinbaseMaturity: 100,
      filterCommitment: true,
    },
    addressPrefix: 'chn',
    magic: 'c4a1b10c',
    ports: { p2p: 8655, websocket: 8656, rpc: 8657 },
    bootnodes: [],
    rendezvous: 'chain-main',
  },
  dev: {
    name: 'dev',
    consensus: {
      genesis:
        '0400000000000000000000000000000000000000000000000000000000000000000000000b43c4f9deecaaa03fb08dac243acad5933eefaab07a6c6e0752ca581d54a5e6808dff6affff031eb0da17000101000000010000000000000000000000000000000000000000000000000000000000000000ffffffff290027323032362d31312d323020636861696e206465763a20627265616b207468696e67732068657265ffffffff010000000000000000016a00000000',
      spacing: 5,
      difficulty: { algorithm: 'asert', halfLife: 300 },
      powLimit: '1f0fffff',
      subsidy: '50.00000000',
      halvingInterval: 210_000,
      coinbaseMaturity: 6,
      filterCommitment: true,
    },
    addressPrefix: 'chnd',
    magic: 'c4a1de50',
    ports: { p2p: 18_655, websocket: 18_656, rpc: 18_657 },
    bootnodes: [],
    rendezvous: 'chain-dev',
  },
  regtest: {
    name: 'regtest',
    consensus: {
      genesis:
        '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f20020000000101000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000',
      spacing: 600,
      difficulty: { algorithm: 'none' },
      powLimit: '207fffff',
      subsidy: '50.00000000',
      halvingInterval: 150,
      coinbaseMaturity: 100,
      filterCommitment: false,
    },
    addressPrefix: 'bcrt',
    magic: 'fabfb5da',
    ports: { p2p: 28_655, websocket: 28_656, rpc: 28_657 },
    bootnodes: [],
    rendezvous: 'chain-regtest',
  },
}
