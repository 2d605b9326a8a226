import * as ecc from '@bitcoinerlab/secp256k1'
import { type Bytes, equalBytes, toHex } from '@chain/core/bytes'
import { checkInputs, loadNetwork, verifySignature } from '@chain/core/consensus'
import { publicKeyFromPrivate, tweakPrivateKey, verifySchnorr } from '@chain/core/crypto'
import { encodeTransaction, type Transaction } from '@chain/core/primitives'
import { classifyScript } from '@chain/core/script'
import {
  combinePsbts,
  createPsbt,
  decodePsbt,
  encodePsbt,
  extractTransaction,
  finalizePsbt,
  type Psbt,
  signPsbt,
  type UnsignedPayment,
} from '@chain/core/wallet'
import { PSBTCombine, Transaction as ScureTransaction } from '@scure/btc-signer'
import { RawPSBTV0 } from '@scure/btc-signer/psbt.js'
import { initEccLib, Psbt as JsPsbt, type Signer } from 'bitcoinjs-lib'
import { assert, constantFrom, oneof, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { damaged, fuzzRuns, fuzzTimeout } from '../arbitraries/mutations.ts'
import { findKeyOrigin, findPrivateKey } from '../wallet/payments.ts'
import { payments, psbts } from '../wallet/psbt/psbts.ts'
import { oddPsbts } from './odd-psbts.ts'
import { disagreement, psbtLibraries, sorted } from './psbt-peers.ts'

initEccLib(ecc)

describe('a PSBT', () => {
  test(
    'is read and written alike',
    () => {
      const law = property(psbts.map(encodePsbt), (bytes) => {
        expect(toHex(JsPsbt.fromBuffer(bytes).toBuffer())).toBe(toHex(bytes))
        // It sorts unknown fields by key data alone.
        expect(sorted(RawPSBTV0.encode(RawPSBTV0.decode(bytes)))).toBe(toHex(bytes))
      })
      assert(law, { numRuns: Math.ceil(fuzzRuns / 4) })
    },
    fuzzTimeout,
  )

  test(
    'damaged or not, gets the same verdict',
    () => {
      const odd = oddPsbts.map(encodePsbt)
      const valid = psbts.map(encodePsbt)
      const some = oneof(
        { arbitrary: damaged(oneof(valid, odd)), weight: 6 },
        { arbitrary: odd, weight: 3 },
        valid,
      )
      const law = property(some, (bytes) => {
        for (const [name, library] of psbtLibraries)
          expect(disagreement(bytes, library), `${name}, ${toHex(bytes)}`).toBeUndefined()
      })
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )
})

const { consensus } = loadNetwork('regtest')
const { header } = consensus.genesis
const genesis = { hash: new Uint8Array(32), header, height: 0, parent: undefined, ancestor: () => genesis }

/** Whether the rules of the chain accept a signed payment. */
function expectValid(transaction: Transaction, { spent }: UnsignedPayment): void {
  const coins = spent.map((output) => ({ output, height: 0, isCoinbase: false }))
  expect(checkInputs(consensus, transaction, coins, genesis).checks.every(verifySignature)).toBe(true)
}

/** A signer for `bitcoinjs-lib`, which wants taproot keys tweaked. */
function jsSigner(script: Bytes): Signer {
  const internal = findPrivateKey(script) as Uint8Array
  const key = classifyScript(script).type === 'p2tr' ? tweakPrivateKey(internal) : internal
  return {
    publicKey: publicKeyFromPrivate(key),
    sign: (digest) => ecc.sign(digest, key),
    signSchnorr: (digest) => ecc.signSchnorr(digest, key),
  }
}

function signWithJs(bytes: Uint8Array, { spent }: UnsignedPayment): Uint8Array {
  const psbt = JsPsbt.fromBuffer(bytes)
  spent.forEach(({ scriptPubKey }, index) => {
    psbt.signInput(index, jsSigner(scriptPubKey))
  })
  return psbt.toBuffer()
}

function signWithScure(bytes: Uint8Array, { spent }: UnsignedPayment): Uint8Array {
  const psbt = ScureTransaction.fromPSBT(bytes)
  spent.forEach(({ scriptPubKey }, index) => {
    psbt.signIdx(findPrivateKey(scriptPubKey) as Uint8Array, index)
  })
  return psbt.toPSBT(0)
}

function signWithOurs(bytes: Uint8Array): Uint8Array {
  return encodePsbt(signPsbt(decodePsbt(bytes), findPrivateKey))
}

function verify(publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const isXOnly = publicKey.length === 32
  return isXOnly ? verifySchnorr(digest, publicKey, signature) : ecc.verify(digest, publicKey, signature)
}

/** Both libraries and we finalise a signed PSBT and extract the same transaction. */
function expectSameTransaction(signed: Uint8Array, payment: UnsignedPayment): void {
  const transaction = extractTransaction(finalizePsbt(decodePsbt(signed)), { maxFee: 2n ** 60n })
  expectValid(transaction, payment)
  const js = JsPsbt.fromBuffer(signed)
  expect(js.validateSignaturesOfAllInputs(verify)).toBe(true)
  const ours = toHex(encodeTransaction(transaction))
  expect(js.finalizeAllInputs().extractTransaction(true).toHex()).toBe(ours)
  const scure = ScureTransaction.fromPSBT(signed)
  scure.finalize()
  expect(toHex(scure.extract())).toBe(ours)
}

const hashTypes = constantFrom(undefined, 0x01, 0x02, 0x03, 0x81, 0x82, 0x83)

/** Asks for a hash type at all inputs that have an output at their place. */
function asking(psbt: Psbt, hashType: number | undefined): Psbt {
  if (hashType === undefined) return psbt
  const field = { type: 0x03, keyData: new Uint8Array(), value: Uint8Array.of(hashType, 0, 0, 0) }
  const inputs = psbt.inputs.map((map, index) => (index < psbt.outputs.length ? [...map, field] : map))
  return { ...psbt, inputs }
}

describe('a payment', () => {
  const numRuns = Math.ceil(fuzzRuns / 20)

  test(
    'that any of the three signs is finalised alike by all, and valid',
    () => {
      const law = property(payments, (payment) => {
        const bytes = encodePsbt(createPsbt(payment, { findKeyOrigin }))
        const signers = [signWithOurs, signWithJs, signWithScure]
        for (const sign of signers) expectSameTransaction(sign(bytes, payment), payment)
      })
      assert(law, { numRuns })
    },
    fuzzTimeout,
  )

  test(
    'that we sign with any hash type is right for all',
    () => {
      const law = property(payments, hashTypes, (payment, hashType) => {
        const psbt = asking(createPsbt(payment, { findKeyOrigin }), hashType)
        const accepted = { hashTypes: [0x00, 0x01, hashType ?? 0x00] }
        expectSameTransaction(encodePsbt(signPsbt(psbt, findPrivateKey, accepted)), payment)
      })
      assert(law, { numRuns })
    },
    fuzzTimeout,
  )

  test(
    'that two sign is combined alike',
    () => {
      const law = property(payments, (payment) => {
        const created = createPsbt(payment, { findKeyOrigin })
        const isTaproot = (script: Bytes): boolean => classifyScript(script).type === 'p2tr'
        const one = signPsbt(created, (script) => (isTaproot(script) ? findPrivateKey(script) : undefined))
        const other = signPsbt(created, (script) => (isTaproot(script) ? undefined : findPrivateKey(script)))
        const ours = encodePsbt(combinePsbts(one, other))
        const parts = [encodePsbt(one), encodePsbt(other)] as const
        const js = JsPsbt.fromBuffer(parts[0]).combine(JsPsbt.fromBuffer(parts[1])).toBuffer()
        expect(toHex(js)).toBe(toHex(ours))
        expect(toHex(PSBTCombine([...parts], { allowUnknownOutputs: true }))).toBe(toHex(ours))
        expect(equalBytes(ours, signWithOurs(encodePsbt(created)))).toBe(true)
      })
      assert(law, { numRuns })
    },
    fuzzTimeout,
  )
})
