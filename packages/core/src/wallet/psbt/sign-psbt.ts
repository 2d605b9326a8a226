/**
 * Signs the inputs of a PSBT that a wallet has keys for.
 *
 * Source: BIP174, "Signer"; BIP371
 */
import type { Bytes } from '../../bytes/index.ts'
import { SIGHASH_ALL, SIGHASH_DEFAULT, SIGHASH_SINGLE, SighashCache } from '../../script/index.ts'
import { WalletError } from '../errors.ts'
import { isHashTypeDefined, signInput, spentTemplate, usualHashType } from '../input-signature.ts'
import { type FindPrivateKey, missingKey } from '../signer.ts'
import type { Psbt } from './psbt.ts'
import { psbtCoins } from './psbt-coins.ts'
import { psbtInput } from './psbt-fields.ts'
import { type PsbtField, type PsbtMap, psbtValue, withPsbtFields } from './psbt-map.ts'

/** What a signer lets a PSBT ask for. */
export interface PsbtSigning {
  /**
   * Hash types that the PSBT may ask for: all inputs and outputs when absent. Any other lets somebody else change
   * what is paid after it was signed.
   */
  readonly hashTypes?: readonly number[]
}

const USUAL_HASH_TYPES: readonly number[] = [SIGHASH_ALL, SIGHASH_DEFAULT]

/**
 * The PSBT with the signatures of all keys that are found; inputs without one, and finalised ones, stay as they are.
 *
 * What every input spends must be known, so that the fee is.
 *
 * @throws {WalletError} `psbt-coin-missing`, `psbt-coin-wrong`, `psbt-hash-type-refused`, `key-missing` when the key that was
 *   found is another one
 */
export function signPsbt(psbt: Psbt, findPrivateKey: FindPrivateKey, signing: PsbtSigning = {}): Psbt {
  const cache = new SighashCache(psbt.transaction, psbtCoins(psbt))
  const inputs = psbt.inputs.map((map, index) => {
    const privateKey = isFinal(map)
      ? undefined
      : findPrivateKey(cache.spent[index]?.scriptPubKey ?? new Uint8Array())
    if (privateKey === undefined) return map
    const hashType = chooseHashType(cache, index, map, signing.hashTypes ?? USUAL_HASH_TYPES)
    return withPsbtFields(map, [signatureField(cache, index, privateKey, hashType)])
  })
  return { ...psbt, inputs }
}

/** Whether an input has its final scripts. */
export function isFinal(map: PsbtMap): boolean {
  const { finalScriptSig, finalWitness } = psbtInput
  return psbtValue(map, finalScriptSig) !== undefined || psbtValue(map, finalWitness) !== undefined
}

/** The hash type that a PSBT asks for, u32, or `undefined` when it leaves the choice. */
export function askedHashType(map: PsbtMap): number | undefined {
  const field = psbtValue(map, psbtInput.hashType)
  return field === undefined ? undefined : new DataView(field.buffer, field.byteOffset, 4).getUint32(0, true)
}

function chooseHashType(
  cache: SighashCache,
  index: number,
  map: PsbtMap,
  accepted: readonly number[],
): number {
  const template = spentTemplate(cache, index)
  const hashType = askedHashType(map) ?? usualHashType(template)
  const signsNothing = (hashType & 0x03) === SIGHASH_SINGLE && index >= cache.transaction.outputs.length
  if (accepted.includes(hashType) && isHashTypeDefined(template, hashType) && !signsNothing) return hashType
  const message = `The hash type ${hashType} that the PSBT asks for at input ${index} is not accepted.`
  throw new WalletError('psbt-hash-type-refused', message, { index, hashType })
}

function signatureField(cache: SighashCache, index: number, privateKey: Bytes, hashType: number): PsbtField {
  const signed = signInput(cache, index, privateKey, hashType)
  if (signed === undefined) throw missingKey(index)
  return signed.type === 'p2wpkh'
    ? { type: psbtInput.partialSignature, keyData: signed.publicKey, value: signed.signature }
    : { type: psbtInput.taprootSignature, keyData: new Uint8Array(), value: signed.signature }
}
