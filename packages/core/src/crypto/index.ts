/** Hashes, keys and signatures. */
export { decodeStrictDer, signEcdsa, verifyEcdsa } from './ecdsa.ts'
export { hash160, taggedHash } from './hash.ts'
export { isCompressedPublicKey, isPrivateKey, publicKeyFromPrivate } from './keys.ts'
export { signSchnorr, tweakPrivateKey, tweakPublicKey, verifySchnorr, xOnlyPublicKey } from './schnorr.ts'
export { hash256, sha256 } from './sha256.ts'
export { hash256All, hash256Pairs } from './sha256-lanes.ts'
export { type SipHashKey, siphash, siphashInto, siphashKey } from './siphash.ts'
