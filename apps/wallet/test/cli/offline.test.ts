import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadNetwork } from '@chain/core/consensus'
import { describe, expect, it } from 'vitest'
import type { Person } from '../../src/cli/surroundings.ts'
import { createKeyFile } from '../../src/keystore/keystore.ts'
import { cheap, words } from '../keystore/key-files.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { type Exit, readWallet, runWallet, type WalletOptions } from './run-wallet.ts'

const passphrase = 'correct horse'

/** First address of the words "abandon … about" on `regtest`. */
const firstAddress = 'bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk'

function keyPath({ directory }: WalletOptions, name = 'default'): string {
  return join(directory, 'wallets', name, 'key.json')
}

/** A directory with the wallet of known words in it, under a passphrase that is cheap to check. */
async function withWallet(): Promise<WalletOptions> {
  const options = { directory: temporaryDirectory(), passphrase }
  await createKeyFile({
    file: keyPath(options),
    name: 'default',
    spec: loadNetwork('regtest'),
    words,
    passphrase,
    birthday: 0,
    now: 0,
    cost: cheap,
  })
  return options
}

/** A person who gives these answers to questions, one after the other. */
function answering(...answers: readonly string[]): { person: Person; questions: readonly string[] } {
  const questions: string[] = []
  const person = {
    askSecret: (question: string): Promise<string> => {
      questions.push(question)
      return Promise.resolve(answers[questions.length - 1] ?? '')
    },
    askConsent: (): Promise<boolean> => Promise.resolve(false),
  }
  return { person, questions }
}

/** One sentence on the error output, nothing on the other. */
function expectRefusal({ code, stdout, stderr }: Exit, expectedCode: number, sentence: RegExp): void {
  expect(stderr).toMatch(sentence)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stdout).toBe('')
  expect(code).toBe(expectedCode)
}

describe('create', () => {
  it('makes a wallet at full cost, and shows its words and first address once', async () => {
    const options = { directory: temporaryDirectory(), passphrase }
    const created = await readWallet<{ words: string; address: string }>(options, 'create', '--words', '24')
    expect(Object.keys(created)).toEqual(['words', 'address'])
    expect(created.words.split(' ')).toHaveLength(24)
    expect(created.address).toMatch(/^bcrt1q[a-z0-9]{38}$/)
    const keyFile = JSON.parse(readFileSync(keyPath(options), 'utf8')) as { kdf: object }
    expect(keyFile.kdf).toMatchObject({ N: 131_072, r: 8, p: 1 })
    expect(await readWallet(options, 'address')).toEqual({ address: created.address })
  })

  it('takes its name from the alias of the tutorials', async () => {
    const options = { directory: temporaryDirectory(), passphrase }
    await readWallet(options, 'createwallet', '--alias', 'bob')
    expect(await readWallet(options, 'list')).toMatchObject([{ name: 'bob', network: 'regtest' }])
  })

  it('never replaces a wallet', async () => {
    const options = await withWallet()
    const before = readFileSync(keyPath(options))
    expectRefusal(await runWallet(options, 'create'), 1, /exists already/)
    expectRefusal(await runWallet(options, 'restore', '--words-file', '/dev/null'), 1, /exists already/)
    expect(readFileSync(keyPath(options)).equals(before)).toBe(true)
  })

  it('needs a passphrase, and takes none from an empty file', async () => {
    const directory = temporaryDirectory()
    const file = join(directory, 'empty')
    writeFileSync(file, '\n')
    expectRefusal(await runWallet({ directory }, 'create'), 4, /--passphrase-file/)
    expectRefusal(await runWallet({ directory }, '--passphrase-file', file, 'create'), 2, /it is empty/)
    expectRefusal(
      await runWallet({ directory, passphrase }, '--wallet', '../up', 'create'),
      2,
      /name of a wallet/,
    )
  })
})

