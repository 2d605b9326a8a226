/**
 * Builds chains and forks for tests: blocks with real work, real signatures and real commitments, on a network whose
 * work is small.
 *
 * A builder is the end of one branch; `fork` begins another at the same block. Nothing here is random: the same calls
 * give the same blocks.
 */
import { type Bytes, concatBytes } from '../bytes/index.ts'
import { blockFilterHeader } from '../chain/connect-block.ts'
import { BlockNode, CoinView, connectBlock } from '../chain/index.ts'
import { type ChainSpec, loadNetwork } from '../consensus/index.ts'
import { hash160, publicKeyFromPrivate, sha256, signEcdsa } from '../crypto/index.ts'
import { invariant } from '../errors/index.ts'
import { createEntry, type MempoolEntry } from '../mempool/index.ts'
import { createBlockTemplate, NONCE_COUNT, searchNonce } from '../mining/index.ts'
import {
  type Block,
  blockHash,
  type Coin,
  merkleRoot,
  type OutPoint,
  outpointKey,
  type Transaction,
  type TransactionOutput,
  txid,
  txids,
  virtualSize,
  ZERO_HASH,
} from '../primitives/index.ts'
import { classifyScript, p2wpkhScript, SIGHASH_ALL, SighashCache, segwitV0Sighash } from '../script/index.ts'

/** A key pair of tests, made from a name. */
export interface TestKey {
  readonly privateKey: Bytes
  readonly publicKey: Bytes
  /** The P2WPKH script that pays it. */
  readonly script: Bytes
}

/** The key pair that belongs to a name: the same for the same name. */
export function testKey(name: string): TestKey {
  const privateKey = sha256(Uint8Array.from(`chain test key ${name}`, (letter) => letter.charCodeAt(0)))
  const publicKey = publicKeyFromPrivate(privateKey)
  return { privateKey, publicKey, script: p2wpkhScript(hash160(publicKey)) }
}

/** A coin and where it is. */
export type PlacedCoin = readonly [OutPoint, Coin]

/** What a block under construction may differ in. */
export interface MineOptions {
  /** Transactions after the coinbase, valid in this order. */
  readonly transactions?: readonly Transaction[]
  /** Whom the coinbase pays; the builder's key unless given. */
  readonly script?: Bytes
  /** Header time; one spacing after the parent unless given. */
  readonly time?: number
  /** Tells apart blocks that would be the same. */
  readonly extraNonce?: number
  /** Changes the finished block before its Merkle root and work are made; the builder does not build on the result. */
  readonly spoil?: (block: Block) => Block
}

/** The end of one branch of a chain under construction, with the coins that can be spent there. */
export class ChainBuilder {
  /** The network that the blocks belong to. */
  readonly spec: ChainSpec
  /** Whom coinbases pay. */
  readonly key: TestKey
  /** The blocks of the branch after the genesis block, lowest first. */
  readonly blocks: Block[]
  #tip: BlockNode
  readonly #coins: Map<string, PlacedCoin>

  private constructor(
    spec: ChainSpec,
    key: TestKey,
    blocks: Block[],
    tip: BlockNode,
    coins: Map<string, PlacedCoin>,
  ) {
    this.spec = spec
    this.key = key
    this.blocks = blocks
    this.#tip = tip
    this.#coins = coins
  }

  /** A branch that holds only the genesis block. */
  static create(spec: ChainSpec = loadNetwork('regtest'), key: TestKey = testKey('miner')): ChainBuilder {
    const { genesis, filterCommitment } = spec.consensus
    const tip = new BlockNode(blockHash(genesis.header), genesis.header, undefined)
    if (filterCommitment) tip.filterHeader = blockFilterHeader(genesis, [], ZERO_HASH)
    return new ChainBuilder(spec, key, [], tip, new Map())
  }

  /** The last block's place in the tree. */
  get tip(): BlockNode {
    return this.#tip
  }

  /** Height of the last block; 0 at the genesis block. */
  get height(): number {
    return this.#tip.height
  }

  /** Another branch from this block on. */
  fork(): ChainBuilder {
    return new ChainBuilder(this.spec, this.key, [...this.blocks], this.#tip, new Map(this.#coins))
  }

  /** Coins of a script that can be spent in the next block, oldest first. */
  spendable(script: Bytes = this.key.script): PlacedCoin[] {
    const next = this.height + 1
    const wanted = outputKey(script)
    return [...this.#coins.values()].filter(([, coin]) => {
      const isMature = !coin.isCoinbase || next - coin.height >= this.spec.consensus.coinbaseMaturity
      return isMature && outputKey(coin.output.scriptPubKey) === wanted
    })
  }

