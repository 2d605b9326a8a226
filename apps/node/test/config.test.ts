import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { formatChainSpec, loadNetwork } from '@chain/core/consensus'
import { formatAddress } from '@chain/core/script'
import { testKey } from '@chain/core/testing'
import { describe, expect, it } from 'vitest'
import { resolveConfig, type StartOptions } from '../src/config.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const { script } = testKey('miner')

function addressOn(prefix: string): string {
  return formatAddress(script, prefix) as string
}

describe('the configuration', () => {
  it('is the main network on its ports when nothing is said', () => {
    const config = resolveConfig({}, {})
    expect(config).toMatchObject({
      network: 'main',
      dataDir: join(homedir(), '.chain', 'main'),
      listen: ['/ip4/0.0.0.0/tcp/8655', '/ip4/0.0.0.0/tcp/8656/ws'],
      rpc: { bind: '127.0.0.1', port: 8657 },
      rendezvous: 'chain-main',
      dht: true,
      mdns: false,
      connect: undefined,
      miningScript: undefined,
      capacity: { outbound: 8, inbound: 64 },
      allowLoopback: false,
      par: 0,
      cacheSize: 2 ** 26,
      prune: undefined,
      indexes: { transactions: false, filters: 'if-possible' },
    })
  })

  it('takes sizes in mebibytes, and 1 for pruning by hand', () => {
    expect(resolveConfig({ dbcache: 3 }, {}).cacheSize).toBe(3 * 2 ** 20)
    expect(resolveConfig({ prune: 0 }, {}).prune).toBeUndefined()
    expect(resolveConfig({ prune: 1 }, {}).prune).toEqual({})
    expect(resolveConfig({ prune: 2 }, {}).prune).toEqual({ target: 2 * 2 ** 20 })
  })

  it('keeps filters where the network commits to them, unless told otherwise', () => {
    expect(resolveConfig({ network: 'dev' }, {}).indexes.filters).toBe('if-possible')
    expect(resolveConfig({ network: 'dev', filterindex: false }, {}).indexes.filters).toBe(false)
    expect(resolveConfig({ network: 'regtest' }, {}).indexes.filters).toBe(false)
    expect(resolveConfig({ network: 'regtest', filterindex: true }, {}).indexes.filters).toBe(true)
  })

  it('keeps the mempool over restarts unless it is told otherwise', () => {
    expect(resolveConfig({}, {}).persistMempool).toBe(true)
    expect(resolveConfig({ persistMempool: false }, {}).persistMempool).toBe(false)
  })

  it('prunes with an index of filters, but not with one of transactions', () => {
    expect(resolveConfig({ prune: 550, filterindex: true }, {}).indexes).toEqual({
      transactions: false,
      filters: true,
    })
    expect(resolveConfig({ prune: 0, txindex: true }, {}).indexes.transactions).toBe(true)
    expect(() => resolveConfig({ prune: 550, txindex: true }, {})).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringMatching(/^The options --prune and --txindex exclude each other: /),
      }),
    )
  })

  it.each<[StartOptions, string]>([
    [{ connect: ['a'], bootnode: ['b'] }, '--connect and --bootnode'],
    [{ connect: ['a'], rendezvous: 'here' }, '--connect and --rendezvous'],
    [{ connect: ['a'], dht: true }, '--connect and --dht'],
    [{ connect: ['a'], mdns: true }, '--connect and --mdns'],
    [{ dht: false, rendezvous: 'here' }, '--no-dht and --rendezvous'],
    [{ maxOutbound: 0, bootnode: ['b'] }, '--max-outbound 0 and --bootnode'],
    [{ listen: false, announce: ['a'] }, '--no-listen and --announce'],
    [{ listen: false, maxInbound: 1 }, '--no-listen and --max-inbound'],
  ])('refuses %j in one sentence', (options, names) => {
    expect(() => resolveConfig(options, {})).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringMatching(new RegExp(`^The options ${names} exclude each other: [^.]+\\.$`)),
      }),
    )
  })

  it('takes options that only say more of the same', () => {
    const config = resolveConfig(
      { connect: ['a'], bootnode: [], dht: false, mdns: false, maxOutbound: 0 },
      {},
    )
    expect(config).toMatchObject({ connect: ['a'], capacity: { outbound: 0 } })
    expect(resolveConfig({ listen: false, maxInbound: 0, connect: ['a'] }, {}).listen).toEqual([])
  })

  it('takes port and data directory from NODE_ID', () => {
    const config = resolveConfig({ network: 'dev' }, { NODE_ID: '3000' })
    expect(config.listen).toEqual(['/ip4/0.0.0.0/tcp/3000', '/ip4/0.0.0.0/tcp/0/ws'])
    expect(config.rpc.port).toBe(0)
    expect(config.dataDir).toBe(join(homedir(), '.chain', 'dev-3000'))
  })

  it('takes NODE_ID as a name where it is no port', () => {
    const config = resolveConfig({ network: 'dev' }, { NODE_ID: 'anna', CHAIN_DATADIR: '/tmp/chain' })
    expect(config.dataDir).toBe('/tmp/chain-anna')
    expect(config.rpc.port).toBe(loadNetwork('dev').ports.rpc)
  })

  it('puts options above the environment', () => {
    const environment = { NODE_ID: '3000', CHAIN_DATADIR: '/tmp/chain' }
    const options = { datadir: '/tmp/other', listen: ['/ip4/127.0.0.1/tcp/0'], rpcPort: 9000 }
    const config = resolveConfig(options, environment)
    expect(config).toMatchObject({ dataDir: '/tmp/other', listen: options.listen, rpc: { port: 9000 } })
  })

  it('searches the local network on dev alone, unless it listens on loopback only or is told otherwise', () => {
    const listen = ['/ip4/127.0.0.1/tcp/0']
    const searches = [
      { network: 'dev' },
      { network: 'dev', listen },
      { network: 'dev', mdns: false },
      { network: 'regtest' },
      { network: 'main', mdns: true },
    ].map((options) => resolveConfig(options, {}).mdns)
    expect(searches).toEqual([true, false, false, false, true])
  })

  it.each(['..', 'a/b', 'x'.repeat(33)])('refuses the NODE_ID %j', (NODE_ID) => {
    expect(() => resolveConfig({}, { NODE_ID })).toThrow(expect.objectContaining({ code: 'usage' }))
  })

  it('reads a chain spec from a file and names it by its absolute path', () => {
    const file = join(temporaryDirectory(), 'mine.json')
    writeFileSync(file, formatChainSpec({ ...loadNetwork('dev'), name: 'mine' }))
    const config = resolveConfig({ network: file }, {})
    expect(config.spec.name).toBe('mine')
    expect(config.network).toBe(file)
    expect(config.dataDir).toBe(join(homedir(), '.chain', 'mine'))
  })

  it('pays blocks to the address of --mine', () => {
    expect(resolveConfig({ network: 'dev', mine: addressOn('chnd') }, {}).miningScript).toEqual(script)
  })

  it('refuses to mine without an address, or to one of another network', () => {
    expect(() => resolveConfig({ network: 'dev', mine: true }, {})).toThrow(
      expect.objectContaining({ code: 'mining-address-missing' }),
    )
    expect(() => resolveConfig({ network: 'dev', mine: addressOn('chn') }, {})).toThrow(
      expect.objectContaining({ code: 'address-wrong-network' }),
    )
  })

  it('takes an identity from a seed on test networks only', () => {
    expect(resolveConfig({ network: 'regtest', identitySeed: 7 }, {}).identitySeed).toBe(7)
    expect(() => resolveConfig({ network: 'main', identitySeed: 7 }, {})).toThrow(
      'works on regtest and dev, not on main',
    )
  })
})
