/**
 * Turns the signatures of a PSBT into the witnesses of its inputs.
 *
 * Source: BIP174, "Input Finalizer"; BIP371
 */
import { type Bytes, ByteWriter, equalBytes } from '../../bytes/index.ts'
import { hash160 } from '../../crypto/index.ts'
import { SighashCache } from '../../script/index.ts'
import { WalletError } from '../errors.ts'
import {
  hashTypeOf,
  type InputSignature,
  isSignatureRight,
  spentTemplate,
  witnessOf,
} from '../input-signature.ts'
import type { Psbt } from './psbt.ts'
import { psbtCoins } from './psbt-coins.ts'
import { outlivesFinal, psbtInput } from './psbt-fields.ts'
import { type PsbtMap, psbtValue, withPsbtFields } from './psbt-map.ts'
import { askedHashType, isFinal } from './sign-psbt.ts'

/**
 * The PSBT with a final witness for every input, in place of all that was needed to make it. Signatures are verified.
 *
 * @throws {WalletError} `psbt-coin-missing`, `psbt-coin-wrong`, `psbt-unsigned`, `psbt-signature-wrong`
 */
export function finalizePsbt(psbt: Psbt): Psbt {
  const cache = new SighashCache(psbt.transaction, psbtCoins(psbt))
  const inputs = psbt.inputs.map((map, index) => (isFinal(map) ? map : finalizeInput(cache, index, map)))
  return { ...psbt, inputs }
}

function finalizeInput(cache: SighashCache, index: number, map: PsbtMap): PsbtMap {
  const signature = findSignature(cache, index, map)
  if (signature === undefined) {
    throw new WalletError('psbt-unsigned', `Input ${index} of the PSBT is not signed.`, { index })
  }
  const asked = askedHashType(map)
  const isAsked = asked === undefined || asked === hashTypeOf(signature)
  if (!isAsked || !isSignatureRight(cache, index, signature)) {
    const message = `The signature of input ${index} of the PSBT does not open what it spends.`
    throw new WalletError('psbt-signature-wrong', message, { index })
  }
  const final = { type: psbtInput.finalWitness, keyData: new Uint8Array(), value: encodeWitness(signature) }
  return withPsbtFields(map.filter(outlivesFinal), [final])
}

function findSignature(cache: SighashCache, index: number, map: PsbtMap): InputSignature | undefined {
  const template = spentTemplate(cache, index)
  if (template.type === 'p2tr') {
    const signature = psbtValue(map, psbtInput.taprootSignature)
    return signature === undefined ? undefined : { type: 'p2tr', signature }
  }
  if (template.type !== 'p2wpkh') return undefined
  const field = map.find(({ type, keyData }) => {
    return type === psbtInput.partialSignature && equalBytes(hash160(keyData), template.keyHash)
  })
  return field === undefined
    ? undefined
    : { type: 'p2wpkh', signature: field.value, publicKey: field.keyData }
}

function encodeWitness(signature: InputSignature): Bytes {
  const items = witnessOf(signature)
  const writer = new ByteWriter(108).writeCompactSize(items.length)
  for (const item of items) writer.writeVarBytes(item)
  return writer.toBytes()
}
