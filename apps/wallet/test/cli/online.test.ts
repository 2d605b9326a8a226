import { join } from 'node:path'
import { loadNetwork } from '@chain/core/consensus'
import { parseHash, type Transaction } from '@chain/core/primitives'
import { parseAddress } from '@chain/core/script'
import { ChainBuilder } from '@chain/core/testing'
import { COIN } from '@chain/core/units'
import { describe, expect, it } from 'vitest'
import { createKeyFile } from '../../src/keystore/keystore.ts'
import { createWords } from '../../src/keystore/words.ts'
import { cheap } from '../keystore/key-files.ts'
import { ServingNode } from '../light-client/serving-node.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { readWallet, runWallet, type WalletOptions } from './run-wallet.ts'

const spec = loadNetwork('regtest')
const passphrase = 'correct horse'

interface Scene {
  readonly options: WalletOptions
  readonly builder: ChainBuilder
  readonly node: ServingNode
}

/** Two wallets, and a node whose chain has paid one coin to the first. */
async function createScene(): Promise<Scene> {
  const options = { directory: temporaryDirectory(), passphrase }
  for (const name of ['alice', 'bob']) {
    const file = join(options.directory, 'wallets', name, 'key.json')
    const words = createWords(12)
    await createKeyFile({ file, name, spec, words, passphrase, birthday: 0, now: 0, cost: cheap })
  }
  const builder = ChainBuilder.create(spec)
  builder.mineEmpty(101)
  builder.mine({ transactions: [await fund(options, builder)] })
  return { options, builder, node: await ServingNode.start(spec, builder.blocks) }
}

async function fund(options: WalletOptions, builder: ChainBuilder): Promise<Transaction> {
  const scriptPubKey = parseAddress(await addressOf(options, 'alice'), spec.addressPrefix)
  return builder.spend(builder.spendable().slice(0, 1), [{ value: COIN, scriptPubKey }])
}

async function addressOf(options: WalletOptions, name: string): Promise<string> {
  return (await readWallet<{ address: string }>(options, '--wallet', name, 'address')).address
}

interface Sent {
  readonly txid: string
  readonly fee: string
  readonly change: string
  readonly accepted: readonly string[]
}

describe('balance', () => {
  it('shows what the chain holds for the wallet', async () => {
    const { options, node } = await createScene()
    const balance = await readWallet(options, '--wallet', 'alice', '--peer', node.address, 'balance')
    expect(balance).toEqual({
      confirmed: '1.00000000',
      pending: '0.00000000',
      immature: '0.00000000',
      total: '1.00000000',
    })
  })

  it('counts one address under the name of the tutorials, and refuses those of others', async () => {
    const { options, node } = await createScene()
    const args = ['--wallet', 'alice', '--peer', node.address, 'getbalance', '--address']
    const next = await addressOf(options, 'alice')
    expect(await readWallet(options, ...args, next)).toMatchObject({ confirmed: '1.00000000' })
    const { code, stderr } = await runWallet(options, ...args, await addressOf(options, 'bob'))
    expect(code).toBe(8)
    expect(stderr).toMatch(/does not belong to the wallet "alice"/)
  })

  it('names the peer that it cannot reach and ends with 3', async () => {
    const { options } = await createScene()
    const { code, stderr } = await runWallet(
      options,
      '--wallet',
      'bob',
      '--peer',
      '/ip4/127.0.0.1/tcp/1',
      'balance',
    )
    expect(stderr).toBe(
      'chain-wallet: No peer could be reached: tried /ip4/127.0.0.1/tcp/1 (connection refused).\n',
    )
    expect(code).toBe(3)
  })
})

