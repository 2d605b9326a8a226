/** Random coins of two accounts of one seed, P2WPKH and taproot, and payments that they may cover. */
import fc from 'fast-check'
import { equalBytes } from '../../src/bytes/index.ts'
import type { TransactionOutput } from '../../src/primitives/index.ts'
import { p2trScript, p2wpkhScript } from '../../src/script/index.ts'
import { Account, type KeyOrigin, type KeyPlace, type SpendableCoin } from '../../src/wallet/index.ts'

const seed = new Uint8Array(64).fill(42)

export const account: Account = Account.fromSeed(seed, 1)

export const taprootAccount: Account = Account.fromSeed(seed, 1, 86)

const places: KeyPlace[] = [0, 1, 2].flatMap((index) => [
  { branch: 'receive', index },
  { branch: 'change', index },
])

const keys = [account, taprootAccount].flatMap((owner) =>
  places.map((place) => ({ owner, place, script: owner.script(place) })),
)

export const changeScript: Uint8Array = account.script({ branch: 'change', index: 9 })

/** Scripts for change, one of each kind. */
export const changeScripts: fc.Arbitrary<Uint8Array> = fc.constantFrom(
  changeScript,
  taprootAccount.script({ branch: 'change', index: 9 }),
)

function keyOf(script: Uint8Array): (typeof keys)[number] | undefined {
  return keys.find((key) => equalBytes(key.script, script))
}

/** The private key of a script of {@link spendableCoins}. */
export function findPrivateKey(script: Uint8Array): Uint8Array | undefined {
  const key = keyOf(script)
  return key?.owner.privateKey(key.place)
}

/** Where the key of a script of {@link spendableCoins} comes from. */
export function findKeyOrigin(script: Uint8Array): KeyOrigin | undefined {
  const key = keyOf(script)
  return key?.owner.keyOrigin(key.place)
}

function bytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length })
}

/** Up to `maxLength` coins with distinct outpoints. */
export function spendableCoins(maxLength: number): fc.Arbitrary<SpendableCoin[]> {
  const coin = fc.record({
    outpoint: fc.record({ txid: bytes(32), index: fc.nat(3) }),
    output: fc.record({
      value: fc.bigInt({ min: 1n, max: 1_000_000n }),
      scriptPubKey: fc.constantFrom(...keys.map(({ script }) => script)),
    }),
  })
  return fc.uniqueArray(coin, {
    maxLength,
    selector: ({ outpoint }) => `${Buffer.from(outpoint.txid).toString('hex')}:${outpoint.index}`,
  })
}

/** One to four outputs above the dust limit. */
export const paidOutputs: fc.Arbitrary<TransactionOutput[]> = fc.array(
  fc.record({
    value: fc.bigInt({ min: 330n, max: 500_000n }),
    scriptPubKey: fc.oneof(bytes(20).map(p2wpkhScript), bytes(32).map(p2trScript)),
  }),
  { minLength: 1, maxLength: 4 },
)
