/**
 * Combines PSBTs of one transaction that several signers have worked on.
 *
 * Source: BIP174, "Combiner"
 */
import { type Bytes, equalBytes } from '../../bytes/index.ts'
import { encodeTransaction } from '../../primitives/index.ts'
import { WalletError } from '../errors.ts'
import type { Psbt } from './psbt.ts'
import { type PsbtMap, withPsbtFields } from './psbt-map.ts'

/**
 * One PSBT with the fields of all, sorted by key. Where fields contradict each other, the earlier PSBT's stays.
 *
 * @throws {WalletError} `psbt-transactions-differ`
 */
export function combinePsbts(first: Psbt, ...others: readonly Psbt[]): Psbt {
  return others.reduce(combineTwo, {
    ...first,
    global: withPsbtFields(first.global, []),
    inputs: first.inputs.map((map) => withPsbtFields(map, [])),
    outputs: first.outputs.map((map) => withPsbtFields(map, [])),
  })
}

function combineTwo(a: Psbt, b: Psbt): Psbt {
  if (!equalBytes(unsignedBytes(a), unsignedBytes(b))) {
    throw new WalletError('psbt-transactions-differ', 'PSBTs of different transactions cannot be combined.')
  }
  return {
    transaction: a.transaction,
    global: withPsbtFields(a.global, b.global),
    inputs: combineMaps(a.inputs, b.inputs),
    outputs: combineMaps(a.outputs, b.outputs),
  }
}

function unsignedBytes({ transaction }: Psbt): Bytes {
  return encodeTransaction(transaction, { witness: false })
}

function combineMaps(a: readonly PsbtMap[], b: readonly PsbtMap[]): PsbtMap[] {
  return a.map((map, index) => withPsbtFields(map, b[index] ?? []))
}
