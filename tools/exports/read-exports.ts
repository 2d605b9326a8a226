/**
 * Reads the names that a package gives to others: every export of every entry point, types included.
 *
 * Entry points are files of `export … from` alone, or of `export *` from such files; names that are declared in an entry
 * point are not looked for.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseSync } from 'oxc-parser'

/** What of a `package.json` matters here. */
interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, { readonly '@chain/source': string }>>
}

/** The entry points of the package in `folder`, each with its names below it, one per line and sorted. */
export function readExports(folder: string): string {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const blocks = Object.entries(exports).map(([path, { '@chain/source': source }]) => {
    const names = [...namesIn(join(folder, source))].sort()
    return [join(name, path), ...names.map((exported) => `  ${exported}`)].join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}

/** Names as they are imported, with `type` before those that are types only. */
function namesIn(path: string): Set<string> {
  const { module } = parseSync(path, readFileSync(path, 'utf8'), { lang: 'ts' })
  const names = new Set<string>()
  for (const { entries } of module.staticExports) {
    for (const { exportName, isType, moduleRequest } of entries) {
      if (exportName.name !== null) names.add(isType ? `type ${exportName.name}` : exportName.name)
      else if (moduleRequest !== null) {
        for (const name of namesIn(join(dirname(path), moduleRequest.value))) names.add(name)
      }
    }
  }
  return names
}
