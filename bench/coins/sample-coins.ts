/**
 * Coins without end, each made from its number: two of one transaction, with ids that are as random as real ones.
 *
 * The bytes of many coins lie in one array, as those of a block do: small arrays of their own would take more memory than
 * all that is measured.
 */
import type { Coin, OutPoint } from '@chain/core/primitives'

const TXID_LENGTH = 32
/** OP_0 <20-byte key hash> */
const SCRIPT_LENGTH = 22

/** The outpoints of coins. */
export function outpointsOf(numbers: readonly number[]): OutPoint[] {
  const bytes = new Uint8Array(numbers.length * TXID_LENGTH)
  return numbers.map((number, index) => {
    const txid = bytes.subarray(index * TXID_LENGTH, (index + 1) * TXID_LENGTH)
    fillRandom(txid, Math.floor(number / 2) + 1, 0)
    return { txid, index: number % 2 }
  })
}

/** The coins themselves: 29 or 30 bytes each in their table, as usual ones of P2WPKH. */
function coinsOf(numbers: readonly number[]): Coin[] {
  const bytes = new Uint8Array(numbers.length * SCRIPT_LENGTH)
  return numbers.map((number, index) => {
    const scriptPubKey = bytes.subarray(index * SCRIPT_LENGTH, (index + 1) * SCRIPT_LENGTH)
    fillRandom(scriptPubKey, number + 7, 2)
    scriptPubKey[1] = SCRIPT_LENGTH - 2
    const value = BigInt(mix(number) % 100_000_000)
    return { output: { value, scriptPubKey }, height: number % 1_000_000, isCoinbase: false }
  })
}

/** Both together, as a commit takes them. */
export function pairCoins(numbers: readonly number[]): (readonly [OutPoint, Coin])[] {
  const coins = coinsOf(numbers)
  return outpointsOf(numbers).map((outpoint, index) => [outpoint, coins[index] as Coin])
}

function fillRandom(bytes: Uint8Array, seed: number, start: number): void {
  let state = seed
  for (let at = start; at < bytes.length; at++) {
    if ((at - start) % 4 === 0) state = mix(state + 0x9e37_79b9)
    bytes[at] = state >>> (8 * ((at - start) % 4))
  }
}

/** Spreads the bits of a number over 32. Source: MurmurHash3, finalizer */
function mix(number: number): number {
  let bits = number >>> 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
