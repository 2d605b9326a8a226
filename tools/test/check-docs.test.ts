/** The docstring check finds what is exported without words, and leaves the rest alone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { checkDocs } from '../check-docs.ts'
import { readUndocumented } from '../docs/read-undocumented.ts'

const opening = '/** What the module is. */\n'

it.each([
  ['export function verb(): void {}', 'verb is exported without a docstring.'],
  ['export interface Noun {}', 'Noun is exported without a docstring.'],
  ['export type Noun = string', 'Noun is exported without a docstring.'],
  ['export const MOST = 3', 'MOST is exported without a docstring.'],
  ['/* Not a docstring. */\nexport class Noun {}', 'Noun is exported without a docstring.'],
  ['/** */\nexport class Noun {}', 'Noun is exported without a docstring.'],
  ['/** @throws {Error} always */\nexport function verb(): void {}', 'verb is exported without a docstring.'],
  ['/** A noun. */\n\nconst other = 1\nexport class Noun {}', 'Noun is exported without a docstring.'],
  ['/** A noun. */\nexport class Noun { verb(): void {} }', 'Noun.verb has no docstring.'],
  [
    '/** A noun. */\nexport class Noun { get adjective(): number { return 1 } }',
    'Noun.adjective has no docstring.',
  ],
])('reports %j', (source, rule) => {
  const found = readUndocumented('module.ts', `${opening}import 'x'\n${source}\n`)
  expect(found.map((missing) => missing.rule)).toEqual([rule])
})

it.each([
  '/** A noun. */\nexport class Noun { constructor() {} #verb(): void {} private other(): void {} }',
  '/** A noun. */\nexport class Noun implements Iterable<never> { verb(): void {} }',
  '/** A noun. */\nexport class Noun { [Symbol.iterator](): Iterator<never> { return [].values() } }',
  '/** Does it. */\nexport function verb(a: string): void\nexport function verb(a: number): void\nexport function verb(): void {}',
  "export { verb } from './verb.ts'",
  'function verb(): void {}',
])('leaves %j alone', (source) => {
  expect(readUndocumented('module.ts', `${opening}import 'x'\n${source}\n`)).toEqual([])
})

it('reports file and line, a module that opens without a word, and no generated code', () => {
  const root = mkdtempSync(join(tmpdir(), 'chain-docs-'))
  const write = (path: string, source: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), source)
  }
  write(
    'packages/core/src/noun.ts',
    "import 'x'\n/** A noun. */\nexport class Noun {}\nexport const other = 1\n",
  )
  write('packages/core/src/generated/noun.ts', 'export class Noun {}\n')
  write('packages/core/test/noun.test.ts', 'export class Noun {}\n')
  const path = 'packages/core/src/noun.ts'
  expect(checkDocs(root)).toEqual([
    { path, line: 1, rule: 'The module does not open with what it is.' },
    { path, line: 4, rule: 'other is exported without a docstring.' },
  ])
  rmSync(root, { recursive: true })
})
