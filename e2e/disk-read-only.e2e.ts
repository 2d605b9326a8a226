/** Commands of a user who may not write to the data directory: a sentence that says what is missing, and 7. */
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ChainBuilder } from '@chain/core/testing'
import { expect } from 'vitest'
import { run } from '../tools/processes/program.ts'
import { writeBlockFile } from './crash/crash-scene.ts'
import { canBecomeNobody, runAsNobody } from './nobody.ts'
import { test } from './scene.ts'

const hint = canBecomeNobody
  ? ''
  : ' (needs a user without special rights, or setpriv, and sources that he can read)'

/** A data directory of three blocks, the block file that it was made of, and a directory that everybody may write to. */
async function makeDirectory(folder: string): Promise<Record<'dataDir' | 'blocks' | 'cache', string>> {
  const [dataDir, blocks] = [join(folder, 'node'), join(folder, 'blocks.blk')]
  const builder = ChainBuilder.create()
  writeBlockFile(blocks, builder.mineEmpty(3))
  const { code, stderr } = await run('chain-node', ['import', blocks, ...options(dataDir)])
  expect([code, stderr]).toEqual([0, ''])
  chmodSync(folder, 0o755)
  const cache = join(folder, 'cache')
  mkdirSync(cache)
  chmodSync(cache, 0o777)
  return { dataDir, blocks, cache }
}

function options(dataDir: string): string[] {
  return ['--network', 'regtest', '--datadir', dataDir]
}

function setModes(dataDir: string, directory: number, files: number): void {
  for (const name of readdirSync(dataDir)) chmodSync(join(dataDir, name), files)
  chmodSync(dataDir, directory)
}

test.skipIf(!canBecomeNobody).for([
  ['can be read only', 0o555, 0o444, ['start', 'import', 'verify', 'reindex', 'reindex --coins-only']],
  ['has files that can be read only', 0o777, 0o444, ['verify', 'reindex']],
  ['cannot be looked into', 0o000, 0o600, ['import', 'verify', 'reindex']],
] as const)(`a data directory that %s${hint}`, async ([, directory, files, commands], { scene }) => {
  const { dataDir, blocks, cache } = await makeDirectory(scene.directory)
  const before = statSync(join(dataDir, 'chain.mdb'))
  setModes(dataDir, directory, files)
  for (const command of commands) {
    const words = [...command.split(' '), ...(command === 'import' ? [blocks] : []), ...options(dataDir)]
    const { code, stdout, stderr } = await runAsNobody(words, cache)
    expect(stderr).toMatch(
      /^chain-node: (The file \S+ cannot be written: give this user the right|\S+ cannot be used, because this user has no permission: change that)[^\n]*\n$/,
    )
    expect(stderr).toContain(dataDir)
    expect([code, stdout]).toEqual([7, ''])
  }
  setModes(dataDir, 0o700, 0o600)
  const after = statSync(join(dataDir, 'chain.mdb'))
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs])
})
