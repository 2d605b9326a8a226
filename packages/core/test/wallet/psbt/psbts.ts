/** Random PSBTs of payments, in every stage of their life. */
import fc from 'fast-check'
import type { TransactionOutput } from '../../../src/primitives/index.ts'
import { classifyScript } from '../../../src/script/index.ts'
import {
  buildPayment,
  createPsbt,
  finalizePsbt,
  type Psbt,
  type PsbtField,
  signPsbt,
  type UnsignedPayment,
} from '../../../src/wallet/index.ts'
import { changeScripts, findKeyOrigin, findPrivateKey, paidOutputs, spendableCoins } from '../payments.ts'

const million = 10n ** 14n

/**
 * Random payments of one to four inputs: each coin is raised by a million coins, and what is paid by a million for each
 * coin but one at most, so that there is always enough.
 */
export const payments: fc.Arbitrary<UnsignedPayment> = fc
  .record({
    coins: spendableCoins(4).filter((coins) => coins.length > 0),
    outputs: paidOutputs,
    changeScript: changeScripts,
    feeRate: fc.bigInt({ min: 1_000n, max: 20_000n }),
    lockTime: fc.nat(800_000),
    millions: fc.nat(3),
  })
  .map(({ coins, outputs, millions, ...request }) =>
    buildPayment({
      ...request,
      coins: coins.map(({ outpoint, output }) => ({ outpoint, output: raised(output, million) })),
      outputs: outputs.map((output, index) =>
        index === 0 ? raised(output, BigInt(millions % coins.length) * million) : output,
      ),
    }),
  )

function raised(output: TransactionOutput, by: bigint): TransactionOutput {
  return { ...output, value: output.value + by }
}

/** Random fields of types that nobody knows, sorted by key as they are written elsewhere. */
const unknownFields: fc.Arbitrary<PsbtField[]> = fc
  .uniqueArray(
    fc.record({
      type: fc.integer({ min: 0x30, max: 0xe0 }),
      keyData: fc.uint8Array({ maxLength: 8 }),
      value: fc.uint8Array({ maxLength: 40 }),
    }),
    { maxLength: 2, selector: ({ type }) => type },
  )
  .map((fields) => fields.sort((a, b) => a.type - b.type))

type Stage = 'created' | 'taproot signed' | 'signed' | 'final'

const stages: Readonly<Record<Stage, (psbt: Psbt) => Psbt>> = {
  created: (psbt) => psbt,
  'taproot signed': (psbt) =>
    signPsbt(psbt, (script) => (classifyScript(script).type === 'p2tr' ? findPrivateKey(script) : undefined)),
  signed: (psbt) => signPsbt(psbt, findPrivateKey),
  final: (psbt) => finalizePsbt(signPsbt(psbt, findPrivateKey)),
}

/** PSBTs of random payments. */
export const psbts: fc.Arbitrary<Psbt> = fc
  .record({
    payment: payments,
    unknown: unknownFields,
    withOrigins: fc.boolean(),
    stage: fc.constantFrom<Stage>('created', 'created', 'taproot signed', 'signed', 'final'),
  })
  .map(({ payment, unknown, withOrigins, stage }) => {
    const psbt = createPsbt(payment, withOrigins ? { findKeyOrigin } : {})
    const inputs = psbt.inputs.map((map) => [...map, ...unknown])
    return stages[stage]({ ...psbt, inputs })
  })
