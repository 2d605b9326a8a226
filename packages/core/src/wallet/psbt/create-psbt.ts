/**
 * Makes a PSBT of a payment, with all that a signer needs to know: what the inputs spend, and which keys open them.
 *
 * Source: BIP174, "Creator" and "Updater"; BIP371
 */
import { type Bytes, ByteWriter, bytesKey } from '../../bytes/index.ts'
import { invariant } from '../../errors/index.ts'
import {
  encodeTransaction,
  type Transaction,
  type TransactionOutput,
  type Txid,
  txid,
  writeOutput,
} from '../../primitives/index.ts'
import { classifyScript } from '../../script/index.ts'
import type { KeyOrigin } from '../derivation.ts'
import type { UnsignedPayment } from '../transaction-builder.ts'
import type { Psbt } from './psbt.ts'
import { psbtGlobal, psbtInput, psbtOutput } from './psbt-fields.ts'
import type { PsbtField, PsbtMap } from './psbt-map.ts'

/** What else the maker of a PSBT knows. */
export interface PsbtSources {
  /** Where the key of an output script comes from; signers that hold only the seed need it, also to know the change. */
  readonly findKeyOrigin?: (script: Bytes) => KeyOrigin | undefined
  /** The transaction that made a coin; it proves the amount to signers of P2WPKH inputs. */
  readonly findTransaction?: (txid: Txid) => Transaction | undefined
}

/** The PSBT of a payment, without signatures. */
export function createPsbt(
  { transaction, spent }: Pick<UnsignedPayment, 'transaction' | 'spent'>,
  sources: PsbtSources = {},
): Psbt {
  const isBare = transaction.inputs.every(({ scriptSig, witness }) => scriptSig.length + witness.length === 0)
  invariant(
    transaction.inputs.length > 0 && isBare,
    'A transaction to sign has inputs, and they are not signed.',
  )
  invariant(spent.length === transaction.inputs.length, 'There is one spent output for each input.')
  return {
    transaction,
    global: [lone(psbtGlobal.transaction, encodeTransaction(transaction, { witness: false }))],
    inputs: transaction.inputs.map(({ previousOutput }, index) =>
      inputMap(spent[index] as TransactionOutput, previousOutput.txid, sources),
    ),
    outputs: transaction.outputs.map(({ scriptPubKey }) => originFields(scriptPubKey, psbtOutput, sources)),
  }
}

function lone(type: number, value: Bytes): PsbtField {
  return { type, keyData: new Uint8Array(), value }
}

function inputMap(coin: TransactionOutput, id: Txid, sources: PsbtSources): PsbtMap {
  const previous = sources.findTransaction?.(id)
  const isRight = previous === undefined || bytesKey(txid(previous)) === bytesKey(id)
  invariant(isRight, 'The transaction that was found has the id that was looked for.')
  const writer = new ByteWriter(43)
  writeOutput(writer, coin)
  return [
    ...(previous === undefined ? [] : [lone(psbtInput.previousTransaction, encodeTransaction(previous))]),
    lone(psbtInput.coin, writer.toBytes()),
    ...originFields(coin.scriptPubKey, psbtInput, sources),
  ]
}

interface OriginTypes {
  readonly keyOrigin: number
  readonly taprootKeyOrigin: number
  readonly taprootInternalKey: number
}

/** The fields that name the key of a script, sorted by type. */
function originFields(script: Bytes, types: OriginTypes, { findKeyOrigin }: PsbtSources): PsbtField[] {
  const origin = findKeyOrigin?.(script)
  if (origin === undefined) return []
  const writer = new ByteWriter(25)
  const isTaproot = classifyScript(script).type === 'p2tr'
  // No hashes of leaves.
  if (isTaproot) writer.writeCompactSize(0)
  writer.writeBytes(origin.fingerprint)
  for (const step of origin.path) writer.writeUint32(step)
  const value = writer.toBytes()
  if (!isTaproot) return [{ type: types.keyOrigin, keyData: origin.publicKey, value }]
  const internalKey = origin.publicKey.subarray(1)
  const fields = [
    { type: types.taprootKeyOrigin, keyData: internalKey, value },
    lone(types.taprootInternalKey, internalKey),
  ]
  return fields.sort((a, b) => a.type - b.type)
}
