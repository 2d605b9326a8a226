/**
 * The project of a stranger who uses the packages: its files, as text.
 *
 * Its only settings are the strictest that TypeScript has, so that whatever a reader of the types could trip over shows.
 */

/** A package of this workspace, packed. */
export interface PackedPackage {
  readonly name: string
  /** Path of the tarball. */
  readonly tarball: string
  /** What others import: the name, or the name and a path. */
  readonly entryPoints: readonly string[]
}

/** Versions of Node that the project runs on: the oldest that the packages promise, and the one that develops them. */
export const nodeVersions: readonly string[] = ['22.18.0', '24.21.0']

/** Folder of a version of Node inside `node_modules`. */
export function nodeFolder(version: string): string {
  return `node-${version}`
}

/** The `package.json`: the tarballs, a compiler, and the versions of Node. */
export function manifestOf(
  packed: readonly PackedPackage[],
  tools: Readonly<Record<string, string>>,
): string {
  const tarballs = packed.map(({ name, tarball }): [string, string] => [name, `file:${tarball}`])
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const nodes = nodeVersions.map((version): [string, string] => {
    return [nodeFolder(version), `npm:node-${platform}-${process.arch}@${version}`]
  })
  return JSON.stringify({
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(tarballs),
    devDependencies: { ...tools, ...Object.fromEntries(nodes) },
  })
}

const strictest = {
  target: 'es2024',
  module: 'nodenext',
  noEmit: true,
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
}

/** The `tsconfig.json` of a program for Node: everything is checked, the declarations of all dependencies included. */
export const nodeSettings: string = JSON.stringify({
  compilerOptions: { ...strictest, lib: ['es2024', 'dom', 'dom.iterable'], types: ['node'] },
  include: ['*.ts'],
})

/** The `tsconfig.json` of a program that has the language alone: no types of Node, and none of browsers. */
export const bareSettings: string = JSON.stringify({
  compilerOptions: { ...strictest, lib: ['es2024'], types: [] },
  include: ['bare/*.ts'],
})

/** A program that imports every entry point and gives on what each has. */
export function importProgram(packed: readonly PackedPackage[]): string {
  const entryPoints = packed.flatMap((item) => item.entryPoints)
  return entryPoints.map((name, index) => `export * as module${index} from '${name}'\n`).join('')
}
