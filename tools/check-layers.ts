/**
 * Checks that dependencies run one way: between packages, and between the folders inside core.
 *
 * Part of `npm test`; run alone with `node tools/check-layers.ts`. The rules are in `layers/layer-rules.ts`.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { judgeImport } from './layers/judge-import.ts'
import { layers } from './layers/layer-rules.ts'
import { readImports } from './layers/read-imports.ts'

/** One import that breaks a rule. */
export interface LayerViolation {
  /** File, from the root of the workspace. */
  readonly path: string
  /** Line of the import, from 1. */
  readonly line: number
  /** The rule, in one sentence. */
  readonly rule: string
}

/** Lists every import of the packages' `src` and `test` folders under `root` that breaks a layer rule. */
export function checkLayers(root: string): LayerViolation[] {
  const found = sourcePaths(root).flatMap((path) => {
    const imports = readImports(path, readFileSync(join(root, path), 'utf8'))
    return imports.flatMap(({ specifier, line }) => {
      const rule = judgeImport(path, specifier)
      return rule === undefined ? [] : [{ path, line, rule }]
    })
  })
  return [...unlayeredPackages(root), ...found]
}

function unlayeredPackages(root: string): LayerViolation[] {
  const known = Object.values(layers).map((layer) => layer.folder)
  return globSync('{packages,apps}/*/package.json', { cwd: root })
    .filter((path) => !known.includes(dirname(path)))
    .map((path) => ({ path, line: 1, rule: 'A package needs a place in tools/layers/layer-rules.ts.' }))
}

function sourcePaths(root: string): string[] {
  const folders = Object.values(layers).map((layer) => layer.folder)
  return globSync(
    folders.map((folder) => `${folder}/{src,test}/**/*.ts`),
    { cwd: root },
  ).sort()
}

if (import.meta.main) {
  const violations = checkLayers(resolve(import.meta.dirname, '..'))
  for (const { path, line, rule } of violations) console.error(`${path}:${line}: ${rule}`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
