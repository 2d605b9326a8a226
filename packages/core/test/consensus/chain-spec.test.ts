import { fromHex, toHex } from '@chain/core/bytes'
import {
  chainSpecFromDocument,
  checkBlock,
  computeSpecId,
  createGenesis,
  formatChainSpec,
  isWorkSufficient,
  loadNetwork,
  MAX_CHAIN_SPEC_LENGTH,
  MAX_GENESIS_MESSAGE_LENGTH,
  networkNames,
  parseChainSpec,
} from '@chain/core/consensus'
import { blockHash, decodeBlock, encodeBlock, formatHash } from '@chain/core/primitives'
import { solve } from '@chain/core/testing'
import { compactFromTarget, targetFromCompact } from '@chain/core/units'
import { describe, expect, test } from 'vitest'
import { withHeader } from '../block-changes.ts'
import { refusal } from '../refusal.ts'

interface Document {
  [field: string]: unknown
  consensus: Record<string, unknown>
  ports: Record<string, unknown>
}

/** The document of a network that is built in, with some fields changed. */
function documentOf(
  changes: Record<string, unknown> = {},
  consensus: Record<string, unknown> = {},
): Document {
  const document = JSON.parse(formatChainSpec(loadNetwork('dev'))) as Document
  return { ...document, ...changes, consensus: { ...document.consensus, ...consensus } }
}

describe.each(networkNames)('the network %s', (name) => {
  const spec = loadNetwork(name)
  const { genesis, powLimit } = spec.consensus

  test('has a genesis block that is valid by itself and has its work', () => {
    expect(() => checkBlock(genesis)).not.toThrow()
    expect(isWorkSufficient(blockHash(genesis.header), genesis.header.bits, powLimit)).toBe(true)
  })

  test('reads back from its own text', () => {
    expect(parseChainSpec(formatChainSpec(spec))).toEqual(spec)
    expect(formatChainSpec(parseChainSpec(formatChainSpec(spec)))).toBe(formatChainSpec(spec))
  })

  test('has a limit in its canonical form', () => {
    expect(compactFromTarget(targetFromCompact(powLimit) ?? 0n)).toBe(powLimit)
  })

  test('is loaded once', () => {
    expect(loadNetwork(name)).toBe(spec)
  })
})

describe('the networks that are built in', () => {
  test("regtest begins with the genesis block of Bitcoin's regtest", () => {
    expect(formatHash(blockHash(loadNetwork('regtest').consensus.genesis.header))).toBe(
      '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206',
    )
  })

  test('differ in everything that could mix them up', () => {
    const specs = networkNames.map(loadNetwork)
    for (const part of [
      specs.map(({ id }) => id),
      specs.map(({ addressPrefix }) => addressPrefix),
      specs.map(({ magic }) => toHex(magic)),
      specs.map(({ rendezvous }) => rendezvous),
      specs.flatMap(({ ports }) => Object.values(ports).map(String)),
    ]) {
      expect(new Set(part).size).toBe(part.length)
    }
  })

  test('keep their ids for ever', () => {
    expect(Object.fromEntries(networkNames.map((name) => [name, loadNetwork(name).id]))).toEqual({
      main: 'daf48950',
      dev: 'a0e67085',
      regtest: '349f9fd8',
    })
  })
})

describe('a spec id', () => {
  const { id, consensus } = loadNetwork('dev')

  test('has eight hexadecimal digits', () => {
    expect(id).toMatch(/^[0-9a-f]{8}$/)
    expect(computeSpecId(consensus)).toBe(id)
  })

  test.each([
    { spacing: 6 },
    { powLimit: 0x1f0ffffe },
    { subsidy: 1n },
    { halvingInterval: 1 },
    { coinbaseMaturity: 7 },
    { filterCommitment: false },
    { difficulty: { algorithm: 'none' as const } },
    { difficulty: { algorithm: 'asert' as const, halfLife: 301 } },
    { genesis: loadNetwork('main').consensus.genesis },
  ])('changes with the consensus part: %o', (change) => {
    expect(computeSpecId({ ...consensus, ...change })).not.toBe(id)
  })

  test('does not change with the rest, the order of fields or the form of amounts', () => {
    const document = documentOf({ name: 'other', bootnodes: ['/ip4/10.0.0.1/tcp/1'] }, { subsidy: '50' })
    const reversed = Object.fromEntries(Object.entries(document.consensus).reverse())
    expect(chainSpecFromDocument({ ...document, consensus: reversed }).id).toBe(id)
  })
})

