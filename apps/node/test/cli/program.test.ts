import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatAddress } from '@chain/core/script'
import { testKey } from '@chain/core/testing'
import { describe, expect, it } from 'vitest'
import { patience } from '../patience.ts'
import { startTestNode } from '../start-test-node.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { run, runAt } from './run-command.ts'

const address = formatAddress(testKey('miner').script, 'bcrt') as string

describe('a command line', () => {
  it.each([
    [['nope'], "Unknown command 'nope'."],
    [['status', '--nope'], "Unknown option '--nope'."],
    [['status', 'much', 'more'], /Too many arguments/],
    [['start', '--rpc-port', '70000'], /70000.*whole number from 0 to 65535/],
    [['start', '--par', '-300'], /-300.*whole number from -256 to 256/],
    [['start', '--prune', '-1'], /-1.*whole number from 0 to/],
    [['start', '--prune', '550', '--txindex'], /--prune and --txindex exclude each other/],
    [['start', '--connect', '/ip4/1.2.3.4/tcp/1', '--peer', '/ip4/1.2.3.4/tcp/2'], /looks for no others/],
    [
      ['start', '--no-listen', '--listen', '/ip4/1.2.3.4/tcp/1'],
      /--listen and --no-listen exclude each other/,
    ],
    [
      ['start', '--listen', '/ip4/1.2.3.4/tcp/1', '--no-listen'],
      /--listen and --no-listen exclude each other/,
    ],
    [['start', '--dht', '--no-dht'], /--dht and --no-dht exclude each other/],
    [['start', '--mine', address, '--minter', 'another'], /--mine and --minter are the same one/],
    [['mine', '--to', address, '--minter', 'another'], /--to and --minter are the same one/],
    [['start', '--dbcache', 'much'], /much.*whole number from 0 to/],
    [['start', '--listen', '/ip4/1.2.3.4'], /\/ip4\/1\.2\.3\.4.*must look like/],
    [['start', '--log-level', 'loud'], /loud/],
    [['start', '--network', 'nowhere'], /no network "nowhere"/],
    [['start', '--network', 'main', '--identity-seed', '1'], /regtest and dev, not on main/],
    [['start', '--network', 'dev', '--mine'], /needs an address/],
    [['start', '--network', 'dev', '--mine', address], /another network/],
    [['mine', '0'], /whole number from 1 to/],
    [['mine', '--network', 'regtest', '--to', 'nonsense'], /not an address/],
    [['peers', 'ad', 'x'], /listed \(list, known, banned\), added.*, not "ad"/],
    [['peers', 'add', 'nonsense'], /nonsense.*must look like/],
    [['peers', 'ban'], /missing required argument/i],
  ])('%j is refused with one sentence and exit code 2', async (words, sentence) => {
    const { exitCode, stdout, stderr } = await run(...words, '--datadir', temporaryDirectory())
    expect(stderr).toMatch(sentence)
    expect(stderr).toMatch(/^chain-node: [^\n]+\n$/)
    expect(stdout).toBe('')
    expect(exitCode).toBe(2)
  })

  it('tells an error as one JSON value when JSON was asked for', async () => {
    const usage = await run('status', '--json', '--nope')
    expect(JSON.parse(usage.stdout)).toEqual({
      error: { code: -8, name: 'usage', message: "Unknown option '--nope'." },
    })
    const silent = await run('status', '--json', '--network', 'regtest', '--datadir', temporaryDirectory())
    expect(silent.exitCode).toBe(3)
    expect(JSON.parse(silent.stdout)).toMatchObject({ error: { code: -9, name: 'node-not-running' } })
  })

  it.each(['status', 'stop', 'peers'])('%s says in one sentence that no node runs', async (command) => {
    const dataDir = temporaryDirectory()
    const { exitCode, stderr } = await runAt({ dataDir }, command)
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/^chain-node: No node runs on the data directory [^\n]+\n$/)
    expect(stderr).toContain(dataDir)
  })

  it('shows help and version', async () => {
    const help = await run('--help')
    expect(help.exitCode).toBe(0)
    for (const word of [
      'start',
      'status',
      'stop',
      'mine',
      'peers',
      'import',
      'export',
      'printchain',
      'Examples:',
      'Exit codes:',
    ]) {
      expect(help.stdout).toContain(word)
    }
    expect((await run('start', '--help')).stdout).toContain('--bootnode')
    expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await run()).exitCode).toBe(2)
  })
})

