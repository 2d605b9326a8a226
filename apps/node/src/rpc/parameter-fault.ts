/**
 * What is wrong with a parameter of an RPC method, in one sentence of ours.
 *
 * Not for texts that core or p2p parse (hashes, addresses): their own errors say more.
 *
 * Source: Bitcoin Core, `RPC_TYPE_ERROR`, `RPC_INVALID_PARAMETER`
 */
import { rpcCodes } from '@chain/cli'
import type { z } from 'zod'
import { RpcError } from './rpc-error.ts'

/** Characters of a text that a sentence repeats. */
const SHOWN = 40

type Issue = z.core.$ZodIssue

/** What the kinds of JSON values are called. */
const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

/**
 * The error about the first thing that is wrong.
 *
 * @param given - what was given for the parameter `name`
 */
export function parameterFault(name: string, given: unknown, [issue]: readonly Issue[]): RpcError {
  const path = issue?.path ?? []
  const place = path.reduce<string>((text, key) => `${text}[${String(key)}]`, name)
  const value = path.reduce<unknown>((outer, key) => (outer as Record<PropertyKey, unknown>)[key], given)
  const sentence = `The parameter ${place} must ${issue === undefined ? 'be another one' : demand(issue, value)}.`
  const isType = issue?.code === 'invalid_type' || issue?.code === 'invalid_union'
  return new RpcError(
    isType ? rpcCodes.wrongType : rpcCodes.invalidParameter,
    'rpc-parameter-invalid',
    sentence,
  )
}

/** What the value must be or have, and what it is or has instead. */
function demand(issue: Issue, value: unknown): string {
  if (issue.code === 'too_big') return bound('at most', issue.origin, Number(issue.maximum), value)
  if (issue.code === 'too_small') return bound('at least', issue.origin, Number(issue.minimum), value)
  return `be ${wish(issue)}, not ${show(value)}`
}

function bound(word: string, origin: string, limit: number, value: unknown): string {
  if (typeof value === 'string') return `have ${word} ${count(limit, 'character')}, not ${value.length}`
  if (Array.isArray(value))
    return `have ${word} ${limit} ${limit === 1 ? 'entry' : 'entries'}, not ${value.length}`
  return `be ${origin === 'int' ? 'a whole number of ' : ''}${word} ${limit}, not ${show(value)}`
}

/** What was wanted; a check of our own says it itself. */
function wish(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? issue.expected
    case 'invalid_value':
      return list(issue.values.map(String))
    case 'invalid_union':
      return list([...new Set(issue.errors.flatMap(([first]) => (first === undefined ? [] : wish(first))))])
    default:
      return issue.message
  }
}

function list(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((part) => part !== '').join(' or ')
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** A value in few characters, whatever its size. */
function show(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value)
  }
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'a list' : 'an object'
}
