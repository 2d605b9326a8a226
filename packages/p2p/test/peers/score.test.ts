import { describe, expect, it } from 'vitest'
import { peerLimits } from '../../src/peers/peer-limits.ts'
import {
  banScore,
  decayScore,
  disconnectScore,
  lowestScore,
  penalties,
  ScoreBook,
  scoreHalfLife,
} from '../../src/peers/score.ts'

describe('a score', () => {
  it('is 0 for a stranger', () => {
    expect(new ScoreBook().get('stranger', 0)).toBe(0)
  })

  it('loses half of its distance to 0 in ten minutes', () => {
    expect(decayScore(-40, scoreHalfLife)).toBe(-20)
    expect(decayScore(-40, 2 * scoreHalfLife)).toBe(-10)
    expect(scoreHalfLife).toBe(600_000)
  })

  it('does not change when the clock goes back', () => {
    expect(decayScore(-40, -1)).toBe(-40)
  })

  it('adds up faults that come faster than they are forgiven', () => {
    const scores = new ScoreBook()
    scores.penalise('peer', 'timeout', 0)
    expect(scores.penalise('peer', 'timeout', scoreHalfLife)).toBe(-7.5)
    expect(scores.get('peer', 2 * scoreHalfLife)).toBe(-3.75)
  })

  it('never falls below the lowest', () => {
    const scores = new ScoreBook()
    for (let fault = 0; fault < 10; fault++) scores.penalise('peer', 'invalid-block', 0)
    expect(scores.get('peer', 0)).toBe(lowestScore)
  })

  it('disconnects, and never bans, whoever is late ever so often', () => {
    const scores = new ScoreBook()
    for (let fault = 0; fault < 20; fault++) scores.penalise('late', 'timeout', 0)
    expect(scores.get('late', 0)).toBe(-25)
    expect(scores.get('late', 0)).toBeLessThanOrEqual(disconnectScore)
    expect(scores.penalise('late', 'unrequested-data', 0)).toBe(-35)
    expect(scores.penalise('late', 'timeout', 0)).toBe(-35)
    expect(scores.penalise('late', 'protocol-violation', 0)).toBe(-60)
  })

  it('bans for an invalid block at once and disconnects for garbage at once', () => {
    expect(-penalties['invalid-block']).toBeLessThanOrEqual(banScore)
    expect(-penalties['protocol-violation']).toBeLessThanOrEqual(disconnectScore)
    expect(-penalties['protocol-violation']).toBeGreaterThan(banScore)
  })

  it('of the best-behaved peer is forgotten first when there are too many', () => {
    const scores = new ScoreBook()
    scores.penalise('harmless', 'timeout', 0)
    for (let peer = 0; peer < peerLimits.scores; peer++) scores.penalise(`${peer}`, 'invalid-block', 0)
    expect(scores.get('harmless', 0)).toBe(0)
    expect(scores.get('0', 0)).toBe(-50)
  })
})
