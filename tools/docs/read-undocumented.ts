/**
 * Finds what a TypeScript module exports without a docstring.
 *
 * A docstring is a block comment that opens with two asterisks, ends directly before the declaration, and has a
 * word before its tags. What a class has because it implements an interface is documented there.
 */
import { type Comment, parseSync } from 'oxc-parser'

/** Something that lacks a docstring. */
export interface Undocumented {
  /** Line of the declaration, from 1. */
  readonly line: number
  /** What is missing, in one sentence. */
  readonly rule: string
}

/** The little that matters here of a node of the syntax tree. */
interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly declaration?: SyntaxNode | null
  readonly declarations?: readonly SyntaxNode[]
  readonly body?: SyntaxNode | readonly SyntaxNode[] | null
  readonly id?: SyntaxNode | null
  readonly key?: SyntaxNode
  readonly name?: string
  readonly kind?: string
  readonly override?: boolean
  readonly accessibility?: string | null
  readonly computed?: boolean
  readonly implements?: readonly unknown[]
}

/**
 * Lists the exports of a module, and the methods of its exported classes, that have no docstring, in the order of the source.
 *
 * @throws {SyntaxError} when the source cannot be parsed
 */
export function readUndocumented(path: string, source: string): Undocumented[] {
  const { program, errors, comments } = parseSync(path, source, { lang: 'ts' })
  const [error] = errors
  if (error !== undefined) throw new SyntaxError(`${path} cannot be parsed: ${error.message}`)
  const lineOf = (node: SyntaxNode): number => source.slice(0, node.start).split('\n').length
  const isDocumented = (node: SyntaxNode): boolean =>
    comments.some((comment) => documents(comment, node, source))
  const found: Undocumented[] = []
  const overloads = new Set<string>()
  for (const statement of program.body as unknown as SyntaxNode[]) {
    const { declaration } = statement
    if (statement.type !== 'ExportNamedDeclaration' || declaration === undefined || declaration === null)
      continue
    const name = nameOf(declaration)
    if (!isDocumented(statement) && !overloads.has(name)) {
      found.push({ line: lineOf(statement), rule: `${name} is exported without a docstring.` })
    }
    if (declaration.type === 'TSDeclareFunction') overloads.add(name)
    for (const member of membersOf(declaration)) {
      if (isDocumented(member)) continue
      found.push({ line: lineOf(member), rule: `${name}.${nameOf(member)} has no docstring.` })
    }
  }
  return opensWithDoc(comments, source, program.body.length)
    ? found
    : [{ line: 1, rule: 'The module does not open with what it is.' }, ...found]
}

/** Whether a comment is the docstring of a node. */
function documents({ type, value, start, end }: Comment, node: SyntaxNode, source: string): boolean {
  const [words = ''] = value.split(/@[a-z]/)
  const isDoc = type === 'Block' && value.startsWith('*') && /\w/.test(words)
  return isDoc && start < node.start && source.slice(end, node.start).trim() === ''
}

/** Whether the module says what it is before anything else. */
function opensWithDoc(comments: readonly Comment[], source: string, statements: number): boolean {
  if (statements === 0) return true
  const start = comments.find(({ value }) => value.startsWith('*'))?.start
  return start !== undefined && source.slice(0, start).trim() === ''
}

/** Methods and getters that others can call; what an interface or a base class documents is not said twice. */
function membersOf(node: SyntaxNode): readonly SyntaxNode[] {
  const { type, body } = node
  if (type !== 'ClassDeclaration' || body === undefined || body === null || !('body' in body)) return []
  if ((node.implements?.length ?? 0) > 0) return []
  return (body.body as readonly SyntaxNode[]).filter(
    (member) =>
      member.type === 'MethodDefinition' &&
      member.kind !== 'constructor' &&
      member.kind !== 'set' &&
      member.override !== true &&
      member.computed !== true &&
      member.key?.type !== 'PrivateIdentifier' &&
      (member.accessibility ?? 'public') === 'public',
  )
}

function nameOf({ id, key, declarations }: SyntaxNode): string {
  return id?.name ?? key?.name ?? declarations?.map(nameOf).join(', ') ?? 'The declaration'
}