  /** Mines the next block and moves on to it. */
  mine(options: MineOptions = {}): Block {
    const { consensus } = this.spec
    const template = createBlockTemplate({
      params: consensus,
      parent: this.#tip,
      entries: (options.transactions ?? []).map((transaction) => this.#entryOf(transaction, options)),
      script: options.script ?? this.key.script,
      now: options.time ?? this.#tip.header.time + consensus.spacing,
      extraNonce: options.extraNonce ?? 0,
    })
    const { spoil } = options
    if (spoil !== undefined) return solve(reroot(spoil(template)))
    const block = solve(
      options.time === undefined
        ? template
        : { ...template, header: { ...template.header, time: options.time } },
    )
    this.#advance(block)
    return block
  }

  /** Mines blocks without transactions. */
  mineEmpty(count: number, options: MineOptions = {}): Block[] {
    return Array.from({ length: count }, () => this.mine(options))
  }

  /**
   * A signed transaction that spends coins of `key` and pays `outputs`; what is left is the fee.
   *
   * @param options.version, options.lockTime, options.sequence - 2, 0 and final unless given
   */
  spend(
    coins: readonly PlacedCoin[],
    outputs: readonly TransactionOutput[],
    options: { key?: TestKey; version?: number; lockTime?: number; sequence?: number } = {},
  ): Transaction {
    const { key = this.key, version = 2, lockTime = 0, sequence = 0xffffffff } = options
    const inputs = coins.map(([previousOutput]) => ({
      previousOutput,
      scriptSig: new Uint8Array(),
      sequence,
      witness: [],
    }))
    const spent = coins.map(([, { output }]) => output)
    return signAll({ version, inputs, outputs, lockTime }, spent, key)
  }

  /** Follows a block that was made elsewhere; its signatures are not verified. */
  #advance(block: Block): void {
    const view = new CoinView((outpoint) => this.#coins.get(outpointKey(outpoint))?.[1])
    const { filterHeader } = connectBlock(this.spec.consensus, block, this.#tip, view)
    for (const [outpoint, coin] of view.changes()) {
      if (coin === undefined) this.#coins.delete(outpointKey(outpoint))
      else this.#coins.set(outpointKey(outpoint), [outpoint, coin])
    }
    this.#tip = new BlockNode(blockHash(block.header), block.header, this.#tip)
    this.#tip.filterHeader = filterHeader
    this.blocks.push(block)
  }

  /** The fee that a transaction pays when it is mined after those before it; 0 when its coins are not known. */
  #entryOf(transaction: Transaction, { transactions = [] }: MineOptions): MempoolEntry {
    const made = new Map(transactions.map((other) => [outputKey(txid(other)), other]))
    let fee = 0n
    for (const { previousOutput } of transaction.inputs) {
      const coin = this.#coins.get(outpointKey(previousOutput))?.[1].output
      fee += (coin ?? made.get(outputKey(previousOutput.txid))?.outputs[previousOutput.index])?.value ?? 0n
    }
    for (const { value } of transaction.outputs) fee -= value
    return createEntry(
      { transaction, fee: fee < 0n ? 0n : fee, size: virtualSize(transaction), parents: new Set() },
      { feeDelta: 0n, time: 0, height: this.height },
    )
  }
}

/** Signs every input as P2WPKH of one key, committing to all inputs and outputs. */
export function signAll(
  transaction: Transaction,
  spent: readonly TransactionOutput[],
  key: TestKey,
): Transaction {
  const cache = new SighashCache(transaction, spent)
  const inputs = transaction.inputs.map((input, index) => {
    const template = classifyScript((spent[index] as TransactionOutput).scriptPubKey)
    invariant(template.type === 'p2wpkh', 'Test keys spend P2WPKH coins.')
    const digest = segwitV0Sighash(cache, index, template.keyHash, SIGHASH_ALL)
    const signature = concatBytes(signEcdsa(digest, key.privateKey), Uint8Array.of(SIGHASH_ALL))
    return { ...input, witness: [signature, key.publicKey] }
  })
  return { ...transaction, inputs }
}

/** The block with the Merkle root that its transactions have. */
export function reroot(block: Block): Block {
  return { ...block, header: { ...block.header, merkleRoot: merkleRoot(txids(block.transactions)) } }
}

/** The block with the first nonce that meets its target. */
export function solve(block: Block): Block {
  const nonce = searchNonce(block.header, 0, NONCE_COUNT)
  invariant(nonce !== undefined, 'The work of test networks is small.')
  return { ...block, header: { ...block.header, nonce } }
}

function outputKey(bytes: Bytes): string {
  return bytes.join()
}
