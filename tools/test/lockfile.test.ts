/** What must never be installed is not in the lockfile. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

const lockfile = readFileSync(resolve(import.meta.dirname, '../../pnpm-lock.yaml'), 'utf8')

it('nothing depends on elliptic, which has verified signatures wrongly', () => {
  const packages = Array.from(lockfile.matchAll(/^ {2}'?(@?[^\s'@]+)@[^\s:]+:/gm), ([, name]) => name)
  expect(packages).toContain('secp256k1')
  expect(packages).not.toContain('elliptic')
  expect(lockfile).not.toMatch(/^\s+elliptic:/m)
})
