/**
 * Keeps the keys of a wallet: makes the key file from words, opens it with its passphrase, changes the passphrase.
 *
 * The words are on the disk only encrypted; in memory only while they are needed.
 */
import { dirname } from 'node:path'
import { createPrivateFile, replacePrivateFile } from '@chain/cli'
import type { ChainSpec } from '@chain/core/consensus'
import { Account, accountPath, coinTypeOf } from '@chain/core/wallet'
import { makePrivateDirectory } from '@chain/storage/private-directory'
import { keyFileUnusable, passphraseWrong, walletExists } from '../errors.ts'
import { decryptSecret, defaultCost, encryptSecret, type ScryptCost } from './encryption.ts'
import { contextOf, factsOf, formatKeyFile, type KeyFacts, type KeyFile } from './key-file.ts'
import { entropyOfWords, seedOfWords, wordsOfEntropy } from './words.ts'

/** What a new key file is made of. */
export interface NewKeyFile {
  readonly file: string
  /** The wallet's name, for messages. */
  readonly name: string
  readonly spec: ChainSpec
  /** Checked words, see `parseWords`. */
  readonly words: string
  /** Not empty. */
  readonly passphrase: string
  /** Unix time before which nobody can have paid the wallet; 0 when that is not known. */
  readonly birthday: number
  /** Milliseconds since 1970. */
  readonly now: number
  /** What a guess at the passphrase costs; the default unless given. */
  readonly cost?: ScryptCost
}

/**
 * Writes a new key file and returns the wallet's account, without private keys.
 *
 * @throws {OperationalError} `wallet-exists`: nothing is ever replaced; `key-file-unusable`
 */
export async function createKeyFile(options: NewKeyFile): Promise<Account> {
  const { file, name, spec, words, passphrase, cost = defaultCost } = options
  const coinType = coinTypeOf(spec)
  const { extendedPublicKey } = Account.fromSeed(await seedOfWords(words), coinType)
  const facts: KeyFacts = {
    format: 'chain-wallet-key',
    version: 1,
    network: { name: spec.name, specId: spec.id },
    createdAt: new Date(options.now).toISOString(),
    birthday: options.birthday,
    account: { path: accountPath(coinType), extendedPublicKey },
  }
  const secret = await encryptSecret(entropyOfWords(words), passphrase, contextOf(facts), cost)
  const made = attempt(file, () => {
    makePrivateDirectory(dirname(file))
    return createPrivateFile(file, formatKeyFile(facts, secret))
  })
  if (!made) throw walletExists(name, file)
  return Account.fromExtendedPublicKey(extendedPublicKey)
}

/**
 * The wallet's account with its private keys.
 *
 * @param name - the wallet's, for messages
 * @throws {OperationalError} `passphrase-wrong`
 */
export async function unlockAccount(keyFile: KeyFile, name: string, passphrase: string): Promise<Account> {
  const words = await decryptWords(keyFile, name, passphrase)
  const coinType = Number(/\/(\d+)'\/0'$/.exec(keyFile.account.path)?.[1])
  return Account.fromSeed(await seedOfWords(words), coinType)
}

/**
 * Encrypts the words under another passphrase, with new random salt and nonce.
 *
 * @throws {OperationalError} `passphrase-wrong`, `key-file-unusable`; the old file is there as it was then
 */
export async function changePassphrase(options: {
  readonly file: string
  readonly keyFile: KeyFile
  readonly name: string
  readonly passphrase: string
  readonly newPassphrase: string
  readonly cost?: ScryptCost
}): Promise<void> {
  const { file, keyFile, name, passphrase, newPassphrase, cost = defaultCost } = options
  const facts = factsOf(keyFile)
  const entropy = entropyOfWords(await decryptWords(keyFile, name, passphrase))
  const secret = await encryptSecret(entropy, newPassphrase, contextOf(facts), cost)
  attempt(file, () => replacePrivateFile(file, formatKeyFile(facts, secret)))
}

async function decryptWords(keyFile: KeyFile, name: string, passphrase: string): Promise<string> {
  const entropy = await decryptSecret(keyFile, passphrase, contextOf(keyFile))
  if (entropy === undefined) throw passphraseWrong(name)
  return wordsOfEntropy(entropy)
}

function attempt<Result>(file: string, write: () => Result): Result {
  try {
    return write()
  } catch (cause) {
    throw keyFileUnusable(file, cause)
  }
}
