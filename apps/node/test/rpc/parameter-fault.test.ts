import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parameterFault } from '../../src/rpc/parameter-fault.ts'
import { banSubjectParameter, verbosityParameter } from '../../src/rpc/parameters.ts'

const WRONG_TYPE = -3
const INVALID = -8

const command = z.enum(['add', 'remove', 'onetry'])
const address = z.union([z.string().max(3), z.literal(false)])
const ids = z.array(z.string()).min(1).max(2)

describe('what is wrong with a parameter', () => {
  it.each<[z.ZodType, unknown, number, string]>([
    [z.string(), 5, WRONG_TYPE, 'must be a text, not 5.'],
    [z.int(), 1.5, WRONG_TYPE, 'must be a whole number, not 1.5.'],
    [z.int(), 1e300, INVALID, 'must be a whole number of at most 9007199254740991, not 1e+300.'],
    [z.int().min(0), -1, INVALID, 'must be at least 0, not -1.'],
    [z.number().max(7), 8, INVALID, 'must be at most 7, not 8.'],
    [z.boolean(), 'yes', WRONG_TYPE, 'must be true or false, not "yes".'],
    [z.boolean(), {}, WRONG_TYPE, 'must be true or false, not an object.'],
    [z.boolean(), [], WRONG_TYPE, 'must be true or false, not a list.'],
    [z.string().min(1), '', INVALID, 'must have at least 1 character, not 0.'],
    [z.string().max(300), 'x'.repeat(301), INVALID, 'must have at most 300 characters, not 301.'],
    [command, 'ad', INVALID, 'must be add, remove or onetry, not "ad".'],
    [command, 'x'.repeat(1_000), INVALID, `must be add, remove or onetry, not "${'x'.repeat(40)}…".`],
    [verbosityParameter(2, 0), 'x', WRONG_TYPE, 'must be a number or true or false, not "x".'],
    [address, true, WRONG_TYPE, 'must be a text or false, not true.'],
    [address, 'long', INVALID, 'must have at most 3 characters, not 4.'],
    [ids, [], INVALID, 'must have at least 1 entry, not 0.'],
    [ids, ['a', 'b', 'c'], INVALID, 'must have at most 2 entries, not 3.'],
    [banSubjectParameter, 'nobody', INVALID, 'must be a peer id or an IP address, not "nobody".'],
  ])('%# is said in one sentence, with the name of the parameter', (schema, given, rpcCode, sentence) => {
    const issues = schema.safeParse(given).error?.issues ?? []
    const error = parameterFault('it', given, issues)
    expect(error.message).toBe(`The parameter it ${sentence}`)
    expect(error.rpcCode).toBe(rpcCode)
  })

  it('names the entry of a list', () => {
    const given = ['a', 5]
    const error = parameterFault('txids', given, ids.safeParse(given).error?.issues ?? [])
    expect(error.message).toBe('The parameter txids[1] must be a text, not 5.')
    expect(error.rpcCode).toBe(WRONG_TYPE)
  })
})
