/**
 * Builds a payment from a seed and a coin, signs it, checks it as a node will (rules, amounts and signatures) and mines it.
 *
 *     node build-and-sign-a-payment.ts
 */
import {
  Account,
  buildPayment,
  checkInputs,
  checkTransaction,
  coinTypeOf,
  encodeTransaction,
  formatAddress,
  formatAmount,
  formatHash,
  loadNetwork,
  parseAddress,
  parseAmount,
  signPayment,
  toHex,
  txid,
  verifySignature,
  virtualSize,
} from '@chain/core'
import { ChainBuilder } from '@chain/core/testing'

const spec = loadNetwork('regtest')

// A wallet's seed comes from its BIP39 words. This one is known to everybody.
const account = Account.fromSeed(new Uint8Array(64).fill(1), coinTypeOf(spec))
const place = { branch: 'receive', index: 0 } as const
const script = account.script(place)
console.log(`my address  ${formatAddress(script, spec.addressPrefix)}`)

// A chain that pays it, in place of what a node or a light client would tell: 100 blocks on, the first reward is mature.
const chain = ChainBuilder.create(spec)
chain.mine({ script })
chain.mineEmpty(100)
const coins = chain.spendable(script)

const recipient = 'bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk'
const payment = buildPayment({
  coins: coins.map(([outpoint, { output }]) => ({ outpoint, output })),
  outputs: [{ value: parseAmount('0.4'), scriptPubKey: parseAddress(recipient, spec.addressPrefix) }],
  changeScript: account.script({ branch: 'change', index: 0 }),
  feeRate: 2_000n,
})
const signed = signPayment(payment, () => account.privateKey(place))

// The same checks that stand between a stranger's transaction and the chain.
checkTransaction(signed)
const spent = coins.map(([, coin]) => coin)
const { fee, checks } = checkInputs(spec.consensus, signed, spent, chain.tip)
if (!checks.every(verifySignature)) throw new Error('A signature is wrong.')
chain.mine({ transactions: [signed] })

console.log(`payment     ${formatHash(txid(signed))}`)
console.log(
  `fee         ${formatAmount(fee)} for ${virtualSize(signed)} virtual bytes, as foreseen: ${payment.virtualSize}`,
)
console.log(`to send     ${toHex(encodeTransaction(signed))}`)
