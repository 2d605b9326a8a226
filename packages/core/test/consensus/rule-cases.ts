/**
 * For every consensus rule, at least one thing that breaks this rule and no rule that is checked before it.
 *
 * A rule without a case does not compile, and fails `rules.test.ts`.
 */
import { concatBytes } from '@chain/core/bytes'
import { CoinView, connectBlock } from '@chain/core/chain'
import {
  checkInputs,
  checkTransaction,
  filterCommitmentScript,
  findFilterCommitment,
  isWorkSufficient,
  MAX_BASE_LENGTH,
  medianTimePast,
  type RuleCode,
  RuleError,
} from '@chain/core/consensus'
import { type Block, blockHash, NULL_INDEX, type Transaction, txid, ZERO_HASH } from '@chain/core/primitives'
import { p2trScript } from '@chain/core/script'
import { ChainBuilder, type MineOptions, type PlacedCoin, solve, testKey } from '@chain/core/testing'
import { MAX_AMOUNT } from '@chain/core/units'
import {
  append,
  recommit,
  withCoinbase,
  withCoinbaseScript,
  withHeader,
  withoutWitnessCommitment,
} from '../block-changes.ts'
import { FAR_FUTURE, openChain, refusedBlock } from '../chains.ts'
import { testNetwork } from '../networks.ts'
import { refusal } from '../refusal.ts'

/** Breaks one rule and returns the error. */
export type RuleCase = () => RuleError | Promise<RuleError>

const OP_TRUE = 0x51
const OP_CHECKSIG = 0xac

const spec = testNetwork()
const payee = testKey('payee').script

/** Five blocks, so that three coinbases are mature. */
const base = ChainBuilder.create(spec)
base.mineEmpty(5)
const [coin, otherCoin] = base.spendable() as [PlacedCoin, PlacedCoin]
const payment = base.spend([coin], [{ value: 10_000_000n, scriptPubKey: payee }])
const [signature, publicKey] = payment.inputs.flatMap(({ witness }) => witness) as [Uint8Array, Uint8Array]

/** The rule that `check` throws. */
function thrown(check: () => unknown): RuleError {
  const error = refusal(check)
  if (error instanceof RuleError) return error
  throw error
}

/** The rule that a block on top of the base breaks. */
function refused(options: MineOptions): Promise<RuleError> {
  return refusedBlock(spec, base.blocks, base.fork().mine(options))
}

/** The rule that a block with this transaction on top of the base breaks. */
function refusedWith(...transactions: readonly Transaction[]): Promise<RuleError> {
  return refused({ spoil: append(...transactions) })
}

/** The rule that a header on top of the base breaks. */
async function refusedHeader(options: MineOptions, clock = FAR_FUTURE): Promise<RuleError> {
  const chain = await openChain(spec, base.blocks, { clock: () => clock })
  const outcome = await chain.acceptHeaders([base.fork().mine(options).header])
  if (outcome.status === 'invalid') return outcome.error
  throw new Error(`The header was not refused but ${outcome.status}.`)
}

/** The payment with its only input changed. */
function withInput(changes: Partial<Transaction['inputs'][number]>): Transaction {
  return { ...payment, inputs: payment.inputs.map((input) => ({ ...input, ...changes })) }
}

/** The payment's signature with its last byte, the hash type, replaced. */
function withHashType(hashType: number): Transaction {
  return withInput({ witness: [concatBytes(signature.subarray(0, -1), Uint8Array.of(hashType)), publicKey] })
}

/** The rule that spending a taproot coin with this witness breaks. */
function refusedTaproot(...witness: Uint8Array[]): RuleError {
  const coins = [{ ...coin[1], output: { value: 1n, scriptPubKey: p2trScript(new Uint8Array(32)) } }]
  const transaction = { ...withInput({ witness }), outputs: [] }
  return thrown(() => checkInputs(spec.consensus, transaction, coins, base.tip))
}

/** A block of the base on which a filter commitment is asked for. */
function committedBase(): ChainBuilder {
  const builder = ChainBuilder.create(testNetwork({ filterCommitment: true }))
  builder.mineEmpty(2)
  return builder
}

/** The coinbase with another filter commitment, or with none. */
function recommitFilter(filterHeader: Uint8Array | undefined): (block: Block) => Block {
  return withCoinbase((coinbase) => {
    const rest = coinbase.outputs.filter((output) => {
      return findFilterCommitment({ ...coinbase, outputs: [output] }) === undefined
    })
    const added =
      filterHeader === undefined ? [] : [{ value: 0n, scriptPubKey: filterCommitmentScript(filterHeader) }]
    return { ...coinbase, outputs: [...rest, ...added] }
  })
}

