import { describe, expect, it } from 'vitest'
import { concatBytes, equalBytes, toHex } from '../../../src/bytes/index.ts'
import { type Transaction, txid } from '../../../src/primitives/index.ts'
import { SIGHASH_ALL, SIGHASH_ANYONECANPAY, SIGHASH_NONE, SIGHASH_SINGLE } from '../../../src/script/index.ts'
import { COIN } from '../../../src/units/index.ts'
import {
  buildPayment,
  combinePsbts,
  createPsbt,
  decodePsbt,
  encodePsbt,
  extractTransaction,
  finalizePsbt,
  type Psbt,
  type PsbtMap,
  psbtCoin,
  psbtFee,
  signPayment,
  signPsbt,
} from '../../../src/wallet/index.ts'
import { refusal } from '../../refusal.ts'
import { account, changeScript, findKeyOrigin, findPrivateKey, taprootAccount } from '../payments.ts'

const place = { branch: 'receive', index: 0 } as const
const scripts = [account.script(place), taprootAccount.script(place)]

/** Transactions that pay one coin to each script. */
const previous: Transaction[] = scripts.map((scriptPubKey) => ({
  version: 2,
  inputs: [
    {
      previousOutput: { txid: new Uint8Array(32).fill(9), index: 1 },
      scriptSig: new Uint8Array(),
      sequence: 0,
      witness: [new Uint8Array(64)],
    },
  ],
  outputs: [{ value: COIN, scriptPubKey }],
  lockTime: 0,
}))

const coins = previous.map((transaction) => ({
  outpoint: { txid: txid(transaction), index: 0 },
  output: transaction.outputs[0] as Transaction['outputs'][number],
}))

const payment = buildPayment({
  coins,
  outputs: [{ value: COIN + COIN / 2n, scriptPubKey: changeScript }],
  changeScript,
  feeRate: 2_000n,
})

const findTransaction = (id: Uint8Array): Transaction | undefined =>
  previous.find((transaction) => equalBytes(txid(transaction), id))

const created = createPsbt(payment, { findKeyOrigin, findTransaction })

/** The position of the input that spends a script. */
function positionOf(script: Uint8Array | undefined): number {
  return payment.spent.findIndex(({ scriptPubKey }) => scriptPubKey === script)
}

const keyHash = positionOf(scripts[0])
const taproot = positionOf(scripts[1])

/** Finds only the key of one script. */
function only(wanted: Uint8Array | undefined): typeof findPrivateKey {
  return (script) => (equalBytes(script, wanted ?? new Uint8Array()) ? findPrivateKey(script) : undefined)
}

function changeInput(psbt: Psbt, index: number, change: (map: PsbtMap) => PsbtMap): Psbt {
  return { ...psbt, inputs: psbt.inputs.map((map, at) => (at === index ? change(map) : map)) }
}

function asking(hashType: number): Psbt {
  const field = { type: 0x03, keyData: new Uint8Array(), value: Uint8Array.of(hashType, 0, 0, 0) }
  return [keyHash, taproot].reduce(
    (psbt, index) => changeInput(psbt, index, (map) => [...map, field]),
    created,
  )
}

describe('a PSBT of a payment', () => {
  it('says what it spends and pays as a fee, and decodes to the same', () => {
    expect(decodePsbt(encodePsbt(created)).inputs).toEqual(created.inputs)
    expect(psbtFee(created)).toBe(payment.fee)
    expect(psbtCoin(created, 0)).toEqual(payment.spent[0])
  })

  it('names the keys, and the internal key of a taproot coin', () => {
    const types = (map: PsbtMap | undefined): number[] | undefined => map?.map(({ type }) => type)
    expect(types(created.inputs[keyHash])).toEqual([0x00, 0x01, 0x06])
    expect(types(created.inputs[taproot])).toEqual([0x00, 0x01, 0x16, 0x17])
    const origin = created.inputs[keyHash]?.find(({ type }) => type === 0x06)
    expect(origin?.keyData).toEqual(account.publicKey(place))
    expect(toHex(origin?.value ?? new Uint8Array()).slice(8)).toBe('5400008001000080000000800000000000000000')
  })

  it('becomes the same transaction as the payment signed at once', () => {
    const extracted = extractTransaction(finalizePsbt(signPsbt(created, findPrivateKey)))
    expect(extracted).toEqual(signPayment(payment, findPrivateKey))
  })

  it('is signed by several, and combined in any order', () => {
    const first = signPsbt(created, only(scripts[0]))
    const second = signPsbt(created, only(scripts[1]))
    const both = encodePsbt(signPsbt(created, findPrivateKey))
    expect(encodePsbt(combinePsbts(first, second))).toEqual(both)
    expect(encodePsbt(combinePsbts(second, created, first))).toEqual(both)
    expect(encodePsbt(signPsbt(first, only(scripts[1])))).toEqual(both)
  })

  it('loses all but the coins and unknown fields when it is finalised, which happens once', () => {
    const unknown = { type: 0x77, keyData: new Uint8Array(), value: new Uint8Array(1) }
    const signed = signPsbt(
      changeInput(created, taproot, (map) => [...map, unknown]),
      findPrivateKey,
    )
    const final = finalizePsbt(signed)
    expect(final.inputs[taproot]?.map(({ type }) => type)).toEqual([0x00, 0x01, 0x08, 0x77])
    expect(finalizePsbt(final)).toEqual(final)
    expect(signPsbt(final, findPrivateKey)).toEqual(final)
  })

  it('is signed with other hash types only on demand', () => {
    for (const hashType of [SIGHASH_ALL, SIGHASH_NONE, SIGHASH_SINGLE]) {
      for (const flag of [0, SIGHASH_ANYONECANPAY]) {
        const psbt = asking(hashType | flag)
        const signing = { hashTypes: [hashType | flag] }
        const { inputs } = extractTransaction(finalizePsbt(signPsbt(psbt, findPrivateKey, signing)))
        expect(inputs.map(({ witness }) => witness[0]?.at(-1))).toEqual([hashType | flag, hashType | flag])
        if (hashType === SIGHASH_ALL && flag === 0) continue
        expect(refusal(() => signPsbt(psbt, findPrivateKey)).code).toBe('psbt-hash-type-refused')
      }
    }
  })
})

