import { concatBytes } from '@chain/core/bytes'
import { checkInputs, inlineVerifier, verifySignature } from '@chain/core/consensus'
import { signEcdsa, signSchnorr, tweakPrivateKey, xOnlyPublicKey } from '@chain/core/crypto'
import { InvariantError } from '@chain/core/errors'
import { type Coin, type Transaction, type TransactionOutput, txid } from '@chain/core/primitives'
import {
  p2trScript,
  SIGHASH_ALL,
  SIGHASH_ANYONECANPAY,
  SIGHASH_NONE,
  SIGHASH_SINGLE,
  SighashCache,
  segwitV0Sighash,
  taprootSighash,
} from '@chain/core/script'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { acceptAll, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()
const base = ChainBuilder.create(spec)
base.mineEmpty(4)
const key = testKey('taproot')
const secret = tweakPrivateKey(key.privateKey)
const script = p2trScript(xOnlyPublicKey(secret))
const hashTypes = [SIGHASH_ALL, SIGHASH_NONE, SIGHASH_SINGLE].flatMap((type) => [
  type,
  type | SIGHASH_ANYONECANPAY,
])

/** A transaction of one input that spends `output`, without its witness. */
function unsigned(outpointOf: Transaction): Transaction {
  const previousOutput = { txid: txid(outpointOf), index: 0 }
  return {
    version: 2,
    inputs: [{ previousOutput, scriptSig: new Uint8Array(), sequence: 0xffffffff, witness: [] }],
    outputs: [{ value: 1_000n, scriptPubKey: key.script }],
    lockTime: 0,
  }
}

function withWitness(transaction: Transaction, witness: readonly Uint8Array[]): Transaction {
  return { ...transaction, inputs: transaction.inputs.map((input) => ({ ...input, witness })) }
}

/** A taproot signature in a witness, with an annex or none. */
function signTaproot(
  transaction: Transaction,
  output: TransactionOutput,
  type: number,
  annex?: Uint8Array,
): Transaction {
  const digest = taprootSighash(new SighashCache(transaction, [output]), 0, type, annex) as Uint8Array
  const bare = signSchnorr(digest, secret)
  const signature = type === 0 ? bare : concatBytes(bare, Uint8Array.of(type))
  return withWitness(transaction, annex === undefined ? [signature] : [signature, annex])
}

function verdict(transaction: Transaction, output: TransactionOutput): boolean[] {
  const coin: Coin = { output, height: 1, isCoinbase: false }
  return checkInputs(spec.consensus, transaction, [coin], base.tip).checks.map(verifySignature)
}

describe('a taproot coin', () => {
  const [coin] = base.spendable() as [PlacedCoin]
  const made = base.spend([coin], [{ value: 5_000n, scriptPubKey: script }])
  const output = made.outputs[0] as TransactionOutput
  const bare = unsigned(made)

  test.each([0, ...hashTypes])('is spent with a signature of hash type %i', (type) => {
    expect(verdict(signTaproot(bare, output, type), output)).toEqual([true])
  })

  test('is spent with an annex that the signature covers', () => {
    const signed = signTaproot(bare, output, 0, Uint8Array.of(0x50, 1))
    expect(verdict(signed, output)).toEqual([true])
    const [signature] = signed.inputs[0]?.witness ?? []
    expect(verdict(withWitness(bare, [signature as Uint8Array, Uint8Array.of(0x50, 2)]), output)).toEqual([
      false,
    ])
    expect(verdict(withWitness(bare, [signature as Uint8Array]), output)).toEqual([false])
  })

  test('is not spent with the key that was not tweaked', () => {
    const digest = taprootSighash(new SighashCache(bare, [output]), 0, 0) as Uint8Array
    expect(verdict(withWitness(bare, [signSchnorr(digest, key.privateKey)]), output)).toEqual([false])
  })

  test('is made and spent on a chain', async () => {
    const builder = base.fork()
    builder.mine({ transactions: [made] })
    builder.mine({ transactions: [signTaproot(bare, output, SIGHASH_ALL)] })
    const chain = await openChain(spec)
    expect(await acceptAll(chain, builder.blocks)).toEqual(new Array(6).fill('connected'))
  })
})

describe('a P2WPKH coin', () => {
  const [coin] = base.spendable() as [PlacedCoin]
  const { output } = coin[1]
  const bare = { ...unsigned(base.blocks[0]?.transactions[0] as Transaction) }

  test.each(hashTypes)('is spent with a signature of hash type %i', (type) => {
    const keyHash = output.scriptPubKey.subarray(2)
    const digest = segwitV0Sighash(new SighashCache(bare, [output]), 0, keyHash, type)
    const signature = concatBytes(signEcdsa(digest, base.key.privateKey), Uint8Array.of(type))
    expect(verdict(withWitness(bare, [signature, base.key.publicKey]), output)).toEqual([true])
  })
})

describe('the signature checks of a transaction', () => {
  const coins = base.spendable() as [PlacedCoin, PlacedCoin]
  const payment = base.spend(coins, [{ value: 1_000n, scriptPubKey: key.script }])

  test('come in the order of its inputs, with the fee', () => {
    const { checks, fee } = checkInputs(
      spec.consensus,
      payment,
      coins.map(([, coin]) => coin),
      base.tip,
    )
    expect(checks.map(({ inputIndex }) => inputIndex)).toEqual(coins.map((_, index) => index))
    expect(checks.every((check) => check.txid.join() === txid(payment).join())).toBe(true)
    expect(fee).toBe(coins.reduce((sum, [, { output }]) => sum + output.value, 0n) - 1_000n)
  })

  test('name the algorithm that the coin asks for', () => {
    const [placed] = coins
    const output = { ...placed[1].output, scriptPubKey: script }
    const bySchnorr = signTaproot(unsigned(payment), output, 0)
    const byEcdsa = base.spend([placed], [{ value: 1_000n, scriptPubKey: key.script }])
    for (const [transaction, coin, expected] of [
      [bySchnorr, { ...placed[1], output }, 'schnorr'],
      [byEcdsa, placed[1], 'ecdsa'],
    ] as const) {
      const { checks } = checkInputs(spec.consensus, transaction, [coin], base.tip)
      expect(checks.map(({ algorithm }) => algorithm)).toEqual([expected])
    }
  })

  test('are not made with a coin too few', () => {
    const make = (): unknown => checkInputs(spec.consensus, payment, [coins[0][1]], base.tip)
    expect(make).toThrow(InvariantError)
  })

  test('tell the first that fails', async () => {
    const { checks } = checkInputs(
      spec.consensus,
      payment,
      coins.map(([, coin]) => coin),
      base.tip,
    )
    expect(await inlineVerifier.findInvalid(checks)).toBeUndefined()
    expect(await inlineVerifier.findInvalid([])).toBeUndefined()
    const digest = new Uint8Array(32)
    const broken = checks.map((check, index) => (index > 0 ? { ...check, digest } : check))
    expect(await inlineVerifier.findInvalid(broken)).toBe(1)
  })
})
