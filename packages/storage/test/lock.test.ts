import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockDirectory } from '../src/lock.ts'
import { nextLine, runProcess } from './processes/run-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

test('a second process is refused and told the pid of the first', async () => {
  const directory = temporaryDirectory()
  const holder = runProcess('hold-lock.ts', [directory])
  expect(await nextLine(holder)).toBe('locked')
  const error = await lockDirectory(directory).catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'data-dir-locked',
    data: { directory, pid: holder.child.pid },
    message: `The data directory ${directory} is in use by process ${holder.child.pid}: stop it first, or choose another directory.`,
  })
})

test('the lock is free after its owner released it', async () => {
  const directory = temporaryDirectory()
  const holder = runProcess('hold-lock.ts', [directory])
  expect(await nextLine(holder)).toBe('locked')
  holder.child.stdin.end()
  expect(await holder.ended).toBe(0)
  expect(existsSync(join(directory, 'lock.pid'))).toBe(false)
  const lock = await lockDirectory(directory)
  lock.release()
  lock.release()
})

test('the lock of a killed process is free at once', async () => {
  const directory = temporaryDirectory()
  const holder = runProcess('hold-lock.ts', [directory])
  expect(await nextLine(holder)).toBe('locked')
  holder.child.kill('SIGKILL')
  expect(await holder.ended).toBe('SIGKILL')
  expect(existsSync(join(directory, 'lock.pid'))).toBe(true)
  const lock = await lockDirectory(directory)
  lock.release()
})

test('the pid of a dead owner that lives on in another process does not lock the directory', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'lock.pid'), `${process.ppid}\n`)
  const lock = await lockDirectory(directory)
  lock.release()
})

test('of processes that start at the same moment exactly one gets the lock, and the others name it', async () => {
  const directory = temporaryDirectory()
  const processes = Array.from({ length: 5 }, () => runProcess('hold-lock.ts', [directory]))
  const lines = await Promise.all(processes.map(nextLine))
  const winners = processes.filter((_, index) => lines[index] === 'locked')
  expect(winners).toHaveLength(1)
  const refusal = `in use by process ${winners[0]?.child.pid}:`
  expect(lines.filter((line) => line.startsWith('data-dir-locked') && line.includes(refusal))).toHaveLength(4)
})

test('a directory is locked against its own process as well', async () => {
  const directory = temporaryDirectory()
  const lock = await lockDirectory(directory)
  await expect(lockDirectory(directory)).rejects.toMatchObject({
    code: 'data-dir-locked',
    data: { pid: process.pid },
  })
  lock.release()
})

test('a lock file that is none is an error of its own', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'lock'), 'somebody put this here, and it is no lock of ours'.repeat(100))
  await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'data-dir-unusable' })
})
