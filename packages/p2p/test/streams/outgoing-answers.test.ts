import { expect, it } from 'vitest'
import { OutgoingAnswers } from '../../src/streams/outgoing-answers.ts'

/** A frame of so many bytes that is held, and whether its exchange was ended. */
function hold(answers: OutgoingAnswers, bytes: number): { release: () => void; ended: boolean } {
  const held = { release: (): void => undefined, ended: false }
  held.release = answers.hold(bytes, () => {
    held.ended = true
  })
  return held
}

it('lets wait what is within the bound', () => {
  const answers = new OutgoingAnswers(100)
  expect([hold(answers, 60), hold(answers, 40)].map(({ ended }) => ended)).toEqual([false, false])
})

it('ends the exchange whose frame has waited longest when there is too much', () => {
  const answers = new OutgoingAnswers(100)
  const [oldest, older] = [hold(answers, 50), hold(answers, 50)]
  const newest = hold(answers, 30)
  expect([oldest.ended, older.ended, newest.ended]).toEqual([true, false, false])
})

it('ends no exchange for frames that were taken', () => {
  const answers = new OutgoingAnswers(100)
  const first = hold(answers, 90)
  first.release()
  first.release()
  const second = hold(answers, 90)
  expect([first.ended, second.ended]).toEqual([false, false])
})

it('never ends the exchange of the newest frame', () => {
  const answers = new OutgoingAnswers(100)
  const [first, second] = [hold(answers, 1_000), hold(answers, 1_000)]
  expect([first.ended, second.ended]).toEqual([true, false])
})
