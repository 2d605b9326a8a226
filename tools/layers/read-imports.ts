/**
 * Reads what a TypeScript module imports: static, re-exporting, dynamic and type imports, with their lines.
 *
 * Not for resolving what the specifiers mean: `judge-import.ts` does that.
 */
import { parseSync, Visitor } from 'oxc-parser'

/** One import of a module. */
export interface ModuleImport {
  /** What is imported, as written; `undefined` when it is computed, so that nobody can tell. */
  readonly specifier: string | undefined
  /** Line of the import, from 1. */
  readonly line: number
}

interface Positioned {
  readonly start: number
}

/**
 * Lists the imports of a TypeScript source, in the order in which they stand.
 *
 * @throws {SyntaxError} when the source cannot be parsed
 */
export function readImports(path: string, source: string): ModuleImport[] {
  const { program, errors } = parseSync(path, source, { lang: 'ts' })
  const [error] = errors
  if (error !== undefined) throw new SyntaxError(`${path} cannot be parsed: ${error.message}`)
  const imports: ModuleImport[] = []
  const add = (node: Positioned, target: unknown): void => {
    imports.push({ specifier: literalText(target), line: source.slice(0, node.start).split('\n').length })
  }
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source),
    ExportAllDeclaration: (node) => add(node, node.source),
    ExportNamedDeclaration: (node) => {
      if (node.source !== null) add(node, node.source)
    },
    ImportExpression: (node) => add(node, node.source),
    TSImportType: (node) => add(node, node.source),
  }).visit(program)
  return imports
}

function literalText(node: unknown): string | undefined {
  const { type, value } = node as { type: string; value?: unknown }
  return type === 'Literal' && typeof value === 'string' ? value : undefined
}
