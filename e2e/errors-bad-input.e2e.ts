/** Bad input: one clear sentence, the right exit code, nothing lost. */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type Exit, run } from '../tools/processes/program.ts'
import { passphrase, test } from './scene.ts'

const address = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080'

function expectRefusal({ code, stdout, stderr }: Exit, expectedCode: number, words: RegExp): void {
  expect(stderr).toMatch(words)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+/)
  expect(stdout).toBe('')
  expect(code).toBe(expectedCode)
}

describe('chain-node', () => {
  test('refuses a network that does not exist', async ({ scene }) => {
    const exit = await run('chain-node', ['start', '--network', 'nowhere', '--datadir', scene.path('node')])
    expectRefusal(exit, 2, /nowhere/)
  })

  test('refuses a malformed chain spec and names the field', async ({ scene }) => {
    const file = scene.path('spec.json')
    await writeFile(file, JSON.stringify({ name: 'Bad Name' }))
    expectRefusal(
      await run('chain-node', ['start', '--network', file, '--datadir', scene.path('node')]),
      2,
      /chain spec/,
    )
    await writeFile(file, '{')
    expectRefusal(
      await run('chain-node', ['start', '--network', file, '--datadir', scene.path('node')]),
      2,
      /not JSON/,
    )
  })

  test('refuses a malformed mining address', async ({ scene }) => {
    expectRefusal(await scene.chainNode('node', 'start', '--mine', 'bcrt1nonsense'), 2, /not an address/)
    const foreign = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'
    expectRefusal(await scene.chainNode('node', 'start', '--mine', foreign), 2, /another network/)
  })

  test('refuses an occupied port by its number', async ({ scene }) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const listen = ['--listen', `/ip4/127.0.0.1/tcp/${port}`, '--rpc-port', '0']
    expectRefusal(await scene.chainNode('node', 'start', ...listen), 1, new RegExp(`${port}`))
    const rpc = ['--listen', '/ip4/127.0.0.1/tcp/0', '--rpc-port', String(port)]
    expectRefusal(await scene.chainNode('node', 'start', ...rpc), 1, new RegExp(`${port}`))
    server.close()
  })

  test('says that no node runs on a data directory', async ({ scene }) => {
    expectRefusal(await scene.chainNode('node', 'status'), 3, /no node/i)
  })

  test('refuses a corrupt database file and leaves it as it is', async ({ scene }) => {
    const node = await scene.node('node')
    await node.rpc('generatetoaddress', 5, address)
    await node.stop()
    const file = join(scene.path('node'), 'chain.mdb')
    const bytes = await readFile(file)
    const garbage = Buffer.alloc(bytes.length, 0x5a)
    await writeFile(file, garbage)
    expectRefusal(
      await scene.chainNode('node', 'start', '--listen', '/ip4/127.0.0.1/tcp/0', '--rpc-port', '0'),
      7,
      /chain\.mdb/,
    )
    expect((await readFile(file)).equals(garbage)).toBe(true)
    await writeFile(file, bytes)
    const again = await scene.node('node')
    expect((await again.status()).height).toBe(5)
  })
})

describe('chain-wallet', () => {
  test('refuses a wrong passphrase', async ({ scene }) => {
    await scene.createWallet('alice')
    const exit = await run('chain-wallet', [...scene.walletOptions('alice'), 'address'], {
      CHAIN_PASSPHRASE: 'wrong',
    })
    expectRefusal(exit, 4, /passphrase/)
  })

  test('does not make a wallet silently, and never replaces one', async ({ scene }) => {
    expectRefusal(await scene.walletExit('nobody', 'address'), 8, /create/)
    await scene.createWallet('alice')
    const before = await scene.wallet('alice', 'address')
    const exit = await scene.walletExit('alice', 'create')
    expect(exit.code).not.toBe(0)
    expect(exit.stderr).toMatch(/exists/)
    expect(await scene.wallet('alice', 'address')).toEqual(before)
  })

  test('refuses amounts and addresses that make no sense before it asks anybody', async ({ scene }) => {
    await scene.createWallet('alice')
    const send = (to: string, amount: string): Promise<Exit> =>
      scene.walletExit(
        'alice',
        '--peer',
        '/ip4/127.0.0.1/tcp/1',
        'send',
        '--to',
        to,
        `--amount=${amount}`,
        '--yes',
      )
    expectRefusal(await send(address, '0'), 2, /amount/i)
    expectRefusal(await send(address, '-1'), 2, /negative/)
    expectRefusal(await send(address, '0.000000001'), 2, /8 digits/)
    expectRefusal(await send(address, '1e3'), 2, /not an amount/)
    expectRefusal(await send('bcrt1qtypo', '1'), 2, /not an address/)
    expectRefusal(await send('bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', '1'), 2, /another network/)
  })

  test('says which peer it could not reach', async ({ scene }) => {
    await scene.createWallet('alice')
    const exit = await scene.walletExit('alice', '--peer', '/ip4/127.0.0.1/tcp/1', 'balance')
    expectRefusal(exit, 3, /127\.0\.0\.1/)
  })

  test('refuses to send more than there is', async ({ scene }) => {
    const alice = await scene.createWallet('alice')
    const node = await scene.node('node')
    await node.rpc('generatetoaddress', 101, alice)
    const peer = ['--peer', await node.address()]
    const exit = await scene.walletExit('alice', ...peer, 'send', '--to', address, '--amount', '50', '--yes')
    expectRefusal(exit, 5, /50\.0/)
    expect((await node.status()).mempool.transactions).toBe(0)
    const balance = await scene.wallet<{ confirmed: string }>('alice', ...peer, 'balance')
    expect(balance.confirmed).toBe('50.00000000')
  })

  test('keeps no secret in clear text', async ({ scene }) => {
    const { words } = await scene.wallet<{ words: string }>('alice', 'create')
    const [first = ''] = words.split(' ')
    const { stdout } = await scene.walletExit('alice', 'address')
    expect(stdout).not.toContain(first)
    const key = await readFile(join(scene.path('wallets'), 'wallets', 'alice', 'key.json'), 'utf8')
    expect(key).not.toContain(first)
    expect(key).not.toContain(passphrase)
  })
})
