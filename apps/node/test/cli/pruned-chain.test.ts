import { join } from 'node:path'
import { MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { ChainBuilder } from '@chain/core/testing'
import { expect, it } from 'vitest'
import { directoryWith } from '../directory-with.ts'
import { startTestNode } from '../start-test-node.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { runAt } from './run-command.ts'

it('commands on a pruned chain deal with what is there, and say what is not', async () => {
  const builder = ChainBuilder.create()
  builder.mineEmpty(MIN_KEPT_BLOCKS + 5)
  const dataDir = await directoryWith(builder.blocks, 5)

  const verified = await runAt({ dataDir }, 'verify', '--depth', '0', '--par', '1', '--dbcache', '1')
  expect(verified.stdout).toMatch(/^All is well: 288 blocks .*\nThe blocks below height 6 were pruned\./)

  const exported = await runAt({ dataDir }, 'export', join(temporaryDirectory(), 'blocks.dat'))
  expect(exported.exitCode).toBe(8)
  expect(exported.stderr).toContain('all blocks from height 6 on, which --from 6 exports')

  const reindexed = await runAt({ dataDir }, 'reindex', '--coins-only', '--par', '1', '--dbcache', '1')
  expect(reindexed.exitCode).toBe(7)
  expect(reindexed.stderr).toContain('does not hold block 1, which was pruned')

  const offline = await runAt({ dataDir }, 'printchain')
  expect(offline).toMatchObject({ exitCode: 0, stderr: 'The blocks below were pruned.\n' })
  expect(offline.stdout.match(/^block /gm)).toHaveLength(MIN_KEPT_BLOCKS)
  await startTestNode({ datadir: dataDir })
  expect(await runAt({ dataDir }, 'printchain')).toEqual(offline)
  const json = await runAt({ dataDir }, 'printchain', '--json')
  expect(JSON.parse(json.stdout)).toHaveLength(MIN_KEPT_BLOCKS)
})
