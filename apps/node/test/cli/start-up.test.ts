import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ChainBuilder } from '@chain/core/testing'
import { expect, it } from 'vitest'
import { recordOf, writeParts } from '../block-file/block-files.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const main = new URL('../../src/main.ts', import.meta.url).pathname
const listModules = new URL('../processes/list-modules.ts', import.meta.url).href

it('an import loads nothing that only a network or an RPC server needs', () => {
  const directory = temporaryDirectory()
  const file = join(directory, 'modules.txt')
  const blocks = writeParts(...ChainBuilder.create().mineEmpty(2).map(recordOf))
  const options = ['import', blocks, '--network', 'regtest', '--datadir', join(directory, 'node')]
  execFileSync(process.execPath, ['--conditions=@chain/source', '--import', listModules, main, ...options], {
    env: { ...process.env, MODULES_FILE: file },
  })
  const modules = readFileSync(file, 'utf8').split('\n')
  expect(modules.some((url) => url.includes('/lmdb/'))).toBe(true)
  for (const folder of [
    'libp2p',
    '@chainsafe',
    'fastify',
    'pino',
    'zod',
    '@multiformats/multiaddr',
    'p2p/src',
  ]) {
    expect(modules.filter((url) => url.includes(`/${folder}/`))).toEqual([])
  }
})
