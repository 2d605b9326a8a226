/**
 * Long JSON, written in pieces between which others have their turn, and of which no more is held than the client has not
 * taken yet. Its text is that of `JSON.stringify`.
 */
import { createGiveWay } from '../give-way.ts'

/** Characters of a piece, at least; the last one apart. */
const PIECE_LENGTH = 65_536

/** Objects and lists inside each other in which a {@link LazyList} may stand: a batch, its answers, and their results. */
const DEPTH = 3

/** A list whose entries are made while it is written, one after the other. */
export class LazyList {
  readonly entries: Iterable<unknown>

  constructor(entries: Iterable<unknown>) {
    this.entries = entries
  }
}

/** The text of a value with a line break behind it, in pieces when there is a {@link LazyList} in it. */
export function writeJson(value: unknown): string | AsyncIterable<string> {
  return holdsLazyList(value, DEPTH) ? writePieces(value) : `${JSON.stringify(value)}\n`
}

function holdsLazyList(value: unknown, depth: number): boolean {
  if (value instanceof LazyList) return true
  if (typeof value !== 'object' || value === null || depth === 0) return false
  return Object.values(value).some((inner) => holdsLazyList(inner, depth - 1))
}

async function* writePieces(value: unknown): AsyncGenerator<string> {
  const giveWay = createGiveWay()
  let text = ''
  for (const part of parts(value, DEPTH)) {
    text += part
    if (text.length >= PIECE_LENGTH) {
      yield text
      text = ''
    }
    const pause = giveWay()
    if (pause !== undefined) await pause
  }
  yield `${text}\n`
}

function* parts(value: unknown, depth: number): Generator<string> {
  if (!holdsLazyList(value, depth)) yield JSON.stringify(value)
  else if (value instanceof LazyList) yield* listParts(value.entries, 0)
  else if (Array.isArray(value)) yield* listParts(value, depth - 1)
  else yield* objectParts(value as object, depth - 1)
}

function* listParts(entries: Iterable<unknown>, depth: number): Generator<string> {
  let separator = '['
  for (const entry of entries) {
    yield separator
    yield* parts(entry, depth)
    separator = ','
  }
  yield separator === '[' ? '[]' : ']'
}

function* objectParts(value: object, depth: number): Generator<string> {
  let separator = '{'
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue
    yield `${separator}${JSON.stringify(key)}:`
    yield* parts(inner, depth)
    separator = ','
  }
  yield '}'
}
