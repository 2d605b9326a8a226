/**
 * The wallet's own view of the chain: the transactions that concern it, the coins that they leave, and the addresses
 * they use. All of it follows from an account and a list of transactions, in memory and without input or output.
 *
 * Not for which addresses may be the wallet's (`watched-addresses.ts`).
 */
import { type Bytes, bytesKey } from '@chain/core/bytes'
import { hash160 } from '@chain/core/crypto'
import {
  decodeTransaction,
  encodeTransaction,
  isCoinbase,
  outpointKey,
  type Transaction,
  type TransactionInput,
  type Txid,
  txid,
} from '@chain/core/primitives'
import { p2wpkhScript } from '@chain/core/script'
import type { Amount, Height, UnixTime } from '@chain/core/units'
import type { Account, KeyBranch, KeyPlace, SpendableCoin } from '@chain/core/wallet'
import { WatchedAddresses } from './watched-addresses.ts'

/** A transaction that concerns the wallet. */
export interface LedgerEntry {
  readonly transaction: Transaction
  readonly txid: Txid
  /** Where it stands in the chain; `undefined` while it waits. */
  readonly mined:
    | { readonly height: Height /** Among the block's transactions. */; readonly position: number }
    | undefined
  /** Time of its block, or when it was made. */
  readonly time: UnixTime
}

/** A coin of the wallet, spent or not. */
export interface OwnCoin extends SpendableCoin {
  /** The key that opens it. */
  readonly place: KeyPlace
}

/** A block as far as the ledger looks at it. */
export interface LedgerBlock {
  readonly height: Height
  readonly time: UnixTime
  readonly transactions: readonly Transaction[]
}

/** Amounts in base units; each coin counts in one of them. */
export interface Balance {
  /** Mined and spendable. */
  readonly confirmed: Amount
  /** Not mined yet: change of own payments, and what a reorganisation took out of the chain. */
  readonly pending: Amount
  /** Mined by the wallet's owner, and not mature yet. */
  readonly immature: Amount
}

/** One line of the wallet's history. */
export interface HistoryLine extends LedgerEntry {
  /** What the wallet gained, negative when it paid. */
  readonly amount: Amount
  /** Known when all inputs were the wallet's own. */
  readonly fee: Amount | undefined
}

/** What changed since the changes were last taken: the entry, or `undefined` when it is gone. */
export type LedgerChanges = ReadonlyMap<
  string,
  { readonly txid: Txid; readonly entry: LedgerEntry | undefined }
>

export class Ledger {
  /** Depth at which a coinbase output can be spent. */
  readonly #maturity: number
  readonly #addresses: WatchedAddresses
  /** Bounded by what the chain holds of the wallet. */
  readonly #entries = new Map<string, LedgerEntry>()
  readonly #coins = new Map<string, OwnCoin>()
  /** Outputs of entries that no watched address is known for, by script: an address may come into view later. */
  readonly #unclaimed = new Map<string, Map<string, Omit<OwnCoin, 'place'>>>()
  /** By outpoint: the entry that spends it, whoever owns it. */
  readonly #spenders = new Map<string, string>()
  #changes = new Map<string, { txid: Txid; entry: LedgerEntry | undefined }>()

  constructor(account: Account, maturity: number) {
    this.#maturity = maturity
    this.#addresses = new WatchedAddresses(account, (place, script) => this.#claimAll(place, script))
  }

