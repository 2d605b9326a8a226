/** The node from which another one syncs is killed while it does. */
import { ChainBuilder } from '@chain/core/testing'
import { expect } from 'vitest'
import { writeBlockFile } from './crash/crash-scene.ts'
import { test } from './scene.ts'

/** So many that the source is killed before the last of them has come, on any machine. */
const BLOCKS = 3_000

test('a sync whose source is killed in the middle ends with the blocks of others', async ({ scene }) => {
  scene.patience = 100_000
  const builder = ChainBuilder.create()
  builder.mineEmpty(BLOCKS)
  const file = `${scene.directory}/blocks.blk`
  writeBlockFile(file, builder.blocks)
  for (const name of ['source', 'other']) {
    const { code, stderr } = await scene.chainNode(name, 'import', file)
    expect([code, stderr.includes('refused')]).toEqual([0, false])
  }
  const source = await scene.node('source')
  const other = await scene.node('other')
  const node = await scene.node(
    'node',
    '--connect',
    await source.address(),
    '--connect',
    await other.address(),
  )
  const { height } = await node.waitFor('the first blocks', (status) => status.height > 0)
  await source.stop('SIGKILL')
  expect(height).toBeLessThan(BLOCKS)
  const { bestHash } = await other.status()
  await node.waitFor('the chain', (status) => status.bestHash === bestHash && status.state === 'synced')
})