describe('a chain spec that cannot be used', () => {
  const bad: readonly (readonly [string, Document, string])[] = [
    ['without a name', documentOf({ name: undefined }), '"name" is not 1 to 32 of a-z, 0-9 and hyphen'],
    ['with a name in capitals', documentOf({ name: 'Dev' }), '"name"'],
    ['with a name that ends in a line break', documentOf({ name: 'dev\n' }), '"name"'],
    [
      'with a prefix of digits',
      documentOf({ addressPrefix: 'bc1' }),
      '"addressPrefix" is not 1 to 16 of a-z',
    ],
    ['with a prefix behind a digit', documentOf({ addressPrefix: '1bc' }), '"addressPrefix"'],
    ['with a magic of three bytes', documentOf({ magic: '010203' }), '"magic" is not 8 lower-case'],
    ['with a magic of five bytes', documentOf({ magic: '0102030405' }), '"magic"'],
    ['with ports that are no object', documentOf({ ports: 1 }), '"ports" is not an object'],
    [
      'with a port of 0',
      documentOf({ ports: { p2p: 0, websocket: 1, rpc: 2 } }),
      '"ports.p2p" is not a whole number from 1 to 65535',
    ],
    ['with a port of 65,536', documentOf({ ports: { p2p: 1, websocket: 1, rpc: 65_536 } }), '"ports.rpc"'],
    ['with a port too many', documentOf({ ports: { p2p: 1, websocket: 1, rpc: 2, ftp: 3 } }), '"ports.ftp"'],
    [
      'with bootnodes that are no list',
      documentOf({ bootnodes: {} }),
      '"bootnodes" is not a list of at most 100 multiaddrs',
    ],
    ['with a bootnode whose address comes late', documentOf({ bootnodes: ['x/dns/a'] }), '"bootnodes"'],
    ['with a bootnode that is too long', documentOf({ bootnodes: [`/${'a'.repeat(301)}`] }), '"bootnodes"'],
    ['with a bootnode that is no address', documentOf({ bootnodes: ['example.org'] }), '"bootnodes"'],
    ['with too many bootnodes', documentOf({ bootnodes: new Array(101).fill('/dns/a') }), '"bootnodes"'],
    [
      'without rendezvous',
      documentOf({ rendezvous: '' }),
      '"rendezvous" is not a name of 1 to 100 characters',
    ],
    ['with a rendezvous that is too long', documentOf({ rendezvous: 'a'.repeat(101) }), '"rendezvous"'],
    ['with a field that nobody knows', documentOf({ color: 'blue' }), '"color"'],
    ['with a consensus field that nobody knows', documentOf({}, { color: 'blue' }), '"consensus.color"'],
    ['with a spacing of 0', documentOf({}, { spacing: 0 }), '"consensus.spacing"'],
    ['with half a second of spacing', documentOf({}, { spacing: 0.5 }), '"consensus.spacing"'],
    ['with a spacing as text', documentOf({}, { spacing: '5' }), '"consensus.spacing"'],
    [
      'with a difficulty nobody knows',
      documentOf({}, { difficulty: { algorithm: 'luck' } }),
      '"consensus.difficulty.algorithm"',
    ],
    [
      'with ASERT but no half-life',
      documentOf({}, { difficulty: { algorithm: 'asert' } }),
      '"consensus.difficulty.halfLife"',
    ],
    [
      'with a half-life that is not used',
      documentOf({}, { difficulty: { algorithm: 'none', halfLife: 1 } }),
      '"consensus.difficulty.halfLife"',
    ],
    [
      'with a half-life that never ends',
      documentOf({}, { difficulty: { algorithm: 'asert', halfLife: 2 ** 31 } }),
      '"consensus.difficulty.halfLife"',
    ],
    [
      'with a halving that never comes',
      documentOf({}, { halvingInterval: 2 ** 31 }),
      '"consensus.halvingInterval"',
    ],
    ['with a limit that is no target', documentOf({}, { powLimit: '01003456' }), '"consensus.powLimit"'],
    ['with a limit in another form', documentOf({}, { powLimit: '2100007f' }), 'in its canonical form'],
    [
      'with a limit of five bytes',
      documentOf({}, { powLimit: '001f0fffff' }),
      '"consensus.powLimit" is not 8 lower-case hexadecimal digits',
    ],
    ['with a limit below the genesis target', documentOf({}, { powLimit: '1d00ffff' }), 'genesis'],
    ['with a negative subsidy', documentOf({}, { subsidy: '-1' }), '"consensus.subsidy"'],
    ['with a subsidy as number', documentOf({}, { subsidy: 50 }), '"consensus.subsidy" is not a text'],
    [
      'with a commitment as text',
      documentOf({}, { filterCommitment: 'yes' }),
      '"consensus.filterCommitment" is not true or false',
    ],
    ['with a genesis block that is no block', documentOf({}, { genesis: '00' }), '"consensus.genesis"'],
    [
      'with a genesis block that is no hexadecimal',
      documentOf({}, { genesis: 'xyz' }),
      '"consensus.genesis"',
    ],
  ]

  test.each(bad)('%s names the field', (_, document, field) => {
    const error = refusal(() => chainSpecFromDocument(document))
    expect(error).toMatchObject({ name: 'ParseError', code: 'chain-spec-malformed' })
    expect(error.message).toContain(field)
    expect(error.message).toMatch(/^[A-Z].*[^.]\.$/)
  })

  test('has a genesis block without its work, or with another Merkle root', () => {
    const { genesis } = loadNetwork('dev').consensus
    for (const header of [
      { ...genesis.header, nonce: genesis.header.nonce + 1 },
      { ...genesis.header, merkleRoot: new Uint8Array(32) },
    ]) {
      const text = toHex(encodeBlock({ ...genesis, header }))
      const error = refusal(() => chainSpecFromDocument(documentOf({}, { genesis: text })))
      expect(error.message).toContain('genesis')
    }
  })

  test('says why a value cannot be read, in one sentence', () => {
    const { message, data } = refusal(() => chainSpecFromDocument(documentOf({}, { genesis: 'xyz' })))
    const { message: why } = refusal(() => fromHex('xyz'))
    expect(message).toBe(`The chain spec cannot be used: "consensus.genesis" cannot be read: ${why}`)
    expect(data).toEqual({ reason: `"consensus.genesis" cannot be read: ${why}` })
  })

  test('has a genesis block with its work but another Merkle root', () => {
    const valid = createGenesis({ message: 'text', time: 1, bits: 0x207fffff })
    const genesis = solve(withHeader({ merkleRoot: new Uint8Array(32) })(valid))
    const consensus = { genesis: toHex(encodeBlock(genesis)), powLimit: '207fffff' }
    expect(refusal(() => chainSpecFromDocument(documentOf({}, consensus))).message).toBe(
      'The chain spec cannot be used: "consensus.genesis" is not a valid block: ' +
        'The transactions do not have the Merkle root that the header states.',
    )
  })

  test.each(['', '{', '[[[['])('is the text %j', (text) => {
    const error = refusal(() => parseChainSpec(text))
    expect(error.code).toBe('chain-spec-malformed')
    expect(error.message).toContain('it is not JSON (')
  })

  test.each(['null', '[]', '1', '"text"'])('is the value %s', (text) => {
    const { message } = refusal(() => parseChainSpec(text))
    expect(message).toBe('The chain spec cannot be used: it is not an object.')
  })

  test('is longer than anything useful', () => {
    const text = ' '.repeat(MAX_CHAIN_SPEC_LENGTH + 1)
    expect(refusal(() => parseChainSpec(text)).message).toContain(`${MAX_CHAIN_SPEC_LENGTH}`)
  })
})