  /** Takes in entries that were recorded before; they do not count as changes. */
  load(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) this.#record(entry)
    this.#changes = new Map()
  }

  /** Hands out what changed since the last call. */
  takeChanges(): LedgerChanges {
    const changes = this.#changes
    this.#changes = new Map()
    return changes
  }

  /** Takes in the next block: records what concerns the wallet, drops what the block contradicts. */
  connect(block: LedgerBlock): void {
    let found = true
    while (found) {
      found = false
      for (const [position, transaction] of block.transactions.entries()) {
        if (this.#connectTransaction(transaction, { height: block.height, position }, block.time))
          found = true
      }
    }
  }

  #connectTransaction(
    transaction: Transaction,
    mined: { height: Height; position: number },
    time: UnixTime,
  ): boolean {
    if (!this.#concerns(transaction)) return false
    const id = txid(transaction)
    const key = bytesKey(id)
    if (this.#entries.get(key)?.mined !== undefined) return false
    for (const outpoint of spentOutPoints(transaction)) {
      const spender = this.#spenders.get(outpoint)
      if (spender !== undefined && spender !== key) this.#remove(spender)
    }
    if (!this.#entries.has(key) && !this.#isOurs(transaction)) return false
    // A copy, because a decoded transaction keeps the whole block in memory that it was read from.
    const copy = decodeTransaction(encodeTransaction(transaction))
    this.#record({ transaction: copy, txid: id, mined, time })
    return true
  }

  /** Whether it pays or spends the wallet, or spends what a recorded transaction spends. */
  #concerns(transaction: Transaction): boolean {
    return (
      this.#isOurs(transaction) ||
      spentOutPoints(transaction).some((outpoint) => this.#spenders.has(outpoint))
    )
  }

  #isOurs({ inputs, outputs }: Transaction): boolean {
    return (
      outputs.some(({ scriptPubKey }) => this.#addresses.placeOf(scriptPubKey) !== undefined) ||
      inputs.some(({ previousOutput }) => this.#coins.has(outpointKey(previousOutput)))
    )
  }

  /** Takes back all blocks above a height: their transactions wait again, their coinbases are gone. */
  disconnectAbove(height: Height): void {
    const above = [...this.#entries].filter(([, { mined }]) => mined !== undefined && mined.height > height)
    for (const [key, entry] of above) {
      if (isCoinbase(entry.transaction)) this.#remove(key)
    }
    for (const [key, entry] of above) {
      if (this.#entries.has(key)) this.#record({ ...entry, mined: undefined })
    }
  }

  /** Records a transaction that waits to be mined; its coins can be spent at once when all it spends is the wallet's. */
  addPending(transaction: Transaction, time: UnixTime): void {
    this.#record({ transaction, txid: txid(transaction), mined: undefined, time })
  }

  /** Records a transaction that waits in place of one that it can never be mined together with. */
  replacePending(replaced: Txid, transaction: Transaction, time: UnixTime): void {
    this.removePending(replaced)
    this.addPending(transaction, time)
  }

  /** Forgets a waiting transaction and all that build on it. */
  removePending(id: Txid): void {
    if (this.#entries.get(bytesKey(id))?.mined === undefined) this.#remove(bytesKey(id))
  }

  /** A recorded transaction. */
  find(id: Txid): LedgerEntry | undefined {
    return this.#entries.get(bytesKey(id))
  }

  /** Recorded transactions that spend an output of another, and all that build on them in turn. */
  buildingOn({ txid: id, transaction }: LedgerEntry): LedgerEntry[] {
    const found = new Map<string, LedgerEntry>()
    for (const index of transaction.outputs.keys()) {
      const entry = this.#entries.get(this.#spenders.get(outpointKey({ txid: id, index })) ?? '')
      if (entry === undefined) continue
      for (const one of [entry, ...this.buildingOn(entry)]) found.set(bytesKey(one.txid), one)
    }
    return [...found.values()]
  }

  /** The wallet's own coins that a transaction spends; `undefined` when it spends those of others too. */
  coinsSpentBy({ inputs }: Transaction): OwnCoin[] | undefined {
    const coins = inputs.map(({ previousOutput }) => this.#coins.get(outpointKey(previousOutput)))
    return coins.every((coin) => coin !== undefined) ? coins : undefined
  }

  /** Transactions that wait to be mined, each after those whose outputs it spends. */
  pending(): LedgerEntry[] {
    const waiting = new Set(
      [...this.#entries].filter(([, { mined }]) => mined === undefined).map(([key]) => key),
    )
    const sorted = new Set<string>()
    const place = (key: string): void => {
      if (!waiting.delete(key)) return
      const { inputs } = (this.#entries.get(key) as LedgerEntry).transaction
      for (const { previousOutput } of inputs) place(bytesKey(previousOutput.txid))
      sorted.add(key)
    }
    for (const key of [...waiting]) place(key)
    return [...sorted].map((key) => this.#entries.get(key) as LedgerEntry)
  }

  /** Coins that can be spent in the block after `tip`: those that are mined. */
  confirmedCoins(tip: Height): OwnCoin[] {
    return this.#unspent().filter((coin) => {
      const entry = this.#entryOf(coin)
      return entry.mined !== undefined && !this.#isImmature(entry, tip)
    })
  }

  /** Coins that can be spent although they wait to be mined: change of own payments. */
  pendingCoins(): OwnCoin[] {
    return this.#unspent().filter((coin) => {
      const entry = this.#entryOf(coin)
      return entry.mined === undefined && this.#ownInputs(entry) !== undefined
    })
  }

  /** @param script - only the coins of this output script; all coins unless given */
  balance(tip: Height, script?: Bytes): Balance {
    const sums = { confirmed: 0n, pending: 0n, immature: 0n }
    for (const coin of this.#unspent()) {
      if (script !== undefined && bytesKey(coin.output.scriptPubKey) !== bytesKey(script)) continue
      const entry = this.#entryOf(coin)
      if (entry.mined === undefined) sums.pending += coin.output.value
      else if (this.#isImmature(entry, tip)) sums.immature += coin.output.value
      else sums.confirmed += coin.output.value
    }
    return sums
  }

  /** Every recorded transaction, waiting ones first, then the newest first. */
  history(): HistoryLine[] {
    return [...this.#entries.values()]
      .sort(compareEntries)
      .reverse()
      .map((entry) => {
        const spent = this.#spentValue(entry)
        const ownInputs = this.#ownInputs(entry)
        let gained = 0n
        let paid = 0n
        for (const { value, scriptPubKey } of entry.transaction.outputs) {
          paid += value
          if (this.#addresses.placeOf(scriptPubKey) !== undefined) gained += value
        }
        return {
          ...entry,
          amount: gained - spent,
          fee: ownInputs === undefined ? undefined : ownInputs - paid,
        }
      })
  }

  /** The first address of a branch that comes after all used ones. */
  nextUnused(branch: KeyBranch): KeyPlace {
    return this.#addresses.nextUnused(branch)
  }

  /** The key that opens a script, when the wallet watches it. */
  placeOf(script: Bytes): KeyPlace | undefined {
    return this.#addresses.placeOf(script)
  }

  /** How many addresses are watched; never less than before. */
  get watchedAddresses(): number {
    return this.#addresses.size
  }

  /**
   * The scripts by which block filters show what concerns the wallet: those of all watched addresses, and those of coins of
   * others that waiting transactions spend, since a block may spend them otherwise. `undefined` when one of these cannot be
   * known: then nothing less than the blocks will do.
   */
  filterScripts(): Bytes[] | undefined {
    const scripts = this.#addresses.scripts()
    for (const { transaction, mined } of this.#entries.values()) {
      if (mined !== undefined) continue
      for (const input of transaction.inputs) {
        const script = this.#spentScript(input)
        if (script === undefined) return undefined
        scripts.push(script)
      }
    }
    return scripts
  }

  /** The script of the coin that an input spends: known, or told by the witness, as that of P2WPKH is. */
  #spentScript({ previousOutput: { txid: id, index }, witness }: TransactionInput): Bytes | undefined {
    const known = this.#entries.get(bytesKey(id))?.transaction.outputs[index]?.scriptPubKey
    const publicKey = witness.length === 2 ? witness[1] : undefined
    if (known !== undefined || publicKey === undefined || !isCompressedKey(publicKey)) return known
    return p2wpkhScript(hash160(publicKey))
  }

  /** An address came into view: coins that were recorded before are the wallet's. */
  #claimAll(place: KeyPlace, script: Bytes): void {
    const key = bytesKey(script)
    const coins = this.#unclaimed.get(key)?.values() ?? []
    this.#unclaimed.delete(key)
    for (const coin of coins) this.#claim({ ...coin, place })
  }

  #claim(coin: OwnCoin): void {
    this.#coins.set(outpointKey(coin.outpoint), coin)
    this.#addresses.use(coin.place)
  }

  #record(entry: LedgerEntry): void {
    const key = bytesKey(entry.txid)
    this.#entries.set(key, entry)
    this.#changes.set(key, { txid: entry.txid, entry })
    for (const outpoint of spentOutPoints(entry.transaction)) this.#spenders.set(outpoint, key)
    for (const [index, output] of entry.transaction.outputs.entries()) {
      this.#recordOutput({ outpoint: { txid: entry.txid, index }, output })
    }
  }

  #recordOutput(coin: Omit<OwnCoin, 'place'>): void {
    const place = this.#addresses.placeOf(coin.output.scriptPubKey)
    if (place !== undefined) this.#claim({ ...coin, place })
    else {
      const script = bytesKey(coin.output.scriptPubKey)
      const unclaimed = this.#unclaimed.get(script) ?? new Map<string, Omit<OwnCoin, 'place'>>()
      this.#unclaimed.set(script, unclaimed.set(outpointKey(coin.outpoint), coin))
    }
  }

  /** Forgets an entry and all that build on it. */
  #remove(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#changes.set(key, { txid: entry.txid, entry: undefined })
    for (const outpoint of spentOutPoints(entry.transaction)) {
      if (this.#spenders.get(outpoint) === key) this.#spenders.delete(outpoint)
    }
    for (const [index, { scriptPubKey }] of entry.transaction.outputs.entries()) {
      const outpoint = outpointKey({ txid: entry.txid, index })
      this.#coins.delete(outpoint)
      this.#unclaimed.get(bytesKey(scriptPubKey))?.delete(outpoint)
      const spender = this.#spenders.get(outpoint)
      if (spender !== undefined) this.#remove(spender)
    }
  }

  #unspent(): OwnCoin[] {
    return [...this.#coins].filter(([outpoint]) => !this.#spenders.has(outpoint)).map(([, coin]) => coin)
  }

  #entryOf(coin: OwnCoin): LedgerEntry {
    return this.#entries.get(bytesKey(coin.outpoint.txid)) as LedgerEntry
  }

  /** One block longer than the rules ask for, as Bitcoin Core's wallet does: a node that is a block behind takes it too. */
  #isImmature({ transaction, mined }: LedgerEntry, tip: Height): boolean {
    return mined !== undefined && isCoinbase(transaction) && tip - mined.height < this.#maturity
  }

  #spentValue({ transaction }: LedgerEntry): Amount {
    let sum = 0n
    for (const { previousOutput } of transaction.inputs) {
      sum += this.#coins.get(outpointKey(previousOutput))?.output.value ?? 0n
    }
    return sum
  }

  /** Sum of the inputs when all of them are the wallet's own. */
  #ownInputs(entry: LedgerEntry): Amount | undefined {
    const { inputs } = entry.transaction
    const own = inputs.every(({ previousOutput }) => this.#coins.has(outpointKey(previousOutput)))
    return own ? this.#spentValue(entry) : undefined
  }
}

/** Keys of what a transaction spends: nothing in the case of a coinbase, whose one outpoint is the same in all. */
function spentOutPoints(transaction: Transaction): string[] {
  if (isCoinbase(transaction)) return []
  return transaction.inputs.map(({ previousOutput }) => outpointKey(previousOutput))
}

/** In contrast to the annex of a taproot witness. */
function isCompressedKey(bytes: Bytes): boolean {
  return bytes.length === 33 && (bytes[0] === 2 || bytes[0] === 3)
}

/** In the order of the chain, waiting ones last by age. */
function compareEntries(a: LedgerEntry, b: LedgerEntry): number {
  if (a.mined === undefined || b.mined === undefined) {
    if (a.mined !== b.mined) return a.mined === undefined ? 1 : -1
    return a.time - b.time
  }
  const heights = a.mined.height - b.mined.height
  return heights === 0 ? a.mined.position - b.mined.position : heights
}
