/**
 * A light client: follows the chain on its own account and keeps the transactions of one wallet.
 *
 * It checks headers, blocks and their connection itself and believes no peer; it does not know the coins of others, so
 * a chain with the most work that breaks rules about coins would fool it, as it would any client that is no full node.
 */
import { randomBytes } from 'node:crypto'
import { bytesKey } from '@chain/core/bytes'
import { ChainManager } from '@chain/core/chain'
import { type ChainSpec, inlineVerifier } from '@chain/core/consensus'
import type { Transaction, Txid } from '@chain/core/primitives'
import type { Height, UnixTime } from '@chain/core/units'
import type { Account } from '@chain/core/wallet'
import { type DataStore, openStore } from '@chain/storage'
import { protocolVersion, type Status } from '@chain/wire'
import type { Multiaddr } from '@multiformats/multiaddr'
import { agent } from '../version.ts'
import { followHeaders, type HeaderProgress } from './follow-headers.ts'
import { Ledger } from './ledger.ts'
import { LightPeers } from './light-peers.ts'
import { type ScanProgress, scanChain } from './scan.ts'
import { submitPayment, type Verdict } from './submit-payment.ts'
import { WalletStore } from './wallet-store.ts'

/** What a light client is made of. */
export interface LightClientOptions {
  /** The wallet's directory, which is locked while the client is open. */
  readonly directory: string
  /** File of the wallet's transactions. */
  readonly database: string
  readonly spec: ChainSpec
  /** With or without private keys: none are needed. */
  readonly account: Account
  /** Blocks well before this Unix time are not looked at. */
  readonly birthday: UnixTime
  /** The only peers to ask; those known before and the bootnodes when there are none. */
  readonly peers: readonly Multiaddr[]
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Told in sentences of what was repaired. */
  readonly report: (sentence: string) => void
}

/** Told how far a synchronisation has come. */
export interface SyncProgress {
  readonly headers: HeaderProgress
  readonly blocks: ScanProgress
}

/** A waiting payment that every peer refuses. */
export interface Refusal {
  readonly txid: Txid
  /** The rule that the first peer named, and its sentence. */
  readonly code: string
  readonly sentence: string
}

export class LightClient {
  readonly ledger: Ledger
  readonly #options: LightClientOptions
  readonly #chain: ChainManager
  readonly #dataStore: DataStore
  readonly #walletStore: WalletStore
  /** By the key of its id: what the first peer said of a waiting payment that all of them refused. */
  readonly #refusals = new Map<string, Refusal>()
  #peers: LightPeers | undefined

  private constructor(
    options: LightClientOptions,
    dataStore: DataStore,
    walletStore: WalletStore,
    chain: ChainManager,
  ) {
    this.#options = options
    this.#chain = chain
    this.#dataStore = dataStore
    this.#walletStore = walletStore
    this.ledger = new Ledger(options.account, options.spec.consensus.coinbaseMaturity)
    this.ledger.load(walletStore.readEntries())
  }

  /**
   * Opens what the last run knew.
   *
   * @throws {OperationalError} `data-dir-locked`, `store-*`, `wallet-db-*`
   */
  static async open(options: LightClientOptions): Promise<LightClient> {
    const { directory, database, spec, account, now, report } = options
    const dataStore = await openStore({ directory, specId: spec.id, report })
    let walletStore: WalletStore | undefined
    try {
      walletStore = WalletStore.open(database, { specId: spec.id, account: account.extendedPublicKey })
      const chain = await ChainManager.open(spec, {
        store: dataStore.chainStore,
        verifier: inlineVerifier,
        clock: () => Math.floor(now() / 1_000),
      })
      return new LightClient(options, dataStore, walletStore, chain)
    } catch (error) {
      walletStore?.close()
      await dataStore.close()
      throw error
    }
  }

  /** Height of the best header chain; after {@link sync} the ledger has seen all of it. */
  get height(): Height {
    return this.#chain.bestHeader.height
  }

  /** Waiting payments that nobody took when {@link sync} sent them again. */
  get refusals(): readonly Refusal[] {
    return [...this.#refusals.values()]
  }

  /**
   * Connects to peers, follows the best chain to its end, and sends waiting transactions again.
   *
   * @param options.resend - `false` where a waiting transaction is about to be given up
   * @throws {OperationalError} `peers-unknown`, `peers-unreachable`, `peers-failed`, `chain-unusable`
   */
  async sync(progress: SyncProgress, { resend = true }: { readonly resend?: boolean } = {}): Promise<void> {
    const peers = await this.#connect()
    await followHeaders(this.#chain, peers, progress.headers)
    const modules = { chain: this.#chain, peers, ledger: this.ledger, store: this.#walletStore }
    await scanChain(modules, this.#options.birthday, progress.blocks)
    if (resend) await this.#resend(peers)
  }

  /** A node that was restarted has forgotten them. A payment that peers refuse stays: the chain decides. */
  async #resend(peers: LightPeers): Promise<void> {
    for (const { transaction, txid } of this.ledger.pending()) {
      const verdicts = await submitPayment(peers, this.#options.spec.id, transaction)
      const [first] = verdicts
      if (first?.status !== 'refused' || verdicts.some(({ status }) => status !== 'refused')) continue
      this.#refusals.set(bytesKey(txid), { txid, code: first.code, sentence: first.sentence })
    }
  }

  /** Records a payment as waiting, before anybody hears of it, so that its coins are not spent twice. */
  recordPending(transaction: Transaction): void {
    this.ledger.addPending(transaction, Math.floor(this.#options.now() / 1_000))
    this.#walletStore.write(this.ledger.takeChanges())
  }

  /** Records a payment as waiting in place of one that it can never be mined together with. */
  replacePending(replaced: Txid, transaction: Transaction): void {
    this.ledger.replacePending(replaced, transaction, Math.floor(this.#options.now() / 1_000))
    this.#walletStore.write(this.ledger.takeChanges())
  }

  /** Forgets a payment that nobody has seen or that the user gave up, and all that build on it. */
  forgetPending(txid: Txid): void {
    this.ledger.removePending(txid)
    this.#walletStore.write(this.ledger.takeChanges())
  }

  /** Hands a transaction to all connected peers. */
  async submit(transaction: Transaction): Promise<Verdict[]> {
    return submitPayment(await this.#connect(), this.#options.spec.id, transaction)
  }

  /** Parts from all peers, writes what is to be written and frees the directory. */
  async close(): Promise<void> {
    await this.#peers?.close()
    this.#walletStore.close()
    await this.#dataStore.close()
  }

  async #connect(): Promise<LightPeers> {
    const { spec, peers, now } = this.#options
    this.#peers ??= await LightPeers.connect({
      spec,
      named: peers,
      memory: this.#dataStore.knownPeers,
      ownStatus: this.#statusMaker(),
      now,
    })
    return this.#peers
  }

  /** A wallet has no blocks to give: it says so by standing at the genesis block and offering no service. */
  #statusMaker(): () => Status {
    const { hash, chainWork } = this.#chain.genesis
    const nonce = new Uint8Array(randomBytes(8))
    return () => ({
      protocolVersion,
      agent,
      genesis: hash,
      tip: hash,
      height: 0,
      work: chainWork,
      services: 0,
      time: Math.floor(this.#options.now() / 1_000),
      nonce,
    })
  }
}
