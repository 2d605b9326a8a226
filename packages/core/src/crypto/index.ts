export { decodeStrictDer, signEcdsa, verifyEcdsa } from './ecdsa.ts'
export { hash160, hash256, sha256, taggedHash } from './hash.ts'
export { isCompressedPublicKey, isPrivateKey, publicKeyFromPrivate } from './keys.ts'
export { signSchnorr, tweakPrivateKey, verifySchnorr, xOnlyPublicKey } from './schnorr.ts'