describe('send', () => {
  it('pays, and both wallets see it once it is mined', async () => {
    const { options, builder, node } = await createScene()
    const peer = ['--peer', node.address]
    const to = await addressOf(options, 'bob')
    const payment = ['send', '--to', to, '--amount', '0.25']
    const planned = await readWallet<Sent>(options, '--wallet', 'alice', ...peer, ...payment, '--dry-run')
    expect(planned.accepted).toEqual([])
    expect(node.mempool.count).toBe(0)

    const sent = await readWallet<Sent>(options, '--wallet', 'alice', ...peer, ...payment, '--yes')
    expect(sent).toMatchObject({ txid: planned.txid, fee: '0.00000282', change: '0.74999718' })
    expect(sent.accepted).toEqual([node.address.split('/').at(-1)])
    const pending = await readWallet(options, '--wallet', 'alice', 'balance')
    expect(pending).toMatchObject({ confirmed: '0.00000000', pending: '0.74999718' })

    const transaction = node.mempool.get(parseHash(sent.txid))?.transaction as Transaction
    await node.accept([builder.mine({ transactions: [transaction] })])
    expect(await readWallet(options, '--wallet', 'alice', 'balance')).toMatchObject({
      confirmed: '0.74999718',
    })
    expect(await readWallet(options, '--wallet', 'bob', ...peer, 'balance')).toMatchObject({
      total: '0.25000000',
    })
    expect(await readWallet(options, '--wallet', 'alice', 'history')).toMatchObject([
      { txid: sent.txid, amount: '-0.25000282', fee: '0.00000282', height: 103, confirmations: 1 },
      { amount: '1.00000000', height: 102, confirmations: 2 },
    ])
    expect(await addressOf(options, 'bob')).not.toBe(to)
  })

  it('pays from another wallet or from one address, as the tutorials do', async () => {
    const { options, node } = await createScene()
    const [to, from] = [await addressOf(options, 'bob'), await addressOf(options, 'alice')]
    const payment = ['--peer', node.address, 'send', '--to', to, '--amount', '0.1', '--yes', '--from']
    const sent = await readWallet<Sent>(options, ...payment, 'alice')
    expect(sent.accepted).toHaveLength(1)
    // The change went to another address, so that this one has nothing left.
    const { code } = await runWallet(options, '--wallet', 'alice', ...payment, from)
    expect(code).toBe(5)
  })

  it('asks before it sends, and sends nothing without consent', async () => {
    const { options, node } = await createScene()
    const to = await addressOf(options, 'bob')
    const args = ['--wallet', 'alice', '--peer', node.address, 'send', '--to', to, '--amount', '0.25']
    const questions: string[] = []
    const asked = (consent: boolean): WalletOptions => ({
      ...options,
      person: {
        askSecret: () => Promise.resolve(''),
        askConsent: (question) => {
          questions.push(question)
          return Promise.resolve(consent)
        },
      },
    })
    const refused = await runWallet(asked(false), ...args)
    expect(refused).toEqual({ code: 1, stdout: '', stderr: 'chain-wallet: Nothing was sent.\n' })
    expect(questions).toEqual([`Pay 0.25000000 to ${to}, fee 0.00000282, change 0.74999718?`])
    expect(node.mempool.count).toBe(0)
    const sent = await runWallet(asked(true), ...args)
    expect(sent.code).toBe(0)
    expect(sent.stdout).toMatch(
      /^Paid 0\.25000000 to bcrt1\S+, fee .*\ntxid {2}[0-9a-f]{64}\n\S+ {2}accepted\n$/,
    )
    expect(node.mempool.count).toBe(1)
  })

  it('does not send more than there is', async () => {
    const { options, node } = await createScene()
    const args = [
      '--wallet',
      'alice',
      '--peer',
      node.address,
      'send',
      '--to',
      await addressOf(options, 'bob'),
    ]
    const { code, stdout, stderr } = await runWallet(options, ...args, '--amount', '1', '--yes')
    expect(code).toBe(5)
    expect(stdout).toBe('')
    expect(stderr).toBe(
      'chain-wallet: The coins that can be spent are 1.00000000, less than the amount of 1.00000000 and a fee of about 0.00000220.\n',
    )
    expect(node.mempool.count).toBe(0)
  })

  it('does not send dust', async () => {
    const { options, node } = await createScene()
    const args = [
      '--wallet',
      'alice',
      '--peer',
      node.address,
      'send',
      '--to',
      await addressOf(options, 'bob'),
    ]
    const { code, stderr } = await runWallet(options, ...args, '--amount', '0.00000293', '--yes')
    expect(code).toBe(6)
    expect(stderr).toMatch(/at least 0\.00000294/)
  })

  it('refuses a fee above the limit, and pays it when that is allowed', async () => {
    const { options, node } = await createScene()
    const to = await addressOf(options, 'bob')
    const args = [
      '--wallet',
      'alice',
      '--peer',
      node.address,
      'send',
      '--to',
      to,
      '--amount',
      '0.25',
      '--yes',
    ]
    const refused = await runWallet(options, ...args, '--max-fee', '0.00000281')
    expect(refused).toEqual({
      code: 6,
      stdout: '',
      stderr:
        'chain-wallet: The fee would be 0.00000282, above the limit of 0.00000281: choose a lower --fee-rate, or allow it with --max-fee.\n',
    })
    expect(node.mempool.count).toBe(0)
    expect((await runWallet(options, ...args, '--max-fee', '0.00000282')).code).toBe(0)
  })

  it('refuses a fee above a tenth of a coin unless it is allowed', async () => {
    const { options, builder, node } = await createScene()
    const scriptPubKey = parseAddress(await addressOf(options, 'alice'), spec.addressPrefix)
    const pieces = Array.from({ length: 20 }, () => ({ value: COIN / 20n, scriptPubKey }))
    await node.accept([
      builder.mine({ transactions: [builder.spend(builder.spendable().slice(0, 1), pieces)] }),
    ])
    const to = await addressOf(options, 'bob')
    const args = ['--wallet', 'alice', '--peer', node.address, 'send', '--to', to, '--amount', '1.7']
    const costly = [...args, '--fee-rate', '10000', '--dry-run']
    const { code, stderr } = await runWallet(options, ...costly)
    expect(code).toBe(6)
    expect(stderr).toMatch(/above the limit of 0\.10000000: .* --max-fee\.\n$/)
    const { fee } = await readWallet<Sent>(options, ...costly, '--max-fee', '0.2')
    expect(Number(fee)).toBeGreaterThan(0.1)
  })
})

