import { text } from 'node:stream/consumers'
import { usageError } from '@chain/cli'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RpcContext } from '../../src/rpc/context.ts'
import { createDispatcher, MAX_BATCH, type RpcAnswer } from '../../src/rpc/dispatcher.ts'
import { LazyList } from '../../src/rpc/json-pieces.ts'
import { defineMethod } from '../../src/rpc/method.ts'
import { quietLog } from '../quiet-log.ts'

const subtract = defineMethod({
  name: 'subtract',
  summary: 'The difference of two numbers.',
  parameters: { minuend: z.number(), subtrahend: z.int().min(0).default(1) },
  run: ({ minuend, subtrahend }) => minuend - subtrahend,
})
const fail = defineMethod({
  name: 'fail',
  summary: 'Fails.',
  parameters: { how: z.enum(['usage', 'bug']) },
  run: ({ how }) => {
    throw how === 'usage' ? usageError('Not like this.') : new TypeError('undefined is not a function')
  },
})

const count = defineMethod({
  name: 'count',
  summary: 'Counts.',
  parameters: { to: z.int() },
  run: ({ to }) => ({ to, numbers: new LazyList(Array.from({ length: to }, (_, index) => index)) }),
})

const methods = new Map([subtract, fail, count].map((method) => [method.name, method]))
// These methods do not use the parts of a node.
const dispatch = createDispatcher(methods, {} as RpcContext, quietLog)
const never = new AbortController().signal

function send(value: unknown): Promise<RpcAnswer> {
  return dispatch(typeof value === 'string' ? value : JSON.stringify(value), never)
}

/** Status and parsed body of an answer. */
async function answerTo(value: unknown): Promise<{ status: number; body: unknown }> {
  const { status, body } = await send(value)
  return { status, body: body === undefined ? undefined : JSON.parse(await textOf(body)) }
}

async function textOf(body: string | AsyncIterable<string>): Promise<string> {
  return typeof body === 'string' ? body : await text(body)
}

function legacy(method: unknown, params?: unknown): unknown {
  return { id: 'a', method, params }
}

function modern(method: unknown, params?: unknown): unknown {
  return { jsonrpc: '2.0', id: 7, method, params }
}

describe('JSON-RPC 1.0', () => {
  it('answers with result and error, and status 200', async () => {
    expect(await answerTo(legacy('subtract', [5, 3]))).toEqual({
      status: 200,
      body: { result: 2, error: null, id: 'a' },
    })
  })

  it.each([
    ['an unknown method', legacy('nope'), 404, -32_601, 'method-unknown'],
    ['no method', { id: 'a' }, 400, -32_600, 'rpc-request-invalid'],
    ['a method that is no text', legacy(5), 400, -32_600, 'rpc-request-invalid'],
    ['a request that is no object', 5, 400, -32_600, 'rpc-request-invalid'],
    [
      'an unknown version',
      { jsonrpc: '3.0', id: 1, method: 'subtract' },
      400,
      -32_600,
      'rpc-request-invalid',
    ],
    ['text that is no JSON', '{"id":', 500, -32_700, 'rpc-parse-error'],
    ['a missing parameter', legacy('subtract', []), 500, -1, 'rpc-parameters-wrong'],
    ['too many parameters', legacy('subtract', [1, 2, 3]), 500, -1, 'rpc-parameters-wrong'],
    ['a parameter of the wrong type', legacy('subtract', ['x']), 500, -3, 'rpc-parameter-invalid'],
    ['a parameter out of range', legacy('subtract', [1, -1]), 500, -8, 'rpc-parameter-invalid'],
    ['an unknown named parameter', legacy('subtract', { minus: 1 }), 500, -8, 'rpc-parameter-unknown'],
    [
      'parameters that are neither list nor object',
      legacy('subtract', 5),
      400,
      -32_600,
      'rpc-request-invalid',
    ],
    ['a method that refuses', legacy('fail', ['usage']), 500, -8, 'usage'],
    ['a method that has a bug', legacy('fail', ['bug']), 500, -32_603, 'internal-error'],
  ])('answers %s with its status and number', async (_what, request, status, code, name) => {
    const answer = await answerTo(request)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ result: null, error: { code, data: { name } } })
  })

  it('answers requests without an id too', async () => {
    expect((await answerTo({ method: 'subtract', params: [1, 1] })).body).toEqual({
      result: 0,
      error: null,
      id: null,
    })
  })
})

describe('JSON-RPC 2.0', () => {
  it('answers with either result or error, and status 200', async () => {
    expect(await answerTo(modern('subtract', [5, 3]))).toEqual({
      status: 200,
      body: { jsonrpc: '2.0', result: 2, id: 7 },
    })
    const refused = await answerTo(modern('nope'))
    expect(refused.status).toBe(200)
    expect(refused.body).toMatchObject({ jsonrpc: '2.0', error: { code: -32_601 }, id: 7 })
    expect(refused.body).not.toHaveProperty('result')
  })

  it('takes parameters by name, and null for a parameter that is left out', async () => {
    expect((await answerTo(modern('subtract', { subtrahend: 4, minuend: 5 }))).body).toMatchObject({
      result: 1,
    })
    expect((await answerTo(modern('subtract', [5, null]))).body).toMatchObject({ result: 4 })
  })

  it('gives notifications no answer, not even when they fail', async () => {
    expect(await send({ jsonrpc: '2.0', method: 'subtract', params: [1, 1] })).toEqual({ status: 204 })
    expect(await send({ jsonrpc: '2.0', method: 'nope' })).toEqual({ status: 204 })
  })
})

describe('a batch', () => {
  it('is answered in order, notifications left out', async () => {
    const notification = { jsonrpc: '2.0', method: 'subtract', params: [1, 1] }
    const { status, body } = await answerTo([modern('subtract', [3, 1]), notification, legacy('nope')])
    expect(status).toBe(200)
    expect(body).toMatchObject([
      { result: 2, id: 7 },
      { error: { code: -32_601 }, id: 'a' },
    ])
  })

  it('of notifications alone gets no answer', async () => {
    expect(await send([{ jsonrpc: '2.0', method: 'subtract', params: [1, 1] }])).toEqual({ status: 204 })
  })

  it('of nothing is answered with nothing', async () => {
    expect(await answerTo([])).toEqual({ status: 200, body: [] })
  })

  it('may hold answers that are written in pieces', async () => {
    const { body } = await answerTo([modern('count', [3]), modern('subtract', [3, 1])])
    expect(body).toMatchObject([{ result: { to: 3, numbers: [0, 1, 2] } }, { result: 2 }])
  })

  it('has a bound', async () => {
    const batch = Array.from({ length: MAX_BATCH + 1 }, () => 1)
    expect(await answerTo(batch)).toMatchObject({ status: 400, body: { error: { code: -32_600 } } })
  })
})