describe('create at a terminal', () => {
  it('asks for the passphrase twice', async () => {
    const { person, questions } = answering('secret', 'secret')
    const options = { directory: temporaryDirectory(), person }
    const { address } = await readWallet<{ address: string }>(options, 'create')
    expect(questions).toEqual(['New passphrase for the wallet "default":', 'The same passphrase again:'])
    const { directory } = options
    expect(await readWallet({ directory, passphrase: 'secret' }, 'address')).toEqual({ address })
  })

  it('refuses one that was typed differently, and an empty one', async () => {
    const directory = temporaryDirectory()
    const mistyped = answering('secret', 'secert')
    expectRefusal(await runWallet({ directory, ...mistyped }, 'create'), 2, /differ/)
    expectRefusal(await runWallet({ directory, ...answering('') }, 'create'), 4, /passphrase/)
    expect(await readWallet({ directory }, 'list')).toEqual([])
  })

  it('takes the words of a restored wallet unseen', async () => {
    const { person, questions } = answering(words, 'secret', 'secret')
    const options = { directory: temporaryDirectory(), person }
    expect(await readWallet(options, 'restore')).toEqual({ address: firstAddress })
    expect(questions[0]).toBe('Words:')
  })
})

describe('restore', () => {
  it('gives the addresses of the words', async () => {
    const options = { directory: temporaryDirectory(), passphrase }
    const file = join(options.directory, 'words')
    writeFileSync(file, `${words.replaceAll(' ', '\n')}\n`)
    const restored = await readWallet(options, 'restore', '--words-file', file, '--birthday', '2026-11-20')
    expect(restored).toEqual({ address: firstAddress })
    expect(await readWallet(options, 'info')).toMatchObject({ birthday: 1_795_132_800, path: "m/84'/1'/0'" })
  })

  it('refuses what are no words without repeating them, and what is no day', async () => {
    const options = { directory: temporaryDirectory(), passphrase }
    const file = join(options.directory, 'words')
    writeFileSync(file, words.replace('about', 'abandon'))
    expectRefusal(await runWallet(options, 'restore', '--words-file', file), 2, /checksum is wrong/)
    expectRefusal(await runWallet(options, 'restore', '--words-file', `${file}s`), 2, /cannot be read/)
    expectRefusal(await runWallet(options, 'restore'), 2, /--words-file/)
    expectRefusal(await runWallet(options, 'restore', '--birthday', 'today'), 2, /not a day/)
  })
})

describe('address', () => {
  it('needs neither passphrase nor peers', async () => {
    const { directory } = await withWallet()
    expect(await readWallet({ directory }, 'address')).toEqual({ address: firstAddress })
    expect(await readWallet({ directory }, 'listaddresses')).toEqual({ addresses: [firstAddress] })
    expect((await runWallet({ directory }, 'address')).stdout).toBe(`${firstAddress}\n`)
  })

  it('refuses a passphrase that is given and wrong', async () => {
    const { directory } = await withWallet()
    const file = join(directory, 'passphrase')
    writeFileSync(file, 'wrong\n')
    expectRefusal(await runWallet({ directory, passphrase: 'wrong' }, 'address'), 4, /passphrase/)
    expectRefusal(
      await runWallet({ directory, passphrase }, '--passphrase-file', file, 'address'),
      4,
      /passphrase/,
    )
    writeFileSync(file, `${passphrase}\r\n`)
    expect(await readWallet({ directory }, '--passphrase-file', file, 'address')).toEqual({
      address: firstAddress,
    })
  })

  it('does not make a wallet that is missing, and says how to', async () => {
    const directory = temporaryDirectory()
    expectRefusal(
      await runWallet({ directory }, '--wallet', 'nobody', 'address'),
      8,
      /make one with npx chain-wallet --network regtest --datadir \S+ --wallet nobody create/,
    )
    expect(await readWallet({ directory }, 'list')).toEqual([])
  })
})

describe('encrypt', () => {
  it('changes the passphrase', async () => {
    const options = await withWallet()
    const file = join(options.directory, 'new')
    writeFileSync(file, 'battery staple')
    await readWallet(options, 'encrypt', '--new-passphrase-file', file)
    expectRefusal(await runWallet(options, 'address'), 4, /passphrase/)
    const { directory } = options
    const changed = { directory, passphrase: 'battery staple' }
    expect(await readWallet(changed, 'address')).toEqual({ address: firstAddress })
  })
})

