import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BlockFile } from '../../src/block-file/block-file.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { writeParts } from './block-files.ts'

it('a block file gives the bytes of any place, up to its end', async () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => index)
  const file = await BlockFile.open(writeParts(bytes))
  try {
    expect(file.size).toBe(100)
    expect(await file.read(10, 5)).toEqual(bytes.subarray(10, 15))
    expect(await file.read(5, 5)).toEqual(bytes.subarray(5, 10))
    expect(await file.read(90, 50)).toEqual(bytes.subarray(90))
    expect(await file.read(100, 1)).toHaveLength(0)
    expect(await file.readApart(98, 50)).toEqual(bytes.subarray(98))
  } finally {
    await file.close()
  }
})

it('bytes that were given out stay as they are', async () => {
  const file = await BlockFile.open(
    writeParts(new Uint8Array(5_000_000).fill(1), new Uint8Array(5_000_000).fill(2)),
  )
  try {
    const first = await file.read(0, 10)
    await file.read(9_000_000, 10)
    expect(first).toEqual(new Uint8Array(10).fill(1))
  } finally {
    await file.close()
  }
})

it('what cannot be read at any place is refused at once', async () => {
  const directory = temporaryDirectory()
  for (const path of ['-', directory, '/dev/zero']) {
    await expect(BlockFile.open(path)).rejects.toMatchObject({ code: 'block-file-not-regular' })
  }
  await expect(BlockFile.open(join(directory, 'none'))).rejects.toMatchObject({ code: 'file-unreadable' })
})

it.skipIf(process.platform === 'win32')(
  'a pipe is refused without waiting for somebody to write into it',
  async () => {
    const pipe = join(temporaryDirectory(), 'pipe')
    execFileSync('sh', ['-c', `mkfifo "${pipe}"`])
    await expect(BlockFile.open(pipe)).rejects.toMatchObject({ code: 'block-file-not-regular' })
  },
)

it('a file that fails while it is read is an error with its name', async () => {
  const path = writeParts(new Uint8Array(10))
  const file = await BlockFile.open(path)
  await file.close()
  await expect(file.read(0, 10)).rejects.toMatchObject({
    code: 'file-unreadable',
    message: expect.stringContaining(path),
  })
})
