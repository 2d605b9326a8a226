import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { formatChainSpec, loadNetwork } from '@chain/core/consensus'
import { describe, expect, it } from 'vitest'
import { loadChainSpec, networkOption } from '../src/chain-spec.ts'
import { temporaryDirectory } from './temporary-directory.ts'

describe('the network that --network means', () => {
  it('is one that is built in', () => {
    expect(loadChainSpec('regtest')).toBe(loadNetwork('regtest'))
    expect(networkOption('regtest')).toBe('regtest')
  })

  it('is the chain spec in a file, named by its absolute path', () => {
    const file = join(temporaryDirectory(), 'mine.json')
    writeFileSync(file, formatChainSpec({ ...loadNetwork('dev'), name: 'mine' }))
    expect(loadChainSpec(file).name).toBe('mine')
    expect(networkOption(relative('.', file))).toBe(file)
  })

  it('is among those named when it is none', () => {
    expect(() => loadChainSpec('mian')).toThrow(
      'There is no network "mian": name one of main, dev, regtest, or a chain spec file.',
    )
  })

  it('names the file and what is wrong in a malformed chain spec', () => {
    const file = join(temporaryDirectory(), 'broken.json')
    writeFileSync(file, '{"name": "x"')
    expect(() => loadChainSpec(file)).toThrow(
      expect.objectContaining({ code: 'chain-spec-malformed', message: expect.stringContaining(file) }),
    )
  })

  it('is no directory and no file without end', () => {
    const directory = join(temporaryDirectory(), 'spec')
    mkdirSync(directory)
    expect(() => loadChainSpec(directory)).toThrow(
      expect.objectContaining({ code: 'file-unreadable', message: expect.stringContaining('not a file') }),
    )
    const file = join(directory, 'long.json')
    writeFileSync(file, '')
    truncateSync(file, 2 ** 30)
    expect(() => loadChainSpec(file)).toThrow(
      expect.objectContaining({ code: 'file-unreadable', message: expect.stringContaining('too long') }),
    )
  })
})
