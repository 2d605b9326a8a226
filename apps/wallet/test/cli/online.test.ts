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

  it('ends with 6 and the rule when every peer refuses, and keeps the coins', async () => {
    const { options, builder } = await createScene()
    const strict = await ServingNode.start(spec, builder.blocks, { refuse: 'policy-fee-too-low' })
    const to = await addressOf(options, 'bob')
    const args = ['--wallet', 'alice', '--peer', strict.address]
    const refused = await runWallet(
      options,
      '--json',
      ...args,
      'send',
      '--to',
      to,
      '--amount',
      '0.5',
      '--yes',
    )
    expect(refused.code).toBe(6)
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: -26, name: 'payment-refused' } })
    expect(refused.stderr).toMatch(/policy-fee-too-low/)
    expect(await readWallet(options, ...args, 'balance')).toMatchObject({ confirmed: '1.00000000' })
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
