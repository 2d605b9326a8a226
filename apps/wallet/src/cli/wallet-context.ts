/**
 * What every command of the wallet begins with: the network, the wallet's files, and the wallet itself.
 */
import { existsSync } from 'node:fs'
import {
  calledAs,
  loadChainSpec,
  overwriteProgress,
  printProgress,
  printResult,
  quoteWord,
  resolveDataDir,
} from '@chain/cli'
import type { ChainSpec } from '@chain/core/consensus'
import { formatHash } from '@chain/core/primitives'
import { Account } from '@chain/core/wallet'
import type { Command } from 'commander'
import { walletMissing, walletWrongNetwork } from '../errors.ts'
import { type KeyFile, readKeyFile } from '../keystore/key-file.ts'
import { unlockAccount } from '../keystore/keystore.ts'
import { Ledger } from '../light-client/ledger.ts'
import type { LightClient, SyncProgress } from '../light-client/light-client.ts'
import { parsePeerAddresses } from '../light-client/peer-addresses.ts'
import { WalletStore } from '../light-client/wallet-store.ts'
import { type WalletPaths, walletPaths } from '../wallet-directory.ts'
import { askPassphrase, givenPassphrase } from './passphrase.ts'
import type { Surroundings } from './surroundings.ts'

/** Options that every command has. */
export interface GlobalOptions {
  readonly network: string
  readonly datadir?: string
  readonly wallet: string
  readonly peer: readonly string[]
  readonly passphraseFile?: string
  readonly json?: boolean
}

/** A wallet whose key file was read. */
export interface OpenWallet {
  readonly keyFile: KeyFile
  /** Without private keys, unless a passphrase was given. */
  readonly account: Account
  /** The account with its private keys; asks for the passphrase where none was given. */
  readonly unlock: () => Promise<Account>
}

export class WalletContext {
  readonly options: GlobalOptions
  readonly surroundings: Surroundings
  readonly spec: ChainSpec
  readonly dataDir: string
  /** Name of the wallet. */
  readonly name: string
  readonly paths: WalletPaths

  /** @param name - the wallet's, where it is not the one of `--wallet` */
  constructor(command: Command, surroundings: Surroundings, name?: string) {
    this.options = command.optsWithGlobals<GlobalOptions>()
    this.surroundings = surroundings
    this.spec = loadChainSpec(this.options.network)
    const { datadir: directory } = this.options
    const { environment } = surroundings
    this.dataDir = resolveDataDir({ directory, network: this.spec.name, environment })
    this.name = name ?? this.options.wallet
    this.paths = walletPaths(this.dataDir, this.name)
  }

  /** The passphrase that was given without a question. */
  givenPassphrase(): string | undefined {
    return givenPassphrase(this.options.passphraseFile, this.surroundings)
  }

  /**
   * Reads the key file. A passphrase that was given is checked even where none is needed.
   *
   * @throws {OperationalError} `wallet-missing`, `wallet-wrong-network`, `key-file-*`, `passphrase-wrong`
   */
  async openWallet(): Promise<OpenWallet> {
    const keyFile = readKeyFile(this.paths.keyFile)
    if (keyFile === undefined) throw walletMissing(this.name, this.spec.name, this.commandLine('create'))
    if (keyFile.network.specId !== this.spec.id) {
      throw walletWrongNetwork(this.name, keyFile.network.name, this.spec.name)
    }
    const passphrase = this.givenPassphrase()
    if (passphrase !== undefined) {
      const account = await unlockAccount(keyFile, this.name, passphrase)
      return { keyFile, account, unlock: () => Promise.resolve(account) }
    }
    const account = Account.fromExtendedPublicKey(keyFile.account.extendedPublicKey)
    const unlock = async (): Promise<Account> =>
      unlockAccount(keyFile, this.name, await askPassphrase(this.name, this.surroundings))
    return { keyFile, account, unlock }
  }

  /** What the last run knew of the wallet's coins and addresses, without asking anybody. */
  openLedger(account: Account): Ledger {
    const ledger = new Ledger(account, this.spec.consensus.coinbaseMaturity)
    if (!existsSync(this.paths.database)) return ledger
    const identity = { specId: this.spec.id, account: account.extendedPublicKey }
    const store = WalletStore.open(this.paths.database, identity)
    try {
      ledger.load(store.readEntries())
    } finally {
      store.close()
    }
    return ledger
  }

  /**
   * Opens the light client, brings it up to date, and closes it when `work` is done.
   *
   * @param options.resend - `false` where a waiting payment is about to be given up
   */
  async withSyncedClient<Result>(
    { keyFile, account }: OpenWallet,
    work: (client: LightClient) => Promise<Result>,
    options: { readonly resend?: boolean } = {},
  ): Promise<Result> {
    const { now } = this.surroundings
    const peers = parsePeerAddresses(this.options.peer)
    // libp2p takes half of the program's start, which commands that ask nobody need not wait for.
    const { LightClient } = await import('../light-client/light-client.ts')
    const client = await LightClient.open({
      directory: this.paths.directory,
      database: this.paths.database,
      spec: this.spec,
      account,
      birthday: keyFile.birthday,
      peers,
      now,
      report: (sentence) => printProgress(sentence, this.surroundings),
    })
    try {
      await this.#follow(client, options)
      return await work(client)
    } finally {
      await client.close()
    }
  }

  /** Prints the one result of a command. @param text - for people; lines without the last line break */
  print(value: unknown, text: string): void {
    printResult(this.options.json === true, value, text, this.surroundings)
  }

  /** Writes a sentence beside the result. */
  warn(sentence: string): void {
    printProgress(sentence, this.surroundings)
  }

  async #follow(client: LightClient, options: { readonly resend?: boolean }): Promise<void> {
    try {
      await client.sync(this.#progress(), options)
    } finally {
      // What comes next begins at the beginning of the line.
      this.#show('')
    }
    for (const { txid, code, sentence } of client.refusals) {
      const notice = `The payment ${formatHash(txid)} waits, and every peer refuses it (${code}): ${sentence}`
      this.warn(notice)
    }
  }

  #progress(): SyncProgress {
    return {
      headers: (height) => this.#show(`headers ${height}`),
      blocks: (height, target) => this.#show(`blocks ${height} of ${target}`),
    }
  }

  #show(progress: string): void {
    const { surroundings } = this
    if (surroundings.showsProgress) overwriteProgress(progress, surroundings)
  }

  /** A command of this wallet, to be pasted into a shell. @param words - its name and arguments */
  commandLine(words: string): string {
    const { network, datadir } = this.options
    const directory = datadir === undefined ? '' : ` --datadir ${quoteWord(datadir)}`
    return `${calledAs('chain-wallet')} --network ${quoteWord(network)}${directory} --wallet ${this.name} ${words}`
  }
}
