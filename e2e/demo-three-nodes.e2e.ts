/** `npm start -- --once --json`: the scenario that a newcomer sees first. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

test('three nodes meet, mine, move coins and agree', async () => {
  const args = ['--conditions=@chain/source', 'tools/start.ts', '--once', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  const summary = JSON.parse(stdout)
  expect(summary).toMatchObject({
    network: 'dev',
    balances: { bob: '12.50000000' },
    payment: { amount: '12.50000000' },
  })
  expect(summary.nodes).toHaveLength(3)
  expect(new Set(summary.nodes.map(({ height }: { height: number }) => height)).size).toBe(1)
})
