import { ChainManager } from '@chain/core/chain'
import { type ChainSpec, loadNetwork } from '@chain/core/consensus'
import type { Block, Transaction } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { openStore } from '@chain/storage'
import { createVerifier } from '@chain/verifier'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const regtest = loadNetwork('regtest')
const spec: ChainSpec = { ...regtest, consensus: { ...regtest.consensus, coinbaseMaturity: 1 } }
const HEIGHT = 30
/** Inputs of each block's transaction: enough for the threads to be used. */
const INPUTS = 24

/** A chain whose block at a height has one wrong signature, which nothing but verifying it can tell. */
function mineWithWrongSignature(wrongAt: number): Block[] {
  const builder = ChainBuilder.create(spec)
  builder.mine()
  while (builder.height < HEIGHT) {
    const coins = builder.spendable().slice(0, INPUTS)
    const value = coins.reduce((sum, [, { output }]) => sum + output.value, 0n) / BigInt(INPUTS + 1)
    const outputs = Array.from({ length: INPUTS }, () => ({ value, scriptPubKey: testKey('miner').script }))
    const payment = builder.spend(coins, outputs)
    const isWrong = builder.height + 1 === wrongAt
    builder.mine({ transactions: [isWrong ? withWrongSignature(payment) : payment] })
  }
  return builder.blocks
}

/** The last input signs another amount than its transaction pays. */
function withWrongSignature(payment: Transaction): Transaction {
  const [signature, key] = payment.inputs.at(-1)?.witness ?? []
  const wrong = Uint8Array.from(signature ?? [])
  // The last byte of s, before the hash type.
  wrong[wrong.length - 2] = (wrong.at(-2) as number) ^ 1
  const inputs = payment.inputs.map((input, index) =>
    index === payment.inputs.length - 1 ? { ...input, witness: [wrong, key as Uint8Array] } : input,
  )
  return { ...payment, inputs }
}

describe('a wrong signature in a block, with many blocks in flight', () => {
  it.each([3, 14, 15, HEIGHT])('at height %i leaves the store below it', async (wrongAt) => {
    const blocks = mineWithWrongSignature(wrongAt)
    const directory = temporaryDirectory()
    const store = await openStore({ directory, specId: spec.id })
    const verifier = createVerifier({ threads: 2 })
    const modules = { verifier, clock: systemClock }
    const chain = await ChainManager.open(spec, { ...modules, store: store.chainStore })
    const outcomes = await Promise.all(blocks.map((block) => chain.acceptBlock(block)))
    expect(outcomes.map(({ status }) => status)).toEqual(
      blocks.map((_, index) => {
        if (index + 1 < wrongAt) return 'connected'
        return index <= wrongAt ? 'invalid' : 'missing-parent'
      }),
    )
    expect(outcomes[wrongAt - 1]).toMatchObject({
      error: { code: 'input-signature-invalid', data: { index: lastInput(blocks[wrongAt - 1]) } },
    })
    await store.close()

    const again = await openStore({ directory, specId: spec.id })
    const reopened = await ChainManager.open(spec, { ...modules, store: again.chainStore })
    expect(reopened.tip.height).toBe(wrongAt - 1)
    expect(await reopened.verify({ depth: 0, level: 4 })).toMatchObject({ fault: undefined })
    expect((await reopened.acceptBlock(blocks[wrongAt - 1] as Block)).status).toBe('invalid')
    await again.close()
    await verifier.close()
  })
})

function lastInput(block: Block | undefined): number {
  return (block?.transactions[1]?.inputs.length ?? 0) - 1
}
