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
      const requests = new TransactionRequests()
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