describe('a payment that every peer refuses', () => {
  /** Alice has paid Bob half a coin through a peer that refused it. */
  async function createRefused(): Promise<Scene & { txid: string; to: string; message: string }> {
    const scene = await createScene()
    const strict = await ServingNode.start(spec, scene.builder.blocks, { refuse: 'policy-fee-too-low' })
    const to = await addressOf(scene.options, 'bob')
    const args = [
      '--wallet',
      'alice',
      '--peer',
      strict.address,
      'send',
      '--to',
      to,
      '--amount',
      '0.5',
      '--yes',
    ]
    const { code, stdout } = await runWallet(scene.options, '--json', ...args)
    expect(code).toBe(6)
    const { error } = JSON.parse(stdout) as { error: { code: number; name: string; message: string } }
    expect(error).toMatchObject({ code: -26, name: 'payment-refused' })
    const txid = /[0-9a-f]{64}/.exec(error.message)?.[0] ?? ''
    return { ...scene, txid, to, message: error.message }
  }

  it('is kept with its coins, and the rule and the way out are told', async () => {
    const { options, node, txid, message } = await createRefused()
    expect(message).toContain('(policy-fee-too-low): This node refuses everything.')
    expect(message).toMatch(new RegExp(`kept .* do not pay again, .*--wallet alice bump ${txid} \\(`))
    // Another command sends it again: the next peer takes it.
    const balance = await readWallet(options, '--wallet', 'alice', '--peer', node.address, 'balance')
    expect(balance).toMatchObject({ confirmed: '0.00000000', pending: '0.49999718' })
    expect(node.mempool.has(parseHash(txid))).toBe(true)
  })

  it('is told of by later commands, which do not spend its change', async () => {
    const { options, builder, txid, to } = await createRefused()
    const strict = await ServingNode.start(spec, builder.blocks, { refuse: 'policy-fee-too-low' })
    const args = [
      '--wallet',
      'alice',
      '--peer',
      strict.address,
      'send',
      '--to',
      to,
      '--amount',
      '0.1',
      '--yes',
    ]
    const { code, stderr } = await runWallet(options, ...args)
    expect(code).toBe(5)
    expect(stderr).toContain(
      `The payment ${txid} waits, and every peer refuses it (policy-fee-too-low): This node refuses everything.\n`,
    )
  })

  it('cannot be paid twice by lying peers that mine it all the same', async () => {
    const { options, builder, node, txid, to } = await createRefused()
    const alice = ['--wallet', 'alice', '--peer', node.address]
    // The peer has told an accomplice, who mines it.
    await readWallet(options, ...alice, 'balance')
    const mined = node.mempool.get(parseHash(txid))?.transaction as Transaction
    const bumped = await readWallet<Sent>(options, ...alice, 'bump', txid, '--yes')
    await node.accept([builder.mine({ transactions: [mined] })])
    expect(await readWallet(options, '--wallet', 'bob', '--peer', node.address, 'balance')).toMatchObject({
      total: '0.50000000',
    })
    const history = await readWallet<readonly { txid: string }[]>(options, ...alice, 'history')
    expect(history.map((line) => line.txid)).toContain(txid)
    expect(history.map((line) => line.txid)).not.toContain(bumped.txid)
    expect(await addressOf(options, 'bob')).not.toBe(to)
  })

  it('is told of before the same is paid again', async () => {
    const { options, node, txid, to } = await createRefused()
    const args = ['--wallet', 'alice', '--peer', node.address, 'send', '--to', to, '--dry-run', '--amount']
    expect((await runWallet(options, ...args, '0.4')).stderr).toBe('')
    await runWallet(options, '--wallet', 'alice', '--peer', node.address, 'bump', txid, '--cancel', '--yes')
    expect((await runWallet(options, ...args, '0.5')).stderr).toBe('')
    const sent = await readWallet<Sent>(options, ...args.slice(0, -2), '--amount', '0.3', '--yes')
    const twin = await runWallet(options, ...args, '0.3')
    expect(twin.code).toBe(0)
    expect(twin.stderr).toMatch(/^A payment of the same amount to the same address waits already/)
    expect(twin.stderr).toContain(`bump ${sent.txid} `)
  })
})

