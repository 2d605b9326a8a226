import { expect, it } from 'vitest'
import { hasColours, overwriteProgress, printProgress, printResult } from '../src/output.ts'

function writing(print: (outputs: Parameters<typeof printProgress>[1]) => void): string[] {
  const written: string[] = []
  print({
    writeOutput: (text) => written.push(`output ${text}`),
    writeError: (text) => written.push(`error ${text}`),
  })
  return written
}

it('a result is one line of text, or one JSON value', () => {
  const value = { height: 3 }
  expect(writing((outputs) => printResult(false, value, 'height 3', outputs))).toEqual(['output height 3\n'])
  expect(writing((outputs) => printResult(true, value, 'height 3', outputs))).toEqual([
    'output {"height":3}\n',
  ])
})

it('progress keeps away from results', () => {
  expect(writing((outputs) => printProgress('half', outputs))).toEqual(['error half\n'])
})

it('a line of progress takes the place of the one before', () => {
  expect(writing((outputs) => overwriteProgress('half', outputs))).toEqual(['error \r\u001B[Khalf'])
})

it.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: true }, { NO_COLOR: '' }, true],
  [{ isTTY: true }, { NO_COLOR: '1' }, false],
  [{}, {}, false],
])('colours need a terminal, and nobody who minds: %j, %j', (stream, environment, expected) => {
  expect(hasColours(stream, environment)).toBe(expected)
})
