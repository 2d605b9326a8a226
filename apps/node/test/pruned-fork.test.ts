/**
 * A node whose blocks were pruned, and a better branch that leaves its chain below them:
 *
 *     0 - 1 - 2 - 3 … 7 (pruned) … 300
 *              \  3' … 302'
 */
import { formatHash } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { expect, it } from 'vitest'
import { directoryWith } from './directory-with.ts'
import { ERROR_LEVEL, recordLog } from './log-lines.ts'
import { patience } from './patience.ts'
import { startTestNode } from './start-test-node.ts'

it('a node that cannot follow a better branch stays on its chain, blames nobody, and says so once', async () => {
  const ours = ChainBuilder.create()
  ours.mineEmpty(2)
  const theirs = ours.fork()
  ours.mineEmpty(298)
  theirs.mineEmpty(300, { extraNonce: 1 })
  const branch = formatHash(theirs.tip.ancestor(3).hash)
  const other = await startTestNode({ datadir: await directoryWith(theirs.blocks) })
  const { log, lines } = recordLog()
  const address = other.node.status().addresses[0] as string
  const datadir = await directoryWith(ours.blocks, 7)
  const { node, rpc } = await startTestNode({ datadir, connect: [address] }, log)

  const errors = (): unknown[] => lines.filter(({ level }) => level >= ERROR_LEVEL)
  const why = expect.stringMatching(/leaves the chain at height 3, where .* pruned/) as string
  await expect
    .poll(() => node.status(), patience)
    .toMatchObject({ state: 'stalled', why, height: 300, peers: 1 })
  const tips = (): Promise<unknown> => rpc.call('getchaintips')
  await expect.poll(tips, patience).toMatchObject([{ height: 302, status: 'headers-only' }, { height: 300 }])
  await other.rpc.call('generatetoaddress', [2, 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080'])
  await expect.poll(tips, patience).toMatchObject([{ height: 304, status: 'headers-only' }, { height: 300 }])
  expect(await rpc.call('getpeerinfo')).toMatchObject([{ score: 0 }])
  expect(errors()).toEqual([{ level: ERROR_LEVEL, height: 3, branch, msg: why }])
  await node.stop()

  const again = await startTestNode({ datadir, connect: [] })
  expect(again.node.status()).toMatchObject({ state: 'stalled', why, height: 300 })
  await expect(
    again.rpc.call('invalidateblock', [await again.rpc.call('getblockhash', [4])]),
  ).rejects.toThrow(expect.objectContaining({ rpcCode: -20, code: 'blocks-pruned' }))
  await again.rpc.call('invalidateblock', [branch])
  expect(again.node.status()).toMatchObject({ state: 'no-peers', height: 300, headers: 300 })
})
