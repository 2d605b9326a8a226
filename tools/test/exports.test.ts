/**
 * What the packages give to others is pinned: a name that comes, goes or moves is a change that somebody meant.
 *
 * `npx vitest run --project tools --update` writes the lists anew.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { readExports } from '../exports/read-exports.ts'

const packages = resolve(import.meta.dirname, '../../packages')

it.each(['core', 'wire', 'storage', 'verifier', 'p2p'])(
  'the exports of @chain/%s are those of its exports.txt',
  async (name) => {
    const folder = join(packages, name)
    await expect(readExports(folder)).toMatchFileSnapshot(join(folder, 'exports.txt'))
  },
)

it.each(['core', 'wire', 'storage', 'verifier', 'p2p'])(
  '@chain/%s is published with the entry points it has here',
  (name) => {
    const manifest = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')) as Manifest
    const published = Object.entries(manifest.exports).map(([path, { types, default: file }]) => {
      return [path, { types, default: file }]
    })
    expect(manifest.publishConfig.exports).toEqual(Object.fromEntries(published))
    expect(manifest.sideEffects).toBe(false)
  },
)

interface Manifest {
  readonly sideEffects: boolean
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>
  readonly publishConfig: { readonly exports: unknown }
}
