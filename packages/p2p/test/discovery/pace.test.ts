import { describe, expect, it } from 'vitest'
import { Pace } from '../../src/discovery/pace.ts'

function pace(): Pace {
  return new Pace({ first: 100, longest: 1_000 }, () => 0.5)
}

/** Runs the task once and returns the wait until the next run. */
function run(task: Pace, fruitful = false): number {
  task.begin()
  task.end(0, fruitful)
  return task.recurrence.notBefore
}

describe('a recurring task', () => {
  it('is due at once, and then less and less often', () => {
    const task = pace()
    expect(task.recurrence).toEqual({ running: false, notBefore: 0 })
    expect([run(task), run(task), run(task), run(task), run(task)]).toEqual([100, 200, 400, 800, 1_000])
  })

  it('is repeated soon after it has borne fruit', () => {
    const task = pace()
    run(task)
    run(task)
    expect([run(task, true), run(task)]).toEqual([100, 200])
  })

  it('can be hastened, but never delayed', () => {
    const task = pace()
    for (let round = 0; round < 5; round++) run(task)
    task.hasten(500)
    expect(task.recurrence.notBefore).toBe(600)
    task.hasten(2_000)
    expect(task.recurrence.notBefore).toBe(600)
  })

  it('says while it runs', () => {
    const task = pace()
    task.begin()
    expect(task.recurrence.running).toBe(true)
  })
})
