import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makePrivateDirectory } from '@chain/storage/private-directory'
import { expect, test } from 'vitest'
import { temporaryDirectory } from './temporary-directory.ts'

test('directories are made for their owner alone, and left alone when they are there', () => {
  const parent = join(temporaryDirectory(), 'deep')
  const directory = join(parent, 'down')
  makePrivateDirectory(directory)
  makePrivateDirectory(directory)
  for (const path of [parent, directory]) expect(statSync(path).mode & 0o777).toBe(0o700)
})

test('a file in the way is an error', () => {
  const file = join(temporaryDirectory(), 'file')
  writeFileSync(file, '')
  expect(() => makePrivateDirectory(file)).toThrow('EEXIST')
  expect(() => makePrivateDirectory(join(file, 'below', 'it'))).toThrow('ENOTDIR')
})

test.runIf(existsSync('/proc/self'))('where the system makes none, it is said at once', () => {
  expect(() => makePrivateDirectory('/proc/chain/data')).toThrow('no directory can be made in /proc')
})