describe('a payment that reaches nobody', () => {
  it('is forgotten only when it was certainly handed to nobody', async () => {
    const { options, builder, node } = await createScene()
    const to = await addressOf(options, 'bob')
    const person = {
      askSecret: () => Promise.resolve(''),
      askConsent: async () => {
        await node.stop()
        return true
      },
    }
    const args = ['--wallet', 'alice', '--peer', node.address, 'send', '--to', to, '--amount', '0.25']
    const { code, stdout, stderr } = await runWallet({ ...options, person }, ...args)
    expect([code, stdout]).toEqual([3, ''])
    // Whether the connection is known to be closed when the payment is made is up to the operating system.
    const isForgotten = stderr.includes('Nothing was sent')
    expect(stderr).toMatch(isForgotten ? /no peer could be reached any more/ : /is kept and sent again/)
    const again = await ServingNode.start(spec, builder.blocks)
    const balance = await readWallet(options, '--wallet', 'alice', '--peer', again.address, 'balance')
    expect(balance).toMatchObject({ confirmed: isForgotten ? '1.00000000' : '0.00000000' })
  })
})

describe('bump', () => {
  it('replaces a payment by one with a higher fee, in the wallet and at the peers', async () => {
    const { options, builder, node } = await createScene()
    const to = await addressOf(options, 'bob')
    const alice = ['--wallet', 'alice', '--peer', node.address]
    const sent = await readWallet<Sent>(options, ...alice, 'send', '--to', to, '--amount', '0.25', '--yes')
    const planned = await readWallet<Sent>(options, ...alice, 'bump', sent.txid, '--dry-run')
    expect(node.mempool.has(parseHash(sent.txid))).toBe(true)
    const bumped = await readWallet<Sent>(options, ...alice, 'bump', sent.txid, '--yes')
    expect(bumped).toMatchObject({ txid: planned.txid, replaced: sent.txid, fee: '0.00000423' })
    expect(bumped.accepted).toHaveLength(1)
    expect(node.mempool.has(parseHash(sent.txid))).toBe(false)
    const transaction = node.mempool.get(parseHash(bumped.txid))?.transaction as Transaction
    await node.accept([builder.mine({ transactions: [transaction] })])
    expect(await readWallet(options, ...alice, 'balance')).toMatchObject({ total: '0.74999577' })
    expect(await readWallet(options, '--wallet', 'bob', '--peer', node.address, 'balance')).toMatchObject({
      total: '0.25000000',
    })
    const { code, stderr } = await runWallet(options, ...alice, 'bump', bumped.txid, '--yes')
    expect(code).toBe(6)
    expect(stderr).toMatch(/is in block 103/)
  })

  it('takes the coins back with --cancel', async () => {
    const { options, node } = await createScene()
    const to = await addressOf(options, 'bob')
    const alice = ['--wallet', 'alice', '--peer', node.address]
    const sent = await readWallet<Sent>(options, ...alice, 'send', '--to', to, '--amount', '0.25', '--yes')
    const cancelled = await readWallet<Sent>(options, ...alice, 'bump', sent.txid, '--cancel', '--yes')
    expect(cancelled.accepted).toHaveLength(1)
    expect(node.mempool.count).toBe(1)
    expect(await readWallet(options, ...alice, 'balance')).toMatchObject({ pending: cancelled.change })
  })

  it('asks first, and knows no payments but those of the wallet', async () => {
    const { options, node } = await createScene()
    const alice = ['--wallet', 'alice', '--peer', node.address]
    expect((await runWallet(options, ...alice, 'bump', 'ff'.repeat(32))).code).toBe(2)
    expect((await runWallet(options, ...alice, 'bump', 'ff', '--yes')).code).toBe(2)
    const { code, stderr } = await runWallet(options, ...alice, 'bump', 'ff'.repeat(32), '--yes')
    expect(code).toBe(8)
    expect(stderr).toMatch(/The wallet "alice" has no payment f{64}/)
  })
})