describe('a chain spec at its bounds', () => {
  test('is written with all eight digits of its limit', () => {
    const spec = loadNetwork('dev')
    const text = formatChainSpec({ ...spec, consensus: { ...spec.consensus, powLimit: 0x0f00ffff } })
    expect(text).toContain('"powLimit": "0f00ffff"')
  })

  test('is read when its text is as long as it may be', () => {
    const text = formatChainSpec(loadNetwork('dev')).padEnd(MAX_CHAIN_SPEC_LENGTH)
    expect(parseChainSpec(text)).toEqual(loadNetwork('dev'))
  })

  test('has the highest ports, the longest times and as many bootnodes as fit', () => {
    const ports = { p2p: 65_535, websocket: 1, rpc: 65_535 }
    const bootnodes = new Array(100).fill(`/${'a'.repeat(300)}`)
    const difficulty = { algorithm: 'asert', halfLife: 2 ** 31 - 1 }
    const consensus = { halvingInterval: 2 ** 31 - 1, difficulty }
    const spec = chainSpecFromDocument(documentOf({ ports, bootnodes }, consensus))
    expect(spec).toMatchObject({ ports, bootnodes, consensus })
  })
})

describe('createGenesis', () => {
  test('makes a block that is valid once its nonce is found', () => {
    const genesis = solve(
      createGenesis({ message: '2026-11-20 chain test', time: 1_800_000_000, bits: 0x207fffff }),
    )
    const spec = chainSpecFromDocument(
      documentOf({ name: 'mine' }, { genesis: toHex(encodeBlock(genesis)), powLimit: '207fffff' }),
    )
    expect(spec.consensus.genesis.header.time).toBe(1_800_000_000)
  })

  test.each([0, 75, 76, MAX_GENESIS_MESSAGE_LENGTH])('has room for a message of %i bytes', (length) => {
    const genesis = createGenesis({ message: 'x'.repeat(length), time: 1, bits: 0x207fffff })
    expect(() => checkBlock(genesis)).not.toThrow()
  })

  test('has no room for more, counted in bytes', () => {
    const message = 'ü'.repeat(MAX_GENESIS_MESSAGE_LENGTH / 2 + 1)
    const make = (): unknown => createGenesis({ message, time: 1, bits: 0x207fffff })
    const error = refusal(make)
    expect(error).toMatchObject({ code: 'genesis-message-too-long', data: { length: 92 } })
    expect(error.message).toContain('92 bytes')
  })

  test('reads back from its bytes', () => {
    const genesis = createGenesis({ message: 'text', time: 1, bits: 0x207fffff })
    expect(decodeBlock(encodeBlock(genesis))).toEqual(genesis)
  })
})
