import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@chain/core/bytes'
import { encodeBlock, encodeTransaction, formatHash, txid } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { expect, it } from 'vitest'
import { recordLog } from '../log-lines.ts'
import { patience } from '../patience.ts'
import { startTestNode, type TestNode } from '../start-test-node.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const builder = ChainBuilder.create()
builder.mineEmpty(101)
const payment = builder.spend(builder.spendable().slice(0, 1), [
  { value: 4_999_990_000n, scriptPubKey: testKey('recipient').script },
])
const id = formatHash(txid(payment))

/** Starts a node and hands a payment to it. */
async function startWithPayment(datadir: string): Promise<TestNode> {
  const test = await startTestNode({ datadir })
  for (const block of builder.blocks) await test.rpc.call('submitblock', [toHex(encodeBlock(block))])
  expect(await test.rpc.call('sendrawtransaction', [toHex(encodeTransaction(payment))])).toBe(id)
  return test
}

it('a node that was stopped has its mempool again', async () => {
  const datadir = temporaryDirectory()
  const { node } = await startWithPayment(datadir)
  await node.stop()
  const { rpc } = await startTestNode({ datadir })
  await expect
    .poll(() => rpc.call('getmempoolinfo'), patience)
    .toMatchObject({ loaded: true, size: 1, total_fee: 0.0001, unbroadcastcount: 1 })
  expect(await rpc.call('getrawmempool')).toEqual([id])
})

it('savemempool saves it now, and names the file', async () => {
  const datadir = temporaryDirectory()
  const { rpc } = await startWithPayment(datadir)
  await expect.poll(() => rpc.call('getmempoolinfo'), patience).toMatchObject({ loaded: true })
  const filename = join(datadir, 'mempool.dat')
  expect(await rpc.call('savemempool')).toEqual({ filename })
  expect(toHex(readFileSync(filename))).toContain(toHex(encodeTransaction(payment)))
})

it('a node whose saved mempool is damaged starts with an empty one, and says so once', async () => {
  const datadir = temporaryDirectory()
  const { node } = await startWithPayment(datadir)
  await node.stop()
  const filename = join(datadir, 'mempool.dat')
  const bytes = readFileSync(filename)
  writeFileSync(filename, bytes.subarray(0, -40))
  const { log, lines } = recordLog()
  const { rpc } = await startTestNode({ datadir }, log)
  await expect.poll(() => rpc.call('getmempoolinfo'), patience).toMatchObject({ loaded: true, size: 0 })
  const warnings = lines.filter(({ msg }) => msg.includes('mempool'))
  expect(warnings).toMatchObject([{ msg: expect.stringContaining('the file is kept as mempool.dat.bad.') }])
  expect(readFileSync(`${filename}.bad`)).toEqual(bytes.subarray(0, -40))
})

it('a node that is told to forget its mempool does so', async () => {
  const datadir = temporaryDirectory()
  const { node } = await startWithPayment(datadir)
  await node.stop()
  const { rpc } = await startTestNode({ datadir, persistMempool: false })
  expect(await rpc.call('getmempoolinfo')).toMatchObject({ loaded: true, size: 0 })
})
