import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identityToBytes } from '@chain/p2p'
import { describe, expect, it } from 'vitest'
import { IDENTITY_FILE, identityFromSeed, loadIdentity } from '../src/identity.ts'
import { temporaryDirectory } from './temporary-directory.ts'

describe('the identity of a node', () => {
  it('is made at the first use, and the same ever after', async () => {
    const directory = temporaryDirectory()
    const first = identityToBytes(await loadIdentity(directory))
    const second = identityToBytes(await loadIdentity(directory))
    expect(second).toEqual(first)
  })

  it('differs between data directories', async () => {
    const [a, b] = await Promise.all([loadIdentity(temporaryDirectory()), loadIdentity(temporaryDirectory())])
    expect(identityToBytes(a)).not.toEqual(identityToBytes(b))
  })

  it('lies in a file that only its owner may read', async () => {
    const directory = temporaryDirectory()
    await loadIdentity(directory)
    expect(statSync(join(directory, IDENTITY_FILE)).mode & 0o777).toBe(0o600)
  })

  it.each(['', 'nonsense', '0801'])(
    'says what to do when the file holds %j, and keeps it',
    async (content) => {
      const directory = temporaryDirectory()
      const file = join(directory, IDENTITY_FILE)
      writeFileSync(file, content)
      await expect(loadIdentity(directory)).rejects.toThrow(
        expect.objectContaining({ code: 'identity-unreadable' }),
      )
      expect(readFileSync(file, 'utf8')).toBe(content)
    },
  )

  it('follows from a seed, always the same', async () => {
    const [a, b, c] = await Promise.all([identityFromSeed(1), identityFromSeed(1), identityFromSeed(2)])
    expect(identityToBytes(a)).toEqual(identityToBytes(b))
    expect(identityToBytes(a)).not.toEqual(identityToBytes(c))
  })
})
