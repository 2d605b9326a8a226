import { bytesKey } from '@chain/core/bytes'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Questions, TransactionRequests } from '../../src/relay/transaction-requests.ts'

const peer = fc.constantFrom('a', 'b', 'c')
const id = fc.nat({ max: 5 }).map((number) => new Uint8Array(32).fill(number))
const ids = fc.array(id, { minLength: 1, maxLength: 4 })

const command = fc.oneof(
  fc.record({ type: fc.constant('announce' as const), peer, ids }),
  fc.record({ type: fc.constant('refuse' as const), peer, ids }),
  fc.record({ type: fc.constant('settle' as const), id }),
  fc.record({ type: fc.constant('remove' as const), peer }),
  fc.record({ type: fc.constant('wait' as const), milliseconds: fc.nat({ max: 30_000 }) }),
)

it('asks one peer at a time, only for what it announced, and gives up nothing that another peer may have', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const requests = new TransactionRequests({ inboundDelay: 0, random: () => 0.5 })
      for (const each of ['a', 'b', 'c']) requests.addPeer(each, 'inbound')
      /** Who announced what and has not failed to deliver it since. */
      const hopes = new Map<string, Set<string>>()
      const asked = new Map<string, string>()
      let now = 0
      const take = (questions: Questions): void => {
        for (const [whom, wanted] of questions) {
          for (const each of wanted) {
            expect(asked.has(bytesKey(each))).toBe(false)
            expect(hopes.get(bytesKey(each))?.has(whom)).toBe(true)
            asked.set(bytesKey(each), whom)
          }
        }
      }
      const fail = (whom: string, key: string): void => {
        if (asked.get(key) === whom) asked.delete(key)
        hopes.get(key)?.delete(whom)
      }
      for (const each of commands) {
        switch (each.type) {
          case 'announce':
            for (const one of each.ids) {
              const key = bytesKey(one)
              hopes.set(key, (hopes.get(key) ?? new Set()).add(each.peer))
            }
            take(requests.announce(each.peer, each.ids, now))
            break
          case 'refuse': {
            const keys = each.ids.map(bytesKey).filter((key) => asked.get(key) === each.peer)
            for (const key of keys) fail(each.peer, key)
            take(requests.refuse(each.peer, each.ids, now))
            break
          }
          case 'settle':
            hopes.delete(bytesKey(each.id))
            asked.delete(bytesKey(each.id))
            take(requests.settle(each.id, now))
            break
          case 'remove':
            for (const key of hopes.keys()) fail(each.peer, key)
            take(requests.removePeer(each.peer, now))
            requests.addPeer(each.peer, 'inbound')
            break
          case 'wait': {
            now += each.milliseconds
            const before = new Map(asked)
            const { late, questions } = requests.expire(now)
            for (const [key, whom] of before) {
              const isStillAsked = requests.isAsked(
                whom,
                Uint8Array.from(key, (letter) => letter.charCodeAt(0)),
              )
              if (late.has(whom) && !isStillAsked) fail(whom, key)
            }
            take(questions)
          }
        }
        const hopeful = [...hopes].filter(([, announcers]) => announcers.size > 0)
        expect(requests.size).toBe(hopeful.length)
        expect(asked.size).toBe(hopeful.length)
      }
    }),
  )
})

const timed = fc.oneof(
  fc.record({
    type: fc.constant('announce' as const),
    peer: fc.constantFrom('in', 'in2', 'out', 'out2'),
    ids,
  }),
  fc.record({ type: fc.constant('deliver' as const), id }),
  fc.record({ type: fc.constant('wait' as const), milliseconds: fc.nat({ max: 5_000 }) }),
)

it('asks an outbound peer rather than an inbound one, and lets nothing wait for longer than its time', () => {
  const delay = 2_000
  fc.assert(
    fc.property(
      fc.array(timed, { maxLength: 60 }),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      (commands, chances) => {
        const random = (): number => chances.next().value as number
        const requests = new TransactionRequests({ inboundDelay: delay, random })
        for (const each of ['in', 'in2']) requests.addPeer(each, 'inbound')
        for (const each of ['out', 'out2']) requests.addPeer(each, 'outbound')
        /** Who announced what when and was not asked yet. */
        const waiting = new Map<string, Map<string, number>>()
        const asked = new Set<string>()
        let now = 0
        const take = (questions: Questions): void => {
          for (const [whom, wanted] of questions) {
            for (const key of wanted.map(bytesKey)) {
              const announcers = waiting.get(key) ?? new Map<string, number>()
              expect(announcers.has(whom)).toBe(true)
              if (whom.startsWith('in')) {
                expect([...announcers.keys()].some((each) => each.startsWith('out'))).toBe(false)
                expect(now).toBeGreaterThanOrEqual((announcers.get(whom) ?? 0) + delay)
              }
              announcers.delete(whom)
              asked.add(key)
            }
          }
        }
        const advance = (to: number): void => {
          for (let due = requests.nextExpiry; due !== undefined && due <= to; due = requests.nextExpiry) {
            now = Math.max(now, due)
            const before = [...asked]
            const { late, questions } = requests.expire(now)
            if (late.size > 0)
              for (const key of before) if (![...late].some((each) => isAsked(each, key))) asked.delete(key)
            take(questions)
          }
          now = to
        }
        const isAsked = (whom: string, key: string): boolean =>
          requests.isAsked(
            whom,
            Uint8Array.from(key, (letter) => letter.charCodeAt(0)),
          )
        for (const each of commands) {
          if (each.type === 'wait') advance(now + each.milliseconds)
          else if (each.type === 'deliver') {
            const key = bytesKey(each.id)
            waiting.delete(key)
            asked.delete(key)
            take(requests.settle(each.id, now))
          } else {
            for (const key of each.ids.map(bytesKey)) {
              const announcers = waiting.get(key) ?? new Map<string, number>()
              waiting.set(key, announcers)
              if (!announcers.has(each.peer) && !isAsked(each.peer, key)) announcers.set(each.peer, now)
            }
            take(requests.announce(each.peer, each.ids, now))
          }
          for (const [key, announcers] of waiting) {
            const isOverdue = [...announcers].some(
              ([whom, since]) => whom.startsWith('out') || now >= since + delay,
            )
            if (isOverdue) expect(['in', 'in2', 'out', 'out2'].some((whom) => isAsked(whom, key))).toBe(true)
          }
        }
      },
    ),
  )
})
