import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const sources = join(root, 'packages/core/src')

const references = new Set(
  readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap(
      (name) => readFileSync(join(sources, name), 'utf8').match(/docs\/[a-z/-]+\.md(#[a-z0-9-]+)?/g) ?? [],
    ),
)

describe('what the sources cite', () => {
  test.each([...references].sort())('%s is there', (reference) => {
    const [page = '', anchor] = reference.split('#')
    const markdown = readFileSync(join(root, page), 'utf8')
    if (anchor !== undefined) expect(anchorsOf(markdown)).toContain(anchor)
  })
})

/** Anchors of the headings of a page, as Markdown viewers make them. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => {
    return title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-')
  })
}
