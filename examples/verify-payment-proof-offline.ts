/**
 * Proves a payment in one text, and checks it where there is no network: the text and the chain spec are all that the
 * second half has. It checks the work of every header, and the Merkle path from a header down to the payment.
 *
 *     node verify-payment-proof-offline.ts
 */
import {
  blockHash,
  ChainManager,
  createMerkleProof,
  decodeHeader,
  decodeMerkleBlock,
  decodeTransaction,
  encodeHeader,
  encodeMerkleBlock,
  encodeTransaction,
  equalBytes,
  formatAddress,
  formatAmount,
  fromHex,
  inlineVerifier,
  isCoinbase,
  loadNetwork,
  MemoryChainStore,
  type Transaction,
  toHex,
  txid,
  verifyMerkleBlock,
} from '@chain/core'
import { ChainBuilder, testKey } from '@chain/core/testing'

const spec = loadNetwork('regtest')

/** Everything that is needed to believe a payment, as hexadecimal. */
interface PaymentProof {
  /** The header chain from the first block after the genesis block to the tip. */
  readonly headers: readonly string[]
  /** The header of the payment's block, and the Merkle path. */
  readonly merkleBlock: string
  readonly transaction: string
  /** The first transaction of the block. It shows how deep the tree is, so that no inner node passes for a transaction. */
  readonly coinbase: string
}

/** What somebody writes who has the chain. */
function provePayment(): string {
  const chain = ChainBuilder.create(spec)
  chain.mineEmpty(101)
  const output = { value: 250_000_000n, scriptPubKey: testKey('shop').script }
  const payment = chain.spend(chain.spendable().slice(0, 1), [output])
  const { header, transactions } = chain.mine({ transactions: [payment] })
  chain.mineEmpty(5)
  const [coinbase = payment] = transactions
  const proof = createMerkleProof(transactions.map(txid), [txid(coinbase), txid(payment)])
  const text: PaymentProof = {
    headers: chain.blocks.map((block) => toHex(encodeHeader(block.header))),
    merkleBlock: toHex(encodeMerkleBlock({ header, proof })),
    transaction: toHex(encodeTransaction(payment)),
    coinbase: toHex(encodeTransaction(coinbase)),
  }
  return JSON.stringify(text)
}

/** Confirmations of the payment that a text proves, or why it proves nothing. */
async function verifyPayment(text: string): Promise<number | string> {
  const { headers, merkleBlock, ...hex } = JSON.parse(text) as PaymentProof
  const chain = await ChainManager.open(spec, {
    store: new MemoryChainStore(),
    verifier: inlineVerifier,
    clock: () => Math.floor(Date.now() / 1000),
  })
  const outcome = await chain.acceptHeaders(headers.map((header) => decodeHeader(fromHex(header))))
  if (outcome.status !== 'accepted') return `the header chain is ${outcome.status}`

  const block = decodeMerkleBlock(fromHex(merkleBlock))
  const node = chain.find(blockHash(block.header))
  if (node === undefined) return 'its block is not in the header chain'
  const proven = verifyMerkleBlock(block) ?? []
  const isProven = (transaction: Transaction): boolean =>
    proven.some((item) => equalBytes(item.txid, txid(transaction)))
  const coinbase = decodeTransaction(fromHex(hex.coinbase))
  if (!isCoinbase(coinbase) || !isProven(coinbase)) return 'the coinbase is not in the block'
  const payment = decodeTransaction(fromHex(hex.transaction))
  if (!isProven(payment)) return 'the transaction is not in the block'
  for (const { value, scriptPubKey } of payment.outputs) {
    console.log(`${formatAmount(value)} to ${formatAddress(scriptPubKey, spec.addressPrefix)}`)
  }
  return chain.bestHeader.height - node.height + 1
}

const text = provePayment()
console.log(`a proof of ${text.length} characters: ${await verifyPayment(text)} confirmations`)

// Whoever adds a zero to the amount has another transaction, which no block contains.
const forged = text.replace('80b2e60e00000000', '00f9029500000000')
console.log(`with another amount: ${await verifyPayment(forged)}`)
