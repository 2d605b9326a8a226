import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPrivateFile, readFileIfThere, replacePrivateFile } from '../src/private-file.ts'
import { temporaryDirectory } from './temporary-directory.ts'

function crash(file: string, action: string, call: string): NodeJS.Signals | null {
  const script = join(import.meta.dirname, 'processes/crash-while-writing.ts')
  const options = { stdio: 'inherit' } as const
  return spawnSync(process.execPath, ['--conditions=@chain/source', script, file, action, call], options)
    .signal
}

describe('a private file', () => {
  it('is made once, and is then left alone', () => {
    const file = join(temporaryDirectory(), 'secret')
    expect(createPrivateFile(file, 'first')).toBe(true)
    expect(createPrivateFile(file, 'second')).toBe(false)
    expect(readFileSync(file, 'utf8')).toBe('first')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('is replaced as a whole', () => {
    const file = join(temporaryDirectory(), 'secret')
    writeFileSync(file, 'old', { mode: 0o644 })
    replacePrivateFile(file, 'new')
    expect(readFileSync(file, 'utf8')).toBe('new')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it.each(['renameSync', 'fsyncSync', 'writeFileSync'])('is the old one after a crash in %s', (call) => {
    const file = join(temporaryDirectory(), 'secret')
    writeFileSync(file, 'old')
    expect(crash(file, 'replace', call)).toBe('SIGKILL')
    expect(readFileSync(file, 'utf8')).toBe('old')
    replacePrivateFile(file, 'new')
    expect(readFileSync(file, 'utf8')).toBe('new')
  })

  it('is not there at all after a crash while it was made, and can be made then', () => {
    const file = join(temporaryDirectory(), 'secret')
    expect(crash(file, 'create', 'linkSync')).toBe('SIGKILL')
    expect(existsSync(file)).toBe(false)
    expect(createPrivateFile(file, 'new')).toBe(true)
  })
})

describe('a file that may be missing', () => {
  it('is read when it is there', () => {
    const file = join(temporaryDirectory(), 'file')
    expect(readFileIfThere(file)).toBeUndefined()
    writeFileSync(file, 'text')
    expect(readFileIfThere(file)).toBe('text')
    expect(readFileIfThere(join(file, 'below'))).toBeUndefined()
  })

  it('does not hide another failure', () => {
    expect(() => readFileIfThere(temporaryDirectory())).toThrow('EISDIR')
  })
})
