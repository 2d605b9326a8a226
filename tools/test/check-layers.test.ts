/** The layer check refuses what the rules forbid, names file, line and rule, and leaves the rest alone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLayers } from '../check-layers.ts'
import { judgeImport } from '../layers/judge-import.ts'
import { readImports } from '../layers/read-imports.ts'

describe('checkLayers', () => {
  let root = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'chain-layers-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  function write(path: string, source: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), source)
  }

  it('reports file, line and rule of a package that imports one above it', () => {
    write('packages/core/src/bytes/reader.ts', "import { x } from '../errors/index.ts'\nexport { x }\n")
    write('packages/p2p/src/host.ts', "import { a } from './a.ts'\nimport { b } from '@chain/storage'\n")
    expect(checkLayers(root)).toEqual([
      {
        path: 'packages/p2p/src/host.ts',
        line: 2,
        rule: '@chain/p2p may not import @chain/storage: of the workspace it imports @chain/core, @chain/wire.',
      },
    ])
  })

  it('reports a package that no rule speaks of', () => {
    write('packages/extra/package.json', '{}')
    expect(checkLayers(root)).toEqual([
      {
        path: 'packages/extra/package.json',
        line: 1,
        rule: 'A package needs a place in tools/layers/layer-rules.ts.',
      },
    ])
  })
})

describe('judgeImport', () => {
  it.each([
    ['packages/core/src/chain/block-tree.ts', '../consensus/index.ts'],
    ['packages/core/src/consensus/filter-commitment.ts', '../filters/filter-header.ts'],
    ['packages/core/src/index.ts', './wallet/index.ts'],
    ['packages/core/src/crypto/hash.ts', '@noble/hashes/sha2.js'],
    ['packages/core/src/testing/arbitraries.ts', 'fast-check'],
    ['packages/core/test/crypto/hash.test.ts', 'node:fs'],
    ['packages/core/test/crypto/hash.test.ts', '@chain/core/crypto'],
    ['packages/storage/src/layout.ts', '@chain/core/bytes'],
    ['packages/p2p/src/host.ts', '@libp2p/tcp'],
    ['apps/node/src/node.ts', '@chain/p2p'],
    ['e2e/peers-meet.e2e.ts', '@chain/node'],
  ])('lets %s import %s', (path, specifier) => {
    expect(judgeImport(path, specifier)).toBeUndefined()
  })

  it.each([
    ['packages/core/src/filters/golomb.ts', '../consensus/index.ts', 'filters may not import consensus'],
    ['packages/core/src/bytes/reader.ts', '../index.ts', 'stands above its folders'],
    ['packages/core/src/misc/reader.ts', '../bytes/index.ts', 'misc has no place'],
    ['packages/core/src/chain/block-tree.ts', '@chain/core/units', 'by relative path'],
    ['packages/core/src/chain/block-tree.ts', 'lmdb', 'may not import lmdb'],
    ['packages/core/src/chain/block-tree.ts', 'fast-check', 'may not import fast-check'],
    ['packages/core/src/chain/block-tree.ts', '@scure/bip39', 'may not import @scure/bip39'],
    ['packages/core/src/crypto/hash.ts', 'node:crypto', 'no built-in module of Node'],
    ['packages/core/src/crypto/hash.ts', 'crypto', 'no built-in module of Node'],
    ['packages/wire/src/codec.ts', 'node:buffer', 'no built-in module of Node'],
    ['packages/wire/src/codec.ts', '@chain/p2p', 'may not import @chain/p2p'],
    ['packages/storage/src/layout.ts', '@chain/wire', 'may not import @chain/wire'],
    ['packages/p2p/test/host.test.ts', '@chain/storage', 'may not import @chain/storage'],
    ['packages/p2p/src/host.ts', '@chain/node', 'may not import @chain/node'],
    ['packages/p2p/src/host.ts', '../../storage/src/index.ts', 'may not reach into packages/storage'],
    ['apps/wallet/src/main.ts', '@chain/node', 'may not import @chain/node'],
  ])('refuses that %s imports %s', (path, specifier, rule) => {
    expect(judgeImport(path, specifier)).toContain(rule)
  })

  it('refuses an import whose target is computed', () => {
    expect(judgeImport('packages/core/src/chain/block-tree.ts', undefined)).toContain(
      'must name what it imports',
    )
  })
})

describe('readImports', () => {
  it('finds every form of import, and none in comments or strings', () => {
    const source = [
      "import a, { type B } from 'a'",
      "import type { C } from 'c'",
      "export * from 'd'",
      "export { e } from 'e'",
      "type F = import('f').F",
      "const g = await import('g')",
      'const h = await import(name)',
      "// import 'i'",
      'const text = "import \'j\'"',
      "import 'k'",
      'export const l = 1',
    ].join('\n')
    expect(readImports('x.ts', source)).toEqual([
      { specifier: 'a', line: 1 },
      { specifier: 'c', line: 2 },
      { specifier: 'd', line: 3 },
      { specifier: 'e', line: 4 },
      { specifier: 'f', line: 5 },
      { specifier: 'g', line: 6 },
      { specifier: undefined, line: 7 },
      { specifier: 'k', line: 10 },
    ])
  })

  it('refuses a source that cannot be parsed', () => {
    expect(() => readImports('x.ts', 'import {')).toThrow(SyntaxError)
  })
})