describe('abandon', () => {
  it('tells the risk and asks, then forgets the payment and what builds on it', async () => {
    const { options, builder, node } = await createScene()
    const to = await addressOf(options, 'bob')
    const alice = ['--wallet', 'alice', '--peer', node.address]
    const pay = ['send', '--to', to, '--yes', '--amount']
    const first = await readWallet<Sent>(options, ...alice, ...pay, '0.25')
    const second = await readWallet<Sent>(options, ...alice, ...pay, '0.1')
    const built = await runWallet(options, ...alice, 'bump', first.txid, '--yes')
    expect(built.code).toBe(6)
    expect(built.stderr).toContain(second.txid)

    const unasked = await runWallet(options, ...alice, 'abandon', first.txid)
    expect(unasked.code).toBe(2)
    expect(unasked.stderr).toMatch(/two payments .* bump [0-9a-f]{64} --cancel/)
    const questions: string[] = []
    const person = {
      askSecret: () => Promise.resolve(''),
      askConsent: (question: string) => Promise.resolve(questions.push(question) === 0),
    }
    const refused = await runWallet({ ...options, person }, ...alice, 'abandon', first.txid)
    expect(refused.code).toBe(1)
    expect(questions).toEqual([expect.stringMatching(/two payments .* Forget the payments .*\?$/)])

    const other = await ServingNode.start(spec, builder.blocks)
    const elsewhere = ['--wallet', 'alice', '--peer', other.address]
    expect(await readWallet(options, ...elsewhere, 'abandon', first.txid, '--yes')).toEqual({
      abandoned: [first.txid, second.txid],
    })
    expect(other.mempool.count).toBe(0)
    expect(await readWallet(options, ...elsewhere, 'balance')).toMatchObject({ confirmed: '1.00000000' })
  })
})

describe('a wallet that is in use', () => {
  it('is not used by a second process, which names the first', async () => {
    const { options, node } = await createScene()
    const args = ['--wallet', 'alice', '--peer', node.address, 'balance']
    const exits = await Promise.all([runWallet(options, ...args), runWallet(options, ...args)])
    const refused = exits.filter(({ code }) => code !== 0)
    for (const { code, stderr } of refused) {
      expect(code).toBe(7)
      expect(stderr).toMatch(/in use by process \d+/)
    }
    expect(refused.length).toBeLessThan(2)
  })
})