describe('a PSBT that is not right', () => {
  const signed = signPsbt(created, findPrivateKey)

  it('is not signed when it asks for a hash type that is not defined, or for an output that is not there', () => {
    const everything = { hashTypes: Array.from({ length: 256 }, (_, hashType) => hashType) }
    for (const hashType of [0x04, 0x41, 0x80]) {
      const code = refusal(() => signPsbt(asking(hashType), findPrivateKey, everything)).code
      expect(code).toBe('psbt-hash-type-refused')
    }
    const { transaction } = created
    const one = { ...payment, transaction: { ...transaction, outputs: transaction.outputs.slice(0, 1) } }
    const field = { type: 0x03, keyData: new Uint8Array(), value: Uint8Array.of(SIGHASH_SINGLE, 0, 0, 0) }
    const psbt = changeInput(createPsbt(one), 1, (map) => [...map, field])
    expect(refusal(() => signPsbt(psbt, findPrivateKey, everything)).code).toBe('psbt-hash-type-refused')
  })

  it('is not signed without all coins, or with wrong ones', () => {
    const missing = changeInput(created, taproot, () => [])
    expect(refusal(() => signPsbt(missing, findPrivateKey)).code).toBe('psbt-coin-missing')
    const lying = changeInput(created, keyHash, (map) =>
      map.map((field) => (field.type === 0x01 ? { ...field, value: field.value.with(0, 1) } : field)),
    )
    expect(refusal(() => signPsbt(lying, findPrivateKey)).code).toBe('psbt-coin-wrong')
    const other = changeInput(created, keyHash, () => (created.inputs[taproot] ?? []).slice(0, 1))
    expect(refusal(() => signPsbt(other, findPrivateKey)).code).toBe('psbt-coin-wrong')
  })

  it('is not signed with a key that opens another coin', () => {
    const code = refusal(() => signPsbt(created, () => new Uint8Array(32).fill(3))).code
    expect(code).toBe('key-missing')
  })

  it('is not combined with another', () => {
    const other = createPsbt({ ...payment, transaction: { ...payment.transaction, lockTime: 7 } })
    expect(refusal(() => combinePsbts(created, other)).code).toBe('psbt-transactions-differ')
  })

  it('is not finalised without a signature, or with a wrong one', () => {
    expect(refusal(() => finalizePsbt(signPsbt(created, only(scripts[1])))).code).toBe('psbt-unsigned')
    for (const index of [keyHash, taproot]) {
      const broken = changeInput(signed, index, (map) =>
        map.map((field) => {
          const isSignature = field.type === 0x02 || field.type === 0x13
          return isSignature ? { ...field, value: field.value.with(40, (field.value[40] ?? 0) ^ 1) } : field
        }),
      )
      expect(refusal(() => finalizePsbt(broken)).code).toBe('psbt-signature-wrong')
    }
  })

  it('is not finalised with a signature of another hash type than it asks for', () => {
    const field = { type: 0x03, keyData: new Uint8Array(), value: Uint8Array.of(SIGHASH_NONE, 0, 0, 0) }
    const psbt = changeInput(signed, keyHash, (map) => [...map, field])
    expect(refusal(() => finalizePsbt(psbt)).code).toBe('psbt-signature-wrong')
  })

  it('is not finalised with the default hash type written out', () => {
    const psbt = changeInput(signed, taproot, (map) =>
      map.map((field) =>
        field.type === 0x13 ? { ...field, value: concatBytes(field.value, Uint8Array.of(0)) } : field,
      ),
    )
    expect(refusal(() => finalizePsbt(psbt)).code).toBe('psbt-signature-wrong')
  })

  it('is not extracted before it is final, nor with an absurd fee, nor without enough coins', () => {
    expect(refusal(() => extractTransaction(signed)).code).toBe('psbt-not-final')
    const final = finalizePsbt(signed)
    const maxFee = payment.fee - 1n
    expect(refusal(() => extractTransaction(final, { maxFee })).code).toBe('fee-absurd')
    const { transaction } = payment
    const outputs = transaction.outputs.map((output) => ({ ...output, value: COIN * 2n }))
    const poor = createPsbt({ ...payment, transaction: { ...transaction, outputs } })
    const error = refusal(() => extractTransaction(finalizePsbt(signPsbt(poor, findPrivateKey))))
    expect(error.code).toBe('insufficient-funds')
  })
})
