/** Random coins of one account and payments that they may cover. */
import fc from 'fast-check'
import type { TransactionOutput } from '../../src/primitives/index.ts'
import { p2trScript, p2wpkhScript } from '../../src/script/index.ts'
import { Account, type KeyPlace, type SpendableCoin } from '../../src/wallet/index.ts'

export const account: Account = Account.fromSeed(new Uint8Array(64).fill(42), 1)

const places: KeyPlace[] = [0, 1, 2].flatMap((index) => [
  { branch: 'receive', index },
  { branch: 'change', index },
])

const scripts = places.map((place) => account.script(place))

export const changeScript: Uint8Array = account.script({ branch: 'change', index: 9 })

/** The private key of a script of {@link spendableCoins}. */
export function findPrivateKey(script: Uint8Array): Uint8Array | undefined {
  const at = scripts.findIndex((candidate) => Buffer.compare(candidate, script) === 0)
  const place = places[at]
  return place === undefined ? undefined : account.privateKey(place)
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
      scriptPubKey: fc.constantFrom(...scripts),
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
