/**
 * Decodes a block as Bitcoin stores and sends it, and checks what it says of itself: its work, and the Merkle root over
 * its transactions.
 *
 *     node decode-bitcoin-block.ts block.raw
 */
import { readFileSync } from 'node:fs'
import { argv } from 'node:process'
import {
  blockHash,
  blockWeight,
  classifyScript,
  decodeBlock,
  encodeBlock,
  equalBytes,
  formatAmount,
  formatHash,
  hasWitness,
  meetsTarget,
  merkleRoot,
  targetFromCompact,
  txid,
} from '@chain/core'

const [, , path] = argv
if (path === undefined) throw new Error('Name the file of a raw block.')
const bytes = readFileSync(path)
const block = decodeBlock(bytes)
const { header, transactions } = block

const hash = blockHash(header)
const target = targetFromCompact(header.bits)
const root = merkleRoot(transactions.map(txid))
console.log(`block        ${formatHash(hash)}`)
console.log(`parent       ${formatHash(header.parent)}`)
console.log(`time         ${new Date(header.time * 1000).toISOString()}`)
console.log(`work         ${target !== undefined && meetsTarget(hash, target) ? 'done' : 'missing'}`)
console.log(`Merkle root  ${equalBytes(root, header.merkleRoot) ? 'fits' : 'does not fit'}`)
console.log(`weight       ${blockWeight(block)}`)
console.log(
  `bytes        ${equalBytes(encodeBlock(block), bytes) ? 'the same again' : 'others'} when it is encoded`,
)

const outputs = transactions.flatMap((transaction) => transaction.outputs)
const paid = outputs.reduce((sum, { value }) => sum + value, 0n)
const kinds = Map.groupBy(outputs, ({ scriptPubKey }) => classifyScript(scriptPubKey).type)
console.log(`transactions ${transactions.length}, ${transactions.filter(hasWitness).length} with a witness`)
console.log(`outputs      ${outputs.length}, ${formatAmount(paid)} coins together`)
for (const [kind, items] of kinds) console.log(`  ${kind}: ${items.length}`)
