import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
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

test.each([
  ['short', 'garbage'],
  ['long', 'somebody put this here, and it is no lock of ours'.repeat(100)],
  ['like a database', `SQLite format 3\0${'\u0007'.repeat(4_080)}`],
])('a lock file with garbage that is %s is emptied, and locks again', async (_, garbage) => {
  const directory = temporaryDirectory()
  const file = join(directory, 'lock')
  writeFileSync(file, garbage)
  const { ino } = statSync(file)
  const reports: string[] = []
  const lock = await lockDirectory(directory, (sentence) => reports.push(sentence))
  expect(reports).toEqual([
    `The lock file ${file} was damaged and is empty again, as it should be: it holds no data.`,
  ])
  expect(statSync(file)).toMatchObject({ ino, size: 0 })
  const other = runProcess('hold-lock.ts', [directory])
  expect(await nextLine(other)).toContain(`data-dir-locked The data directory ${directory} is in use`)
  lock.release()
})

test('garbage beside the lock file, where SQLite looks for a journal, does no harm', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'lock'), 'garbage'.repeat(100))
  writeFileSync(join(directory, 'lock-journal'), 'garbage'.repeat(1_000))
  writeFileSync(join(directory, 'lock-wal'), 'garbage'.repeat(1_000))
  const lock = await lockDirectory(directory)
  lock.release()
})

test('garbage in the lock file of a live owner lets nobody else in', async () => {
  const directory = temporaryDirectory()
  const holder = runProcess('hold-lock.ts', [directory])
  expect(await nextLine(holder)).toBe('locked')
  writeFileSync(join(directory, 'lock'), 'garbage')
  await expect(lockDirectory(directory)).rejects.toMatchObject({
    code: 'data-dir-locked',
    data: { pid: holder.child.pid },
  })
  holder.child.stdin.end()
  expect(await holder.ended).toBe(0)
  const lock = await lockDirectory(directory)
  lock.release()
})

test('of processes that start at once on a damaged lock file exactly one gets the lock', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'lock'), 'garbage'.repeat(100))
  const processes = Array.from({ length: 5 }, () => runProcess('hold-lock.ts', [directory]))
  const lines = await Promise.all(processes.map(nextLine))
  expect(lines.filter((line) => line === 'locked')).toHaveLength(1)
  expect(lines.filter((line) => line.startsWith('data-dir-locked'))).toHaveLength(4)
})

test('a refused second attempt of the same process leaves the lock as it is', async () => {
  const directory = temporaryDirectory()
  const lock = await lockDirectory(directory)
  await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'data-dir-locked' })
  const other = runProcess('hold-lock.ts', [directory])
  expect(await nextLine(other)).toContain('data-dir-locked')
  lock.release()
})

test('a directory in place of the lock file is an error that names it', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'lock'))
  await expect(lockDirectory(directory)).rejects.toMatchObject({
    message: expect.stringContaining(join(directory, 'lock')),
  })
})