describe('commands on a running node', () => {
  it('status shows what it is doing', async () => {
    const test = await startTestNode()
    const { stdout } = await runAt(test, 'status')
    expect(stdout).toContain('no-peers: No peer is connected: none is known, so name one')
    const status = JSON.parse((await runAt(test, 'status', '--json')).stdout)
    expect(status).toMatchObject({ network: 'regtest', state: 'no-peers', peerId: test.node.peerId })
  })

  it('mine mines through it, to the address given or the one it mines to', async () => {
    const test = await startTestNode()
    const { stdout, stderr, exitCode } = await runAt(test, 'mine', '2', '--to', address)
    expect(exitCode).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(2)
    expect(stdout).toMatch(new RegExp(`^1 [0-9a-f]{64}\n2 ${test.node.status().bestHash}\n$`))
    expect(stderr).toBe('')
    expect((await runAt(test, 'mine')).exitCode).toBe(2)
    await test.rpc.call('setmining', [address])
    const mined = await runAt(test, 'mint', '--json')
    expect(JSON.parse(mined.stdout).hashes).toHaveLength(1)
  })

  it('peers lists, adds, removes, bans and unbans', async () => {
    const [a, b] = await Promise.all([startTestNode(), startTestNode()])
    expect((await runAt(a, 'peers')).stdout).toBe('No peer is connected.\n')
    const there = b.node.status().addresses[0] as string
    expect((await runAt(a, 'peers', 'add', there)).exitCode).toBe(0)
    await expect.poll(() => a.node.status().peers, patience).toBe(1)
    expect((await runAt(a, 'peers', 'list')).stdout).toContain(there)
    const list = JSON.parse((await runAt(a, 'peers', 'list', '--json')).stdout)
    expect(list).toMatchObject([
      { peerId: b.node.peerId, address: there, direction: 'outbound', height: 0, score: 0 },
    ])
    expect((await runAt(a, 'peers', 'remove', there)).exitCode).toBe(0)
    expect((await runAt(a, 'peers', 'remove', there)).exitCode).toBe(8)
    expect((await runAt(a, 'peers', 'ban', b.node.peerId, '--hours', '1')).exitCode).toBe(0)
    await expect.poll(() => a.node.status().peers, patience).toBe(0)
    const banned = JSON.parse((await runAt(a, 'peers', 'banned', '--json')).stdout)
    expect(banned).toMatchObject([{ address: b.node.peerId, ban_duration: 3_600 }])
    expect((await runAt(a, 'peers', 'banned')).stdout).toContain(`${b.node.peerId}  20`)
    const unbanned = await runAt(a, 'peers', 'unban', b.node.peerId, '--json')
    expect(JSON.parse(unbanned.stdout)).toEqual({ unbanned: b.node.peerId })
    expect((await runAt(a, 'peers', 'unban', b.node.peerId)).exitCode).toBe(8)
  })

  it('printchain prints the blocks from the tip down', async () => {
    const test = await startTestNode()
    await test.rpc.call('generatetoaddress', [2, address])
    const { stdout } = await runAt(test, 'printchain')
    expect(stdout.match(/^block \d+/gm)).toEqual(['block 2', 'block 1', 'block 0'])
    const blocks = JSON.parse((await runAt(test, 'printchain', '--json', '--limit', '2')).stdout)
    expect(blocks).toMatchObject([{ height: 2 }, { height: 1 }])
  })
})

describe('commands on a data directory without a node', () => {
  it('printchain says when there is no chain, and leaves nothing behind', async () => {
    const dataDir = join(temporaryDirectory(), 'mistyped')
    const { exitCode, stderr } = await runAt({ dataDir }, 'printchain')
    expect(stderr).toContain(`There is no chain in the data directory ${dataDir}`)
    expect(exitCode).toBe(8)
    expect(existsSync(dataDir)).toBe(false)
  })

  it('mine mines offline, and printchain prints', async () => {
    const dataDir = temporaryDirectory()
    const mined = await runAt({ dataDir }, 'mint', '3', '--minter', address, '--json')
    expect(JSON.parse(mined.stdout)).toMatchObject({ height: 3 })
    const again = await runAt({ dataDir }, 'mine', '--to', address, '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ height: 4 })
    const printed = await runAt({ dataDir }, 'printchain', '--json')
    expect(JSON.parse(printed.stdout)).toHaveLength(5)
    const test = await startTestNode({ datadir: dataDir })
    expect(test.node.status().height).toBe(4)
  })

  it('mine refuses a data directory of another network', async () => {
    const dataDir = temporaryDirectory()
    await runAt({ dataDir }, 'mine', '--to', address)
    const dev = formatAddress(testKey('miner').script, 'chnd') as string
    const { exitCode, stderr } = await run('mine', '--to', dev, '--network', 'dev', '--datadir', dataDir)
    expect(exitCode).toBe(7)
    expect(stderr).toContain('belongs to the network regtest, not to the network dev')
  })
})
