import { expect, test } from 'vitest'
import { openStore } from '../src/open-store.ts'
import { nextLine, runProcess } from './processes/run-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

test.skipIf(process.platform === 'win32')(
  'a file that cannot grow any more is a clear error, keeps what was acknowledged, and takes no more',
  async () => {
    const directory = temporaryDirectory()
    // In blocks of 512 bytes: one MiB.
    const writer = runProcess('fill-store.ts', [directory], 'ulimit -f 2048')
    const line = await nextLine(writer)
    const [count, code] = line.split(' ')
    // The limit stands for a quota: whether LMDB sees it in the middle of a write or before decides on the code.
    expect(['store-disk-full', 'store-failed']).toContain(code)
    expect(line).toMatch(/disk is full|quota is used up/)
    expect(await nextLine(writer)).toBe('no more is stored')
    expect(await writer.ended).toBe(0)
    expect(Number(count)).toBeGreaterThan(5)
    const store = await openStore({ directory, specId: '0a1b2c3d' })
    expect(store.chainStore.readTip()).toEqual(new Uint8Array(32).fill(Number(count)))
    await store.close()
  },
)
