/** T1: payments handed to one node are collected and mined by another. */
import { expect } from 'vitest'
import { test } from './scene.ts'

test('a node with a target peer announces itself, and two payments sent to it are mined by the other', async ({
  scene,
}) => {
  const alice = await scene.createWallet('alice')
  const bob = await scene.createWallet('bob')
  const miner = await scene.node('miner')
  await miner.rpc('generatetoaddress', 101, alice)
  const target = await miner.address()
  const sender = await scene.node('sender', '--connect', target)
  const [known] = await sender.waitForPeers('the status of the target', ([peer]) => peer?.height === 101)
  expect(known?.direction).toBe('outbound')
  await miner.waitForPeers('the status of the dialler', ([peer]) => peer?.direction === 'inbound')
  await sender.waitFor('the chain of the target', ({ height }) => height === 101)

  const through = await sender.address()
  const payments: string[] = []
  for (const amount of ['1.5', '2.25']) {
    const options = ['--peer', through, 'send', '--to', bob, '--amount', amount, '--yes']
    const { txid, accepted } = await scene.wallet<{ txid: string; accepted: unknown[] }>('alice', ...options)
    expect(accepted).toHaveLength(1)
    payments.push(txid)
  }
  await miner.waitFor('both payments', ({ mempool }) => mempool.transactions === 2)
  const [hash] = await miner.rpc<string[]>('generatetoaddress', 1, alice)
  const { tx } = await miner.rpc<{ tx: string[] }>('getblock', hash, 1)
  expect(tx.slice(1).sort()).toEqual([...payments].sort())

  await sender.waitFor(
    'the block',
    ({ bestHash, mempool }) => bestHash === hash && mempool.transactions === 0,
  )
  const balance = await scene.wallet<{ confirmed: string; pending: string }>(
    'bob',
    '--peer',
    through,
    'balance',
  )
  expect(balance).toMatchObject({ confirmed: '3.75000000', pending: '0.00000000' })
})
