/**
 * JSON-RPC: from the text of a request to the status and text of its answer.
 *
 * Speaks version 1.0 and 1.1 as Bitcoin Core always did (errors change the HTTP status) and version 2.0 as the
 * specification says (errors have status 200; requests without an id get no answer). Not for HTTP itself (`server.ts`).
 *
 * Source: JSON-RPC 2.0; Bitcoin Core, `httprpc.cpp`, doc/JSON-RPC-interface.md
 */

import { rpcCodes } from '@chain/cli'
import { ChainError } from '@chain/core/errors'
import { describeError } from '../describe-error.ts'
import type { Logger } from '../logger.ts'
import type { RpcContext } from './context.ts'
import { writeJson } from './json-pieces.ts'
import type { RpcMethod } from './method.ts'
import { RpcError } from './rpc-error.ts'

/** Most requests in one batch. */
export const MAX_BATCH = 1_000

/** An answer before it goes out, in pieces when it is long; without a body there is nothing to say (status 204). */
export interface RpcAnswer {
  readonly status: number
  readonly body?: string | AsyncIterable<string>
}

/** Answers the text of one HTTP request. */
export type RpcDispatcher = (text: string, signal: AbortSignal) => Promise<RpcAnswer>

type RequestId = string | number | null

/** A request that can be run, or at least answered. */
interface Request {
  /** `undefined` in a notification. */
  readonly id: RequestId | undefined
  readonly isVersion2: boolean
  readonly method: string
  readonly parameters: unknown
}

/** One answered request; `undefined` for a notification. */
interface Reply {
  readonly body: Record<string, unknown> | undefined
  /** Status that a request of version 1 on its own gets. */
  readonly status: number
}

/** Makes a dispatcher over the methods by name. */
export function createDispatcher(
  methods: ReadonlyMap<string, RpcMethod>,
  context: RpcContext,
  log: Logger,
): RpcDispatcher {
  const answerOne = async (value: unknown, signal: AbortSignal): Promise<Reply> => {
    const request = readRequest(value)
    if (request instanceof RpcError)
      return errorReply(request, { id: idOf(value), isVersion2: isVersion2(value) })
    try {
      const method = methods.get(request.method)
      if (method === undefined)
        throw new RpcError(rpcCodes.methodNotFound, 'method-unknown', 'Method not found')
      return resultReply(await method.call(context, request.parameters, signal), request)
    } catch (error) {
      if (!(error instanceof ChainError))
        log.error({ err: error, method: request.method }, 'An RPC method failed')
      return errorReply(error, request)
    }
  }

  const answerBatch = async (values: readonly unknown[], signal: AbortSignal): Promise<RpcAnswer> => {
    if (values.length > MAX_BATCH) {
      const message = `A batch has at most ${MAX_BATCH} requests.`
      return answerOf(errorReply(new RpcError(rpcCodes.invalidRequest, 'rpc-request-invalid', message), {}))
    }
    const bodies: Record<string, unknown>[] = []
    for (const value of values) {
      const { body } = await answerOne(value, signal)
      if (body !== undefined) bodies.push(body)
    }
    return bodies.length === 0 && values.length > 0
      ? { status: 204 }
      : { status: 200, body: writeJson(bodies) }
  }

  const answerText = async (text: string, signal: AbortSignal): Promise<RpcAnswer> => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      return answerOf(
        errorReply(new RpcError(rpcCodes.parseError, 'rpc-parse-error', 'Parse error', { cause }), {}),
      )
    }
    return Array.isArray(value) ? answerBatch(value, signal) : answerOf(await answerOne(value, signal))
  }

  return async (text, signal) => {
    const { status, body } = await answerText(text, signal)
    if (body === undefined) return { status }
    return { status, body: typeof body === 'string' ? body : logFailure(body, log) }
  }
}

/** What fails while it is written is too late for an error: the connection ends in the middle. */
async function* logFailure(pieces: AsyncIterable<string>, log: Logger): AsyncGenerator<string> {
  try {
    yield* pieces
  } catch (error) {
    log.error({ err: error }, 'An RPC answer could not be written')
    throw error
  }
}

function readRequest(value: unknown): Request | RpcError {
  if (!isObject(value)) return invalidRequest('Invalid Request object')
  const { id, jsonrpc, method, params } = value
  const isIdSound = id === undefined || id === null || typeof id === 'string' || typeof id === 'number'
  if (!isIdSound) return invalidRequest('The id must be a string, a number or null')
  if (jsonrpc !== undefined && jsonrpc !== '2.0' && jsonrpc !== '1.0' && jsonrpc !== '1.1') {
    return invalidRequest('JSON-RPC version not supported')
  }
  if (method === undefined) return invalidRequest('Missing method')
  if (typeof method !== 'string') return invalidRequest('Method must be a string')
  const isVersion2 = jsonrpc === '2.0'
  return { id: id === undefined && !isVersion2 ? null : id, isVersion2, method, parameters: params }
}

function invalidRequest(message: string): RpcError {
  return new RpcError(rpcCodes.invalidRequest, 'rpc-request-invalid', message)
}

function idOf(value: unknown): RequestId {
  const id = isObject(value) ? value.id : null
  return typeof id === 'string' || typeof id === 'number' ? id : null
}

function isVersion2(value: unknown): boolean {
  return isObject(value) && value.jsonrpc === '2.0'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function resultReply(result: unknown, { id, isVersion2 }: Request): Reply {
  if (id === undefined) return { body: undefined, status: 204 }
  const value = result ?? null
  return {
    status: 200,
    body: isVersion2 ? { jsonrpc: '2.0', result: value, id } : { result: value, error: null, id },
  }
}

/** What an answer needs to know of the request, as far as that could be read. */
interface RequestEnvelope {
  readonly id?: RequestId | undefined
  readonly isVersion2?: boolean
}

function errorReply(thrown: unknown, envelope: RequestEnvelope): Reply {
  const { id = null, isVersion2 = false } = envelope
  const { rpcCode: code, message, name } = describeError(thrown)
  if ('id' in envelope && envelope.id === undefined) return { body: undefined, status: 204 }
  const error = { code, message, data: { name } }
  if (isVersion2) return { status: 200, body: { jsonrpc: '2.0', error, id } }
  return { status: legacyStatus(code), body: { result: null, error, id } }
}

/** HTTP status of an error in version 1. Source: Bitcoin Core, `JSONErrorReply` */
function legacyStatus(code: number): number {
  if (code === rpcCodes.invalidRequest) return 400
  return code === rpcCodes.methodNotFound ? 404 : 500
}

function answerOf({ status, body }: Reply): RpcAnswer {
  return body === undefined ? { status } : { status, body: writeJson(body) }
}