function changedOutputs(change: (output: Transaction['outputs'][number]) => Transaction['outputs'][number]) {
  return withCoinbase((coinbase) => ({ ...coinbase, outputs: coinbase.outputs.map(change) }))
}

export const ruleCases: Record<RuleCode, Record<string, RuleCase>> = {
  'transaction-inputs-empty': {
    'no input': () => thrown(() => checkTransaction({ ...payment, inputs: [] })),
    'no input, in a block': () => refusedWith({ ...payment, inputs: [] }),
  },
  'transaction-outputs-empty': {
    'no output': () => thrown(() => checkTransaction({ ...payment, outputs: [] })),
    'no output, in a block': () => refusedWith({ ...payment, outputs: [] }),
  },
  'transaction-too-large': {
    'one byte more than a block may have without witnesses': () => {
      const scriptPubKey = new Uint8Array(MAX_BASE_LENGTH - 63)
      return thrown(() => checkTransaction({ ...payment, outputs: [{ value: 0n, scriptPubKey }] }))
    },
  },
  'transaction-output-value-out-of-range': {
    'a negative value': () =>
      thrown(() => checkTransaction({ ...payment, outputs: [{ value: -1n, scriptPubKey: payee }] })),
    'one unit above the most that is possible': () => {
      return thrown(() =>
        checkTransaction({ ...payment, outputs: [{ value: MAX_AMOUNT + 1n, scriptPubKey: payee }] }),
      )
    },
  },
  'transaction-output-sum-out-of-range': {
    'two values that overflow together': () => {
      const outputs = [MAX_AMOUNT, 1n].map((value) => ({ value, scriptPubKey: payee }))
      return thrown(() => checkTransaction({ ...payment, outputs }))
    },
  },
  'transaction-inputs-duplicate': {
    'one coin in two inputs': () => {
      return thrown(() => checkTransaction({ ...payment, inputs: [...payment.inputs, ...payment.inputs] }))
    },
    'one coin in two inputs, in a block': () =>
      refusedWith(base.spend([coin, otherCoin, coin], [{ value: 1n, scriptPubKey: payee }])),
  },
  'transaction-coinbase-script-length': {
    'one byte': () => refused({ spoil: withCoinbaseScript(new Uint8Array(1)) }),
    '101 bytes': () => refused({ spoil: withCoinbaseScript(new Uint8Array(101)) }),
  },
  'transaction-input-null': {
    'a null outpoint beside another': () => {
      const [input] = payment.inputs as [Transaction['inputs'][number]]
      const previousOutput = { txid: ZERO_HASH, index: NULL_INDEX }
      return thrown(() => checkTransaction({ ...payment, inputs: [input, { ...input, previousOutput }] }))
    },
  },
  'header-version-obsolete': {
    'version 3': () => refusedHeader({ spoil: withHeader({ version: 3 }) }),
    'a negative version': () => refusedHeader({ spoil: withHeader({ version: -1 }) }),
  },
  'header-target-wrong': {
    'a harder target than asked for': () => refusedHeader({ spoil: withHeader({ bits: 0x207ffffe }) }),
    'an easier target than asked for': () => refusedHeader({ spoil: withHeader({ bits: 0x2100ffff }) }),
    'a target that is no number': () => {
      const { header } = base.fork().mine()
      return refusedHeaderBytes({ ...header, bits: 0x20800001 })
    },
  },
  'header-work-insufficient': {
    'a hash above the target': () => {
      const { header } = base.fork().mine()
      for (let nonce = 0; ; nonce++) {
        const bad = { ...header, nonce }
        if (!isWorkSufficient(blockHash(bad), bad.bits, spec.consensus.powLimit))
          return refusedHeaderBytes(bad)
      }
    },
  },
  'header-time-too-old': {
    'the median of the blocks before': () =>
      refusedHeader({ spoil: withHeader({ time: medianTimePast(base.tip) }) }),
  },
  'header-time-too-new': {
    'two hours and a second ahead of the clock': () => {
      const clock = base.tip.header.time
      return refusedHeader({ spoil: withHeader({ time: clock + 7_201 }) }, clock)
    },
  },
  'header-branch-invalid': {
    'a header on top of an invalid block': async () => {
      const chain = await openChain(spec, base.blocks)
      const bad = base.fork().mine({ spoil: withCoinbaseScript(Uint8Array.of(1, 77)) })
      await chain.acceptBlock(bad)
      const outcome = await chain.acceptHeaders([
        solve({ ...bad, header: { ...bad.header, parent: blockHash(bad.header) } }).header,
      ])
      if (outcome.status === 'invalid') return outcome.error
      throw new Error(`The header was not refused but ${outcome.status}.`)
    },
    'the invalid block again': async () => {
      const chain = await openChain(spec, base.blocks)
      const bad = base.fork().mine({ spoil: withCoinbaseScript(Uint8Array.of(1, 77)) })
      await chain.acceptBlock(bad)
      const outcome = await chain.acceptBlock(bad)
      if (outcome.status === 'invalid') return outcome.error
      throw new Error(`The block was not refused but ${outcome.status}.`)
    },
  },
  'header-not-connected': {
    'a gap in a batch': async () => {
      const builder = base.fork()
      const [first, , third] = builder.mineEmpty(3) as [Block, Block, Block]
      const chain = await openChain(spec, base.blocks)
      const outcome = await chain.acceptHeaders([first.header, third.header])
      if (outcome.status === 'invalid') return outcome.error
      throw new Error(`The headers were not refused but ${outcome.status}.`)
    },
  },
  'block-transactions-empty': {
    'a header alone': () => refusedBlock(spec, base.blocks, { ...base.fork().mine(), transactions: [] }),
  },
  'block-merkle-root-wrong': {
    'another coinbase than the header commits to': () => {
      const block = base.fork().mine()
      const other = base.fork().mine({ extraNonce: 1 })
      return refusedBlock(spec, base.blocks, { ...block, transactions: other.transactions })
    },
  },
  'block-transactions-duplicate': {
    'the last transaction twice, with the same Merkle root': () => {
      const other = base.spend([otherCoin], [{ value: 1n, scriptPubKey: payee }])
      const block = base.fork().mine({ transactions: [payment, other] })
      const last = block.transactions.at(-1) as Transaction
      return refusedBlock(spec, base.blocks, { ...block, transactions: [...block.transactions, last] })
    },
  },
  'block-too-large': {
    'two transactions of half a block each': () => {
      const output = { value: 0n, scriptPubKey: new Uint8Array(MAX_BASE_LENGTH / 2) }
      const other = base.spend([otherCoin], [output])
      return refusedWith({ ...payment, outputs: [output] }, other)
    },
  },
  'block-coinbase-missing': {
    'only a payment': () => refused({ spoil: (block) => ({ ...block, transactions: [payment] }) }),
  },
  'block-coinbase-multiple': {
    'a second coinbase at the end': () => refused({ spoil: (block) => append(...block.transactions)(block) }),
  },
  'block-sigops-too-many': {
    'one signature operation too many in an output': () => {
      const scriptPubKey = new Uint8Array(20_001).fill(OP_CHECKSIG)
      return refused({ spoil: changedOutputs((output) => ({ ...output, scriptPubKey })) })
    },
    'one P2WPKH input beside as many operations as fit': () => {
      const scriptPubKey = new Uint8Array(20_000).fill(OP_CHECKSIG)
      const full = withCoinbase((coinbase) => ({
        ...coinbase,
        outputs: [...coinbase.outputs, { value: 0n, scriptPubKey }],
      }))
      return refused({ transactions: [payment], spoil: (block) => recommit(full(block)) })
    },
  },
  'block-coinbase-height-wrong': {
    'the height of the parent': () => refused({ spoil: withCoinbaseScript(Uint8Array.of(0x55, 0)) }),
    'the height in a longer form': () => refused({ spoil: withCoinbaseScript(Uint8Array.of(1, 6)) }),
  },
  'block-transaction-not-final': {
    'a lock time of the block height itself': () =>
      refusedWith(
        base.spend([coin], [{ value: 1n, scriptPubKey: payee }], { lockTime: 6, sequence: 0xfffffffe }),
      ),
    'a lock time of the median time past itself': () => {
      const lockTime = medianTimePast(base.tip)
      return refusedWith(
        base.spend([coin], [{ value: 1n, scriptPubKey: payee }], { lockTime, sequence: 0xfffffffe }),
      )
    },
  },
  'block-witness-commitment-wrong': {
    'a witness changed after the commitment was made': () => {
      const block = base.fork().mine({ transactions: [payment] })
      const [coinbase] = block.transactions as [Transaction]
      const changed = { ...block, transactions: [coinbase, withHashType(0x02)] }
      return refusedBlock(spec, base.blocks, changed)
    },
  },
  'block-witness-nonce-wrong': {
    'a coinbase without witness': () => refused({ spoil: withCoinbaseWitness([]) }),
    'a nonce of 31 bytes': () => refused({ spoil: withCoinbaseWitness([new Uint8Array(31)]) }),
    'two nonces': () => refused({ spoil: withCoinbaseWitness([ZERO_HASH, ZERO_HASH]) }),
  },
  'block-witness-unexpected': {
    'a payment under a coinbase without commitment': () =>
      refused({ transactions: [payment], spoil: withCoinbase(withoutWitnessCommitment) }),
    'a payment beside a coinbase without witness': () => {
      const bare = withCoinbase((coinbase) => ({
        ...withoutWitnessCommitment(coinbase),
        inputs: coinbase.inputs.map((input) => ({ ...input, witness: [] })),
      }))
      return refused({ transactions: [payment], spoil: bare })
    },
  },
  'block-weight-too-large': {
    'a witness of four million bytes': () => refusedWith(withInput({ witness: [new Uint8Array(4_000_000)] })),
  },
  'block-filter-commitment-missing': {
    'a coinbase without filter commitment': () => {
      const builder = committedBase()
      const bad = builder.fork().mine({ spoil: recommitFilter(undefined) })
      return refusedBlock(builder.spec, builder.blocks, bad)
    },
  },
  'block-filter-commitment-wrong': {
    'the filter header of another block': () => {
      const builder = committedBase()
      const { filterHeader } = builder.tip.ancestor(1)
      const bad = builder.fork().mine({ spoil: recommitFilter(filterHeader) })
      return refusedBlock(builder.spec, builder.blocks, bad)
    },
  },
  'transaction-duplicates-unspent': {
    // No block of these networks gets here: BIP34 makes coinbases differ from the first block on. The rule guards
    // chain specs whose genesis block could be repeated.
    'a coinbase whose outputs are unspent': () => {
      const block = base.fork().mine()
      const id = txid(block.transactions[0] as Transaction)
      const view = new CoinView((outpoint) => (outpoint.index === 0 ? coin[1] : undefined))
      view.add({ txid: id, index: 0 }, coin[1])
      return thrown(() => connectBlock(spec.consensus, block, base.tip, view))
    },
  },
  'input-coin-missing': {
    'a coin that never was': () => refusedWith(withInput({ previousOutput: { txid: ZERO_HASH, index: 0 } })),
    'a coin that the same block spends already': () =>
      refusedWith(payment, base.spend([coin], [{ value: 1n, scriptPubKey: payee }])),
    'a coin that a later transaction of the block makes': () => {
      const child = base.spend([madeBy(payment)], [{ value: 1n, scriptPubKey: payee }], {
        key: testKey('payee'),
      })
      return refusedWith(child, payment)
    },
    'an output that carries data': () => {
      const data = base.spend([coin], [{ value: 1n, scriptPubKey: Uint8Array.of(0x6a, 0) }])
      return refusedWith(data, withInput({ previousOutput: madeBy(data)[0] }))
    },
  },
  'input-coinbase-immature': {
    'a coinbase one block too early': () => {
      const young = madeBy(base.blocks.at(-1)?.transactions[0] as Transaction)
      return refusedWith(base.spend([young], [{ value: 1n, scriptPubKey: payee }]))
    },
  },
  'input-value-out-of-range': {
    'coins that overflow together': () => {
      const transaction = base.spend([coin, otherCoin], [{ value: 1n, scriptPubKey: payee }])
      const rich = { ...coin[1], output: { ...coin[1].output, value: MAX_AMOUNT } }
      return thrown(() => checkInputs(spec.consensus, transaction, [rich, rich], base.tip))
    },
  },
  'transaction-pays-too-much': {
    'one unit more than it spends': () => {
      const value = coin[1].output.value + 1n
      return refusedWith(base.spend([coin], [{ value, scriptPubKey: payee }]))
    },
  },
  'transaction-sequence-locked': {
    'one block too early': () => {
      const sequence = 6 - coin[1].height + 1
      return refusedWith(base.spend([coin], [{ value: 1n, scriptPubKey: payee }], { sequence }))
    },
    '512 seconds too early': () => {
      const since = medianTimePast(base.tip) - medianTimePast(base.tip.ancestor(coin[1].height - 1))
      const sequence = (1 << 22) | (Math.floor(since / 512) + 1)
      return refusedWith(base.spend([coin], [{ value: 1n, scriptPubKey: payee }], { sequence }))
    },
  },
  'input-script-sig-not-empty': {
    'a script beside the witness': () => refusedWith(withInput({ scriptSig: Uint8Array.of(0) })),
  },
  'input-coin-unspendable': {
    'a coin that anybody could spend under Bitcoin': () => {
      const open = base.spend([coin], [{ value: 1_000n, scriptPubKey: Uint8Array.of(OP_TRUE) }])
      const [outpoint] = madeBy(open)
      return refusedWith(open, {
        version: 2,
        inputs: [{ previousOutput: outpoint, scriptSig: new Uint8Array(), sequence: 0, witness: [] }],
        outputs: [{ value: 1n, scriptPubKey: payee }],
        lockTime: 0,
      })
    },
  },
  'input-witness-malformed': {
    'no witness': () => refused({ spoil: append(withInput({ witness: [] })) }),
    'no public key': () => refusedWith(withInput({ witness: [signature] })),
    'an empty signature': () => refusedWith(withInput({ witness: [new Uint8Array(), publicKey] })),
    'one item too many': () => refusedWith(withInput({ witness: [signature, publicKey, new Uint8Array()] })),
    'a public key that is not compressed': () => {
      return refusedWith(withInput({ witness: [signature, new Uint8Array(65).fill(4)] }))
    },
    'a taproot witness without signature': () => refusedTaproot(),
    'a taproot signature of 66 bytes': () => refusedTaproot(new Uint8Array(66)),
    'a taproot script path': () =>
      refusedTaproot(Uint8Array.of(OP_TRUE), concatBytes(Uint8Array.of(0xc0), new Uint8Array(32))),
    'a second item of a taproot witness that is no annex': () =>
      refusedTaproot(new Uint8Array(64), Uint8Array.of(0x51)),
    'two items beside a taproot annex': () =>
      refusedTaproot(new Uint8Array(64), new Uint8Array(64), Uint8Array.of(0x50)),
  },
  'input-key-mismatch': {
    'the public key of somebody else': () => {
      return refusedWith(withInput({ witness: [signature, testKey('thief').publicKey] }))
    },
  },
  'input-hash-type-unknown': {
    'hash type 0': () => refusedWith(withHashType(0x00)),
    'hash type 4': () => refusedWith(withHashType(0x04)),
    'hash type 65': () => refusedWith(withHashType(0x41)),
    'a taproot hash type that is not defined': () => refusedTaproot(new Uint8Array(65).fill(0x04)),
    "taproot's default hash type spelled out": () => refusedTaproot(new Uint8Array(65)),
    'a taproot signature of an output that is not there': () => refusedTaproot(new Uint8Array(65).fill(0x03)),
  },
  'input-signature-invalid': {
    'a signature of another transaction': () =>
      refusedWith({ ...payment, outputs: [{ value: 9_000_000n, scriptPubKey: payee }] }),
    'a signature of another hash type': () => refusedWith(withHashType(0x81)),
  },
  'block-coinbase-pays-too-much': {
    'one unit more than subsidy and fees': () => {
      return refused({ spoil: changedOutputs((output) => ({ ...output, value: output.value + 1n })) })
    },
    'a fee that nobody paid': () =>
      refused({
        transactions: [payment],
        spoil: (block) =>
          recommit(changedOutputs((output) => ({ ...output, value: output.value + 1n }))(block)),
      }),
  },
}

/** The rule that this very header breaks. */
async function refusedHeaderBytes(header: Block['header']): Promise<RuleError> {
  const chain = await openChain(spec, base.blocks)
  const outcome = await chain.acceptHeaders([header])
  if (outcome.status === 'invalid') return outcome.error
  throw new Error(`The header was not refused but ${outcome.status}.`)
}

function withCoinbaseWitness(witness: readonly Uint8Array[]): (block: Block) => Block {
  return withCoinbase((coinbase) => ({
    ...coinbase,
    inputs: coinbase.inputs.map((input) => ({ ...input, witness })),
  }))
}

/** The first output of a transaction that is still to be mined, as a coin of the block after the base. */
function madeBy(transaction: Transaction): PlacedCoin {
  const [output] = transaction.outputs as [Transaction['outputs'][number]]
  return [
    { txid: txid(transaction), index: 0 },
    { output, height: 6, isCoinbase: false },
  ]
}
