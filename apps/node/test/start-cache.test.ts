import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryDirectory } from './temporary-directory.ts'

const main = new URL('../src/main.ts', import.meta.url).pathname

/** Runs `chain-node --version` in an environment with these directories. */
function readVersion(environment: Readonly<Record<string, string>>): string {
  return execFileSync(process.execPath, ['--conditions=@chain/source', main, '--version'], {
    env: { PATH: process.env.PATH, ...environment },
    encoding: 'utf8',
  })
}

it('compiled code is kept for the next start', () => {
  const directory = temporaryDirectory()
  const version = readVersion({ HOME: directory, XDG_CACHE_HOME: join(directory) })
  expect(readdirSync(join(directory, 'chain'))).not.toEqual([])
  expect(readVersion({ HOME: directory })).toBe(version)
  expect(readdirSync(join(directory, '.cache', 'chain'))).not.toEqual([])
})

it('a home that does not exist is not made', () => {
  const home = join(temporaryDirectory(), 'none')
  expect(readVersion({ HOME: home })).toMatch(/^\d/)
  expect(existsSync(home)).toBe(false)
})
