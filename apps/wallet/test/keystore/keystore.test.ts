import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadNetwork } from '@chain/core/consensus'
import { Account } from '@chain/core/wallet'
import { describe, expect, it } from 'vitest'
import { type KeyFile, readKeyFile } from '../../src/keystore/key-file.ts'
import { changePassphrase, createKeyFile, unlockAccount } from '../../src/keystore/keystore.ts'
import { seedOfWords } from '../../src/keystore/words.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { cheap, passphrase, words, writeKeyFile } from './key-files.ts'

const place = { branch: 'receive', index: 0 } as const

function newFile(): string {
  return join(temporaryDirectory(), 'wallets', 'alice', 'key.json')
}

function read(file: string): KeyFile {
  return readKeyFile(file) as KeyFile
}

describe('a key file', () => {
  it('opens with its passphrase, to the keys of its words', async () => {
    const file = newFile()
    const watching = await writeKeyFile(file)
    const account = await unlockAccount(read(file), 'alice', passphrase)
    const expected = Account.fromSeed(await seedOfWords(words), 1)
    expect(account.privateKey(place)).toEqual(expected.privateKey(place))
    expect(watching.script(place)).toEqual(expected.script(place))
    expect(watching.privateKey(place)).toBeUndefined()
  })

  it('says in clear what is not secret, and nothing that is', async () => {
    const file = newFile()
    await writeKeyFile(file)
    expect(read(file)).toMatchObject({
      version: 1,
      network: { name: 'regtest', specId: loadNetwork('regtest').id },
      birthday: 1_700_000_000,
      account: { path: "m/84'/1'/0'" },
      kdf: { name: 'scrypt', N: 1_024, r: 8, p: 1 },
    })
    const text = readFileSync(file, 'utf8')
    for (const secret of ['abandon', passphrase, '00000000000000000000', 'xprv']) {
      expect(text).not.toContain(secret)
    }
  })

  it('belongs to its owner alone, and so does its directory', async () => {
    const file = newFile()
    await writeKeyFile(file)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
    expect(readdirSync(join(file, '..'))).toEqual(['key.json'])
  })

  it('has other salt and text each time', async () => {
    const [a, b] = [newFile(), newFile()]
    await writeKeyFile(a)
    await writeKeyFile(b)
    expect(read(a).kdf.salt).not.toBe(read(b).kdf.salt)
    expect(read(a).cipher.text).not.toBe(read(b).cipher.text)
  })

  it('does not open with another passphrase', async () => {
    const file = newFile()
    await writeKeyFile(file)
    await expect(unlockAccount(read(file), 'alice', 'correct horse ')).rejects.toMatchObject({
      code: 'passphrase-wrong',
    })
  })

  it('opens whichever way the letters of the passphrase are composed', async () => {
    const file = newFile()
    const options = { file, name: 'alice', spec: loadNetwork('dev'), words, birthday: 0, now: 0, cost: cheap }
    await createKeyFile({ ...options, passphrase: 'caf\u00e9' })
    await expect(unlockAccount(read(file), 'alice', 'cafe\u0301')).resolves.toBeInstanceOf(Account)
  })

  it('is never replaced, not even by another that is made at the same time', async () => {
    const file = newFile()
    const outcomes = await Promise.allSettled([writeKeyFile(file), writeKeyFile(file)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const text = readFileSync(file, 'utf8')
    await expect(writeKeyFile(file)).rejects.toMatchObject({ code: 'wallet-exists' })
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('that does not exist is nothing', () => {
    expect(readKeyFile(newFile())).toBeUndefined()
  })

  it('takes another passphrase and then opens with no other', async () => {
    const file = newFile()
    await writeKeyFile(file)
    const before = read(file)
    const change = { file, keyFile: before, name: 'alice', newPassphrase: 'battery staple', cost: cheap }
    await expect(changePassphrase({ ...change, passphrase: 'wrong' })).rejects.toMatchObject({
      code: 'passphrase-wrong',
    })
    expect(read(file)).toEqual(before)
    await changePassphrase({ ...change, passphrase })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await expect(unlockAccount(read(file), 'alice', passphrase)).rejects.toMatchObject({
      code: 'passphrase-wrong',
    })
    const account = await unlockAccount(read(file), 'alice', 'battery staple')
    expect(account.extendedPublicKey).toBe(before.account.extendedPublicKey)
  })
})

describe('a damaged key file', () => {
  it.each([
    ['is not JSON', (text: string) => text.slice(0, -20)],
    ['is empty', () => ''],
    ['lacks a field', (text: string) => text.replace('"birthday"', '"birthdate"')],
    [
      'has one letter changed',
      (text: string) => text.replace(/"text": "(.)/, '"text": "$1$1').replace(/.",\n/, '",\n'),
    ],
    ['names another address', (text: string) => text.replace('xpub6', 'xpub7')],
    ['asks for more memory than there is', (text: string) => text.replace('"N": 1024', '"N": 1073741824')],
  ])('that %s is told from one with another passphrase', async (_, damage) => {
    const file = newFile()
    await writeKeyFile(file)
    const text = readFileSync(file, 'utf8')
    expect(damage(text)).not.toBe(text)
    writeFileSync(file, damage(text))
    expect(() => readKeyFile(file)).toThrow(expect.objectContaining({ code: 'key-file-corrupt' }))
  })

  it('of a later version is told as such', async () => {
    const file = newFile()
    await writeKeyFile(file)
    writeFileSync(file, readFileSync(file, 'utf8').replace('"version": 1', '"version": 2'))
    expect(() => readKeyFile(file)).toThrow(expect.objectContaining({ code: 'key-file-newer' }))
  })

  it('whose clear part was exchanged with its checksum does not open', async () => {
    const [ours, theirs] = [newFile(), newFile()]
    await writeKeyFile(ours)
    const options = {
      file: theirs,
      name: 'eve',
      spec: loadNetwork('regtest'),
      birthday: 0,
      now: 0,
      cost: cheap,
    }
    await createKeyFile({ ...options, words: `${'zoo '.repeat(11)}wrong`, passphrase: 'eve' })
    const forged = { ...read(ours), account: read(theirs).account }
    await expect(unlockAccount(forged, 'alice', passphrase)).rejects.toMatchObject({
      code: 'passphrase-wrong',
    })
  })
})
