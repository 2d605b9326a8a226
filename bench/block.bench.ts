/** Reading a real block of 1 MB: decoding, ids, Merkle root. */
import {
  decodeBlock,
  decodeTransaction,
  encodeTransaction,
  merkleRoot,
  type Transaction,
  txid,
  txids,
} from '@chain/core/primitives'
import { Block, Transaction as PeerTransaction } from 'bitcoinjs-lib'
import type { BenchGroup, MakeBenches } from './measure.ts'
import { readVectors } from './vectors.ts'

const FILE = 'block426884.raw'

export const makeBenches: MakeBenches = () => {
  const raw = readVectors(FILE)
  if (raw === undefined) return `needs ${FILE} in ../shared/vectors, or CHAIN_VECTORS to name its folder`
  const { transactions } = decodeBlock(raw)
  const ids = txids(transactions)
  // The peer is faster on Node's own kind of byte array.
  const buffer = Buffer.from(raw)
  const small = transactions
    .map((transaction) => encodeTransaction(transaction))
    .filter((bytes) => bytes.length < 400)
  return [
    {
      title: `Decode, all ids and Merkle root of ${FILE}`,
      work: [1, 'blocks'],
      cases: [
        { name: 'chain', run: () => merkleRoot(txids(decodeBlock(raw).transactions)) },
        // Compares the roots of ids with the header, so that it does the same and nothing more.
        { name: 'bitcoinjs-lib', isPeer: true, run: () => Block.fromBuffer(buffer).checkTxRoots() },
      ],
    },
    stages(raw, buffer, ids),
    smallIds(small),
  ]
}

function stages(raw: Uint8Array, buffer: Buffer, ids: readonly Uint8Array[]): BenchGroup {
  return {
    title: 'The same in parts',
    work: [1, 'blocks'],
    cases: [
      { name: 'decode', run: () => decodeBlock(raw) },
      { name: 'decode, ids together', run: () => txids(decodeBlock(raw).transactions) },
      { name: 'decode, ids one by one', run: () => decodeBlock(raw).transactions.map(txid) },
      { name: 'Merkle root of 409 ids', run: () => merkleRoot(ids) },
      { name: 'bitcoinjs-lib, decode', isPeer: true, run: () => Block.fromBuffer(buffer) },
    ],
  }
}

function smallIds(encodings: readonly Uint8Array[]): BenchGroup {
  const decoded = encodings.map(decodeTransaction)
  const peers = encodings.map((bytes) => PeerTransaction.fromBuffer(Buffer.from(bytes)))
  // A copy knows no bytes and no ids: it is encoded and hashed anew.
  const copies = decoded.map((transaction): Transaction => ({ ...transaction }))
  return {
    title: 'Ids of transactions below 400 bytes',
    work: [encodings.length, 'ids'],
    cases: [
      { name: 'encode and hash', run: () => copies.map(txid) },
      { name: 'bitcoinjs-lib', isPeer: true, run: () => peers.map((peer) => peer.getHash()) },
      { name: 'decode and hash', run: () => encodings.map((bytes) => txid(decodeTransaction(bytes))) },
      { name: 'decode and hash together', run: () => txids(encodings.map(decodeTransaction)) },
    ],
  }
}