describe('a command line that is not understood', () => {
  it.each([
    ['an unknown option', ['address', '--foo'], /unknown option '--foo'/i],
    ['an unknown command', ['sned'], /unknown command 'sned'.*send/i],
    ['no address to send to', ['send', '--amount', '1'], /--to <address>/],
    ['a malformed peer', ['--peer', 'localhost', 'balance'], /"localhost" is not the address of a peer/],
  ])('with %s ends with 2 and one sentence', async (_, args, sentence) => {
    expectRefusal(await runWallet(await withWallet(), ...args), 2, sentence)
  })

  it('without a command shows the help and ends with 2', async () => {
    const { code, stdout, stderr } = await runWallet(await withWallet())
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/Usage: chain-wallet/)
  })

  it('that asks for help ends with 0', async () => {
    const { code, stdout } = await runWallet(await withWallet(), 'send', '--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/--dry-run/)
  })
})

describe('a network', () => {
  it('that does not exist is refused', async () => {
    const options = await withWallet()
    expectRefusal(await runWallet({ ...options, network: 'nowhere' }, 'list'), 2, /nowhere/)
  })

  it('whose chain spec is malformed is refused with the file and the field', async () => {
    const options = await withWallet()
    const file = join(options.directory, 'spec.json')
    writeFileSync(file, '{"name":"Bad Name"}')
    expectRefusal(await runWallet({ ...options, network: file }, 'list'), 2, /spec\.json: .*chain spec/)
    mkdirSync(join(options.directory, 'folder'))
    const folder = join(options.directory, 'folder')
    expectRefusal(await runWallet({ ...options, network: folder }, 'list'), 2, /it is not a file/)
  })

  it('that is not the one of the wallet is refused', async () => {
    const options = await withWallet()
    expectRefusal(
      await runWallet({ ...options, network: 'dev' }, 'address'),
      2,
      /belongs to the network regtest/,
    )
  })
})

describe('a damaged key file', () => {
  it('ends with 7, and is left as it is', async () => {
    const options = await withWallet()
    writeFileSync(keyPath(options), 'not a key file')
    expectRefusal(await runWallet(options, 'address'), 7, /key\.json is damaged/)
    expect(readFileSync(keyPath(options), 'utf8')).toBe('not a key file')
    expect(await readWallet(options, 'list')).toMatchObject([
      { name: 'default', problem: expect.any(String) },
    ])
  })
})

describe('amounts and addresses that make no sense', () => {
  const args = ['--peer', '/ip4/127.0.0.1/tcp/1', 'send', '--yes']
  it.each([
    ['nothing', firstAddress, '0', /amount/],
    ['less than nothing', firstAddress, '-1', /negative/],
    ['too many digits', firstAddress, '0.000000001', /8 digits/],
    ['no number', firstAddress, '1e3', /not an amount/],
    ['more than there can be', firstAddress, '21000001', /above the limit/],
    ['a typing error', `${firstAddress.slice(0, -1)}q`, '1', /not an address/],
    ['an address of another network', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', '1', /another network/],
  ])('are refused before anybody is asked: %s', async (_, to, amount, sentence) => {
    expectRefusal(await runWallet(await withWallet(), ...args, '--to', to, `--amount=${amount}`), 2, sentence)
  })

  it('are refused when the fee rate is none', async () => {
    const options = await withWallet()
    const payment = [...args, '--to', firstAddress, '--amount', '1', '--fee-rate']
    expectRefusal(await runWallet(options, ...payment, 'fast'), 2, /not a fee rate/)
  })

  it('are not sent without consent', async () => {
    const options = await withWallet()
    expectRefusal(await runWallet(options, 'send', '--to', firstAddress, '--amount', '1'), 2, /--yes/)
  })
})

describe('with --json', () => {
  it('an error is one JSON value on the output and one sentence beside it', async () => {
    const { code, stdout, stderr } = await runWallet(
      await withWallet(),
      '--json',
      '--wallet',
      'nobody',
      'address',
    )
    expect(code).toBe(8)
    const value = JSON.parse(stdout) as { error: { code: number; name: string; message: string } }
    expect(value.error).toMatchObject({ code: -18, name: 'wallet-missing' })
    expect(stderr).toBe(`chain-wallet: ${value.error.message}\n`)
  })
})
