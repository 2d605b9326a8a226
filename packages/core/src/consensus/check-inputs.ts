/**
 * The rules of a transaction's inputs, given the coins they spend: amounts, maturity, relative locks, and the form of
 * each witness. Signatures are not verified here; they are returned as data.
 *
 * Source: Bitcoin Core, `CheckTxInputs`; BIP68, BIP141, BIP143, BIP341; docs/protocol/consensus.md#coins
 */
import { type Bytes, equalBytes } from '../bytes/index.ts'
import { hash160, isCompressedPublicKey } from '../crypto/index.ts'
import { invariant } from '../errors/index.ts'
import {
  type Coin,
  formatHash,
  formatOutPoint,
  type Transaction,
  type TransactionInput,
  type TransactionOutput,
  txid,
} from '../primitives/index.ts'
import {
  classifyScript,
  SIGHASH_ANYONECANPAY,
  SIGHASH_DEFAULT,
  SighashCache,
  segwitV0Sighash,
  taprootSighash,
} from '../script/index.ts'
import { type Amount, isAmountInRange } from '../units/index.ts'
import type { HeaderNode } from './header-node.ts'
import { areSequencesFinal } from './lock-time.ts'
import type { ConsensusParams } from './params.ts'
import { RuleError } from './rules.ts'
import type { SignatureCheck } from './signature-check.ts'

/** What checking the inputs of a transaction yields: its fee, and the signatures that are still to be checked. */
export interface InputsResult {
  /** Inputs less outputs, in base units. */
  readonly fee: Amount
  /** Signatures that must be right, in the order of the inputs. */
  readonly checks: readonly SignatureCheck[]
}

/**
 * Checks the inputs of a transaction, no coinbase, for the block after `parent`.
 *
 * @param coins - what the inputs spend, in their order
 * @throws {RuleError} `input-*`, `transaction-pays-too-much`, `transaction-sequence-locked`
 */
export function checkInputs(
  params: ConsensusParams,
  transaction: Transaction,
  coins: readonly Coin[],
  parent: HeaderNode,
): InputsResult {
  invariant(coins.length === transaction.inputs.length, 'There is one coin for each input.')
  checkMaturity(params, transaction, coins, parent.height + 1)
  const fee = computeFee(transaction, coins)
  const heights = coins.map(({ height }) => height)
  if (!areSequencesFinal(transaction, heights, parent)) {
    throw new RuleError('transaction-sequence-locked', { txid: formatHash(txid(transaction)) })
  }
  const spent = coins.map(({ output }) => output)
  const cache = new SighashCache(transaction, spent)
  const checks = transaction.inputs.map((_, index) => checkWitness(cache, index))
  return { fee, checks }
}

function checkMaturity(
  params: ConsensusParams,
  transaction: Transaction,
  coins: readonly Coin[],
  height: number,
): void {
  const maturity = params.coinbaseMaturity
  transaction.inputs.forEach(({ previousOutput }, index) => {
    const coin = coins[index] as Coin
    const depth = height - coin.height
    if (coin.isCoinbase && depth < maturity) {
      throw new RuleError('input-coinbase-immature', {
        outpoint: formatOutPoint(previousOutput),
        depth,
        maturity,
      })
    }
  })
}

function computeFee(transaction: Transaction, coins: readonly Coin[]): Amount {
  let inputs = 0n
  for (const { output } of coins) {
    inputs += output.value
    if (!isAmountInRange(inputs)) throw new RuleError('input-value-out-of-range', { sum: inputs })
  }
  let outputs = 0n
  for (const { value } of transaction.outputs) outputs += value
  if (outputs > inputs) throw new RuleError('transaction-pays-too-much', { inputs, outputs })
  return inputs - outputs
}

function checkWitness(cache: SighashCache, index: number): SignatureCheck {
  const input = cache.transaction.inputs[index] as TransactionInput
  const { scriptPubKey } = cache.spent[index] as TransactionOutput
  const template = classifyScript(scriptPubKey)
  if (template.type !== 'p2wpkh' && template.type !== 'p2tr')
    throw new RuleError('input-coin-unspendable', { index })
  if (input.scriptSig.length !== 0) throw new RuleError('input-script-sig-not-empty', { index })
  return template.type === 'p2wpkh'
    ? checkKeyHashWitness(cache, index, template.keyHash)
    : checkTaprootWitness(cache, index, template.outputKey)
}

/** Witness `signature publicKey`. Source: BIP141, "P2WPKH"; only compressed keys and defined hash types are allowed. */
function checkKeyHashWitness(cache: SighashCache, index: number, keyHash: Bytes): SignatureCheck {
  const { witness } = cache.transaction.inputs[index] as TransactionInput
  const [signature, publicKey] = witness
  if (
    witness.length !== 2 ||
    signature === undefined ||
    publicKey === undefined ||
    signature.length === 0 ||
    !isCompressedPublicKey(publicKey)
  ) {
    throw new RuleError('input-witness-malformed', { index })
  }
  if (!equalBytes(hash160(publicKey), keyHash)) throw new RuleError('input-key-mismatch', { index })
  const hashType = signature[signature.length - 1] as number
  const base = hashType & ~SIGHASH_ANYONECANPAY
  if (base < 1 || base > 3) throw new RuleError('input-hash-type-unknown', { index, hashType })
  const digest = segwitV0Sighash(cache, index, keyHash, hashType)
  return {
    algorithm: 'ecdsa',
    digest,
    publicKey,
    signature: signature.subarray(0, -1),
    txid: txid(cache.transaction),
    inputIndex: index,
  }
}

/** First byte of an annex. Source: BIP341. */
const ANNEX_TAG = 0x50

/** Witness `signature [annex]`: the key path. Source: BIP341, "Script validation rules". */
function checkTaprootWitness(cache: SighashCache, index: number, outputKey: Bytes): SignatureCheck {
  const { witness } = cache.transaction.inputs[index] as TransactionInput
  const [signature, second] = witness
  const annex = second?.[0] === ANNEX_TAG ? second : undefined
  const items = annex === undefined ? 1 : 2
  if (witness.length !== items || (signature?.length !== 64 && signature?.length !== 65)) {
    throw new RuleError('input-witness-malformed', { index })
  }
  const hashType = signature[64] ?? SIGHASH_DEFAULT
  const explicitDefault = signature.length === 65 && hashType === SIGHASH_DEFAULT
  const digest = explicitDefault ? undefined : taprootSighash(cache, index, hashType, annex)
  if (digest === undefined) throw new RuleError('input-hash-type-unknown', { index, hashType })
  return {
    algorithm: 'schnorr',
    digest,
    publicKey: outputKey,
    signature: signature.subarray(0, 64),
    txid: txid(cache.transaction),
    inputIndex: index,
  }
}
