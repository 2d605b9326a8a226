import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { quoteWord } from '@chain/cli'
import { loadNetwork } from '@chain/core/consensus'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, it } from 'vitest'
import { createKeyFile } from '../../src/keystore/keystore.ts'
import { cheap, passphrase, words } from '../keystore/key-files.ts'
import { ServingNode } from '../light-client/serving-node.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { spawnWallet, walletMain } from './wallet-process.ts'

const spec = loadNetwork('regtest')

describe('chain-wallet as a process', () => {
  it('finds its directory and passphrase in the environment, and leaves no secret on the error output', async () => {
    const directory = join(temporaryDirectory(), 'data')
    const environment = { CHAIN_DATADIR: directory, NODE_ID: '7', CHAIN_PASSPHRASE: passphrase }
    const { code, stdout, stderr } = await spawnWallet(
      environment,
      '--network',
      'regtest',
      '--json',
      'create',
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ address: expect.stringMatching(/^bcrt1q/) })
    expect(existsSync(join(`${directory}-7`, 'wallets', 'default', 'key.json'))).toBe(true)
  })

  it('ends by itself after it was online, with nothing but its result on the output', async () => {
    const directory = temporaryDirectory()
    const file = join(directory, 'wallets', 'default', 'key.json')
    await createKeyFile({ file, name: 'default', spec, words, passphrase, birthday: 0, now: 0, cost: cheap })
    const builder = ChainBuilder.create(spec)
    builder.mineEmpty(3)
    const node = await ServingNode.start(spec, builder.blocks)
    const args = ['--network', 'regtest', '--datadir', directory, '--peer', node.address, 'balance']
    const { code, stdout, stderr } = await spawnWallet({}, ...args)
    expect(stderr).toBe('A payment shows here once a block holds it.\n')
    expect(stdout).toMatch(
      /^confirmed +0\.00000000\npending +0\.00000000\nimmature +0\.00000000\ntotal +0\.00000000\n$/,
    )
    expect(code).toBe(0)
  })

  it('bears a reader that goes away', async () => {
    const command = [process.execPath, '--conditions=@chain/source', walletMain, 'list'].map(quoteWord)
    const environment = { ...process.env, CHAIN_DATADIR: temporaryDirectory() }
    const options = { env: environment, encoding: 'utf8' } as const
    const { stderr } = spawnSync('sh', ['-c', `${command.join(' ')} | true`], options)
    expect(stderr).toBe('')
  })

  it('ends with the exit code of its error and one sentence', async () => {
    const args = ['--network', 'regtest', '--datadir', temporaryDirectory(), 'address']
    const { code, stdout, stderr } = await spawnWallet({}, ...args)
    expect(stderr).toMatch(/^chain-wallet: There is no wallet "default" for regtest: .*\.\n$/)
    expect(stdout).toBe('')
    expect(code).toBe(8)
  })
})
