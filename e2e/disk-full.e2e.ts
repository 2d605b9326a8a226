/** Commands on a disk that is full: a sentence, 7, and nothing that was stored is lost. */
import { join } from 'node:path'
import { MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { expect } from 'vitest'
import type { ChainWork } from './crash/chain-work.ts'
import { createCrashChain } from './crash/crash-chain.ts'
import { writeBlockFile } from './crash/crash-scene.ts'
import { chainLaunch } from './crash/launches.ts'
import { test as base } from './scene.ts'
import { type DiskExit, isSmallDiskPossible, SmallDisk } from './small-disk.ts'

const hint = isSmallDiskPossible ? '' : ' (needs Linux and the right to mount a file system in memory)'
const HEIGHT = 331
const chain = createCrashChain()

/** A disk with a chain in the directory `node`, and no room; and the block file that it is made of. */
const test = base.extend<{
  full: { readonly disk: SmallDisk; readonly blocks: string; readonly branch: string }
}>({
  full: async ({ scene }, use) => {
    const { order, branches } = await chain
    const blocks = join(scene.directory, 'blocks.blk')
    const branch = join(scene.directory, 'branch.blk')
    writeBlockFile(blocks, order)
    writeBlockFile(branch, branches[1]?.slice(1) ?? [])
    const disk = await SmallDisk.mount(scene.directory, 20_000)
    try {
      expectDone(await disk.chainNode('node', 'import', blocks))
      await disk.leave(0)
      await use({ disk, blocks, branch })
    } finally {
      disk.close()
    }
  },
})

function expectDone({ code, stderr }: DiskExit): void {
  expect(stderr).toBe('')
  expect(code).toBe(0)
}

/** One sentence that says what to do. */
function expectFull({ code, stdout, stderr }: DiskExit): void {
  expect(stderr.trim().split('\n').at(-1)).toMatch(/chain-node: The disk is full, the .*: free some space/)
  expect(code).toBe(7)
  expect(stdout).toBe('')
}

async function expectIntact(disk: SmallDisk, name = 'node'): Promise<void> {
  const { stdout, stderr } = await disk.chainNode(name, 'verify', '--depth', '0', '--level', '4')
  expect(stderr).toBe('')
  expect(stdout).toContain(`The chain is at height ${HEIGHT}`)
}

test.skipIf(!isSmallDiskPossible)(
  `an import on a full disk keeps what it has told of, and goes on when there is room${hint}`,
  async ({ full: { disk, blocks } }) => {
    await disk.leave(600)
    const { stderr, ...exit } = await disk.chainNode('fresh', 'import', blocks)
    expectFull({ ...exit, stderr })
    const height = Number(/The import ends at height (\d+);/.exec(stderr)?.[1])
    await disk.leave(40)
    const { stdout } = await disk.chainNode('fresh', 'verify', '--depth', '0', '--level', '4', '--json')
    // At least: a reorganisation that was given up is made now.
    expect((JSON.parse(stdout) as { height: number }).height).toBeGreaterThanOrEqual(height)
    await disk.leave(4_000)
    expectDone(await disk.chainNode('fresh', 'import', blocks))
    await expectIntact(disk, 'fresh')
  },
)

test.skipIf(!isSmallDiskPossible)(
  `a reindex on a full disk leaves the old data file as it is, and nothing beside it${hint}`,
  async ({ full: { disk } }) => {
    const digest = (): Promise<string> => disk.expect('sha256sum', join(disk.path, 'node/chain.mdb'))
    const before = await digest()
    for (const room of [8, 24, 500]) {
      await disk.leave(room)
      expectFull(await disk.chainNode('node', 'reindex'))
      expect(await digest()).toBe(before)
      expect((await disk.expect('ls', join(disk.path, 'node'))).split('\n')).toEqual([
        'chain.mdb',
        'chain.mdb-lock',
        'lock',
      ])
    }
    await disk.leave(40)
    await expectIntact(disk)
    await disk.leave(4_000)
    expectDone(await disk.chainNode('node', 'reindex'))
    await expectIntact(disk)
  },
)

test.skipIf(!isSmallDiskPossible)(
  `a reindex of the coins on a full disk goes on by itself when there is room${hint}`,
  async ({ full: { disk, branch } }) => {
    await disk.leave(2_000)
    // Without reorganisations the file has hardly a free page.
    expectDone(await disk.chainNode('straight', 'import', branch))
    await disk.leave(8)
    expectFull(await disk.chainNode('straight', 'reindex', '--coins-only'))
    await disk.leave(1_000)
    await expectIntact(disk, 'straight')
  },
)

test.skipIf(!isSmallDiskPossible)(
  `pruning on a full disk keeps to what it has told of, and goes on when there is room${hint}`,
  async ({ full: { disk, branch } }) => {
    await disk.leave(2_000)
    const directory = join(disk.path, 'straight')
    const run = (work: Omit<ChainWork, 'directory'>): Promise<DiskExit> => {
      const { words } = chainLaunch({ directory, ...work })
      return disk.run(process.execPath, '--conditions=@chain/source', ...words)
    }
    expectDone(await disk.chainNode('straight', 'import', branch))
    expectDone(await run({ follow: true }))
    await disk.leave(8)
    const { code, stderr, acknowledged } = await run({ prune: true })
    expect([code, stderr]).toEqual([1, expect.stringContaining('The disk is full')])
    const pruned = Number(/pruned (\d+)\n$/.exec(acknowledged)?.[1])
    await disk.leave(40)
    const verify = ['verify', '--depth', '0', '--level', '4', '--json']
    const { from } = JSON.parse((await disk.chainNode('straight', ...verify)).stdout) as { from: number }
    expect(from).toBeGreaterThan(pruned)
    await disk.leave(1_000)
    expectDone(await run({ prune: true }))
    expect(JSON.parse((await disk.chainNode('straight', ...verify)).stdout)).toMatchObject({
      height: HEIGHT,
      from: 1 + HEIGHT - MIN_KEPT_BLOCKS - ((HEIGHT - MIN_KEPT_BLOCKS) % 2),
    })
  },
)

test.skipIf(!isSmallDiskPossible)(
  `an export on a full disk leaves no file behind${hint}`,
  async ({ full: { disk } }) => {
    await disk.leave(50)
    const file = join(disk.path, 'export.blk')
    expectFull(await disk.chainNode('node', 'export', file))
    expect(await disk.expect('ls', disk.path)).toBe('node')
    await disk.leave(1_000)
    expectDone(await disk.chainNode('node', 'export', file))
    expectDone(await disk.run('test', '-s', file))
  },
)

test.skipIf(!isSmallDiskPossible)(
  `every command says that a disk has no room at all, and a new data directory needs more than a little${hint}`,
  async ({ full: { disk, blocks } }) => {
    const start = ['start', '--listen', '/ip4/127.0.0.1/tcp/0', '--rpc-port', '0']
    for (const words of [start, ['import', blocks], ['verify'], ['reindex']])
      expectFull(await disk.chainNode('node', ...words))
    for (const room of [8, 20, 28, 80]) {
      await disk.leave(room)
      expectFull(await disk.chainNode('fresh', 'import', blocks))
      await disk.expect('rm', '-r', join(disk.path, 'fresh'))
    }
  },
)
