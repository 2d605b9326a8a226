/**
 * The signature of one input: made with a private key, and verified.
 *
 * Source: BIP143; BIP141, "P2WPKH"; BIP341 and BIP86 (key path without script paths)
 */
import { type Bytes, concatBytes, equalBytes } from '../bytes/index.ts'
import {
  hash160,
  publicKeyFromPrivate,
  signEcdsa,
  signSchnorr,
  tweakPrivateKey,
  verifyEcdsa,
  verifySchnorr,
  xOnlyPublicKey,
} from '../crypto/index.ts'
import { invariant } from '../errors/index.ts'
import {
  classifyScript,
  type OutputTemplate,
  SIGHASH_ALL,
  SIGHASH_ANYONECANPAY,
  SIGHASH_DEFAULT,
  type SighashCache,
  segwitV0Sighash,
  taprootSighash,
} from '../script/index.ts'
import { SIGNATURE_LENGTH } from './payment-weight.ts'

/** What proves that an input may be spent; the items of its witness, in order. */
export type InputSignature =
  | {
      readonly type: 'p2wpkh' /** Strict DER and the hash type. */
      readonly signature: Bytes /** 33 bytes. */
      readonly publicKey: Bytes
    }
  | {
      readonly type: 'p2tr' /** 64 bytes, and the hash type unless it is the default. */
      readonly signature: Bytes
    }

/** The hash type that signs all inputs and outputs, by the kind of output. */
export function usualHashType(template: OutputTemplate): number {
  return template.type === 'p2tr' ? SIGHASH_DEFAULT : SIGHASH_ALL
}

/** Whether a hash type is defined for the kind of output. Source: BIP341; docs/protocol/consensus.md#spending-conditions */
export function isHashTypeDefined(template: OutputTemplate, hashType: number): boolean {
  const base = hashType & ~SIGHASH_ANYONECANPAY
  return (base >= 1 && base <= 3) || (template.type === 'p2tr' && hashType === SIGHASH_DEFAULT)
}

/** The form of the output that an input spends. */
export function spentTemplate(cache: SighashCache, index: number): OutputTemplate {
  const output = cache.spent[index]
  invariant(output !== undefined, 'The signed input exists.')
  return classifyScript(output.scriptPubKey)
}

/**
 * Signs one input, or returns `undefined` when the key does not open what it spends.
 *
 * @param privateKey - 32 bytes; of a taproot output the internal key, not tweaked
 * @param hashType - a defined one, whose outputs are there; {@link usualHashType} when absent
 */
export function signInput(
  cache: SighashCache,
  index: number,
  privateKey: Bytes,
  hashType?: number,
): InputSignature | undefined {
  const template = spentTemplate(cache, index)
  const type = hashType ?? usualHashType(template)
  if (template.type === 'p2wpkh') return signKeyHash(cache, index, template.keyHash, privateKey, type)
  if (template.type === 'p2tr') return signTaproot(cache, index, template.outputKey, privateKey, type)
  return undefined
}

function signKeyHash(
  cache: SighashCache,
  index: number,
  keyHash: Bytes,
  privateKey: Bytes,
  hashType: number,
): InputSignature | undefined {
  const publicKey = publicKeyFromPrivate(privateKey)
  if (!equalBytes(hash160(publicKey), keyHash)) return undefined
  const digest = segwitV0Sighash(cache, index, keyHash, hashType)
  const signature = concatBytes(signToLength(digest, privateKey), Uint8Array.of(hashType))
  return { type: 'p2wpkh', signature, publicKey }
}

function signTaproot(
  cache: SighashCache,
  index: number,
  outputKey: Bytes,
  privateKey: Bytes,
  hashType: number,
): InputSignature | undefined {
  const tweaked = tweakPrivateKey(privateKey)
  if (!equalBytes(xOnlyPublicKey(tweaked), outputKey)) return undefined
  const digest = taprootSighash(cache, index, hashType)
  invariant(digest !== undefined, 'The hash type is defined, and the output that it signs is there.')
  const signature = signSchnorr(digest, tweaked)
  const suffix = hashType === SIGHASH_DEFAULT ? new Uint8Array() : Uint8Array.of(hashType)
  return { type: 'p2tr', signature: concatBytes(signature, suffix) }
}

/** The witness that carries a signature. */
export function witnessOf(signature: InputSignature): Bytes[] {
  return signature.type === 'p2wpkh' ? [signature.signature, signature.publicKey] : [signature.signature]
}

/** The hash type of a signature, as it stands in a witness. */
export function hashTypeOf({ type, signature }: InputSignature): number {
  if (type === 'p2tr' && signature.length === 64) return SIGHASH_DEFAULT
  return signature[signature.length - 1] ?? SIGHASH_DEFAULT
}

/** Whether a signature opens what an input spends, by the rules of the chain. */
export function isSignatureRight(cache: SighashCache, index: number, signed: InputSignature): boolean {
  const template = spentTemplate(cache, index)
  const hashType = hashTypeOf(signed)
  if (!isHashTypeDefined(template, hashType)) return false
  if (template.type === 'p2wpkh' && signed.type === 'p2wpkh') {
    if (!equalBytes(hash160(signed.publicKey), template.keyHash)) return false
    const digest = segwitV0Sighash(cache, index, template.keyHash, hashType)
    return verifyEcdsa(digest, signed.publicKey, signed.signature.subarray(0, -1))
  }
  if (template.type !== 'p2tr' || signed.type !== 'p2tr') return false
  if (signed.signature.length === 65 && hashType === SIGHASH_DEFAULT) return false
  const digest = taprootSighash(cache, index, hashType)
  return digest !== undefined && verifySchnorr(digest, template.outputKey, signed.signature.subarray(0, 64))
}

/**
 * A signature of exactly {@link SIGNATURE_LENGTH} bytes with its hash type: the deterministic one where it has that
 * length, else the first that has it with a counter mixed into its nonce. Two tries are needed on average.
 *
 * Source: RFC 6979, section 3.6 (additional data); Bitcoin Core, `CKey::Sign` (counter of 32 bytes, little-endian)
 */
function signToLength(digest: Bytes, privateKey: Bytes): Uint8Array {
  let signature = signEcdsa(digest, privateKey)
  for (let counter = 1; signature.length !== SIGNATURE_LENGTH - 1; counter++) {
    const extraEntropy = new Uint8Array(32)
    new DataView(extraEntropy.buffer).setUint32(0, counter, true)
    signature = signEcdsa(digest, privateKey, extraEntropy)
  }
  return signature
}
