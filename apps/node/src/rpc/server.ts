/**
 * The RPC server: JSON-RPC over HTTP, on loopback unless told otherwise, for whoever has the cookie.
 *
 * Source: Bitcoin Core, `httprpc.cpp`, `httpserver.cpp`
 */
import { setMaxListeners } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { invariant } from '@chain/core/errors'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { followAbort } from '../follow-abort.ts'
import { listenError } from '../listen-error.ts'
import { isAuthorized } from './cookie.ts'
import type { RpcDispatcher } from './dispatcher.ts'

/** Longest request in bytes: room for two blocks in hexadecimal. */
export const MAX_REQUEST_LENGTH = 16_777_216

/** Most connections at once; more are closed. */
export const MAX_CONNECTIONS = 100

/** Milliseconds that an answer to a wrong password waits, against guessing. Source: Bitcoin Core */
const REFUSAL_DELAY = 250

/** Milliseconds that requests under way may take when the server closes. */
const CLOSE_TIMEOUT = 500

/** Milliseconds for a client to send its whole request. */
const REQUEST_TIMEOUT = 30_000

export interface RpcServerOptions {
  /** IP address to listen on. */
  readonly bind: string
  /** 0 picks a free one. */
  readonly port: number
  readonly cookie: string
  readonly dispatch: RpcDispatcher
}

/** A server that listens. */
export interface RpcServer {
  /** Such as `http://127.0.0.1:18657`. */
  readonly url: string
  /** Takes no more requests, aborts those under way and ends all connections. */
  close(): Promise<void>
}

/**
 * Begins to listen.
 *
 * @throws {OperationalError} `port-occupied`, `address-not-local`
 */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const life = new AbortController()
  // One listener for each request under way.
  setMaxListeners(0, life.signal)
  const server = createServer(options, life.signal)
  try {
    await server.listen({ host: options.bind, port: options.port })
  } catch (cause) {
    throw listenError(cause, '--rpc-port') ?? cause
  }
  return {
    url: urlOf(server, options.bind),
    close: async () => {
      life.abort()
      // Answers under way are sent, `stop`'s own among them; who is slower than this is cut off.
      const limit = setTimeout(() => server.server.closeAllConnections(), CLOSE_TIMEOUT)
      await server.close()
      clearTimeout(limit)
    },
  }
}

function createServer({ cookie, dispatch }: RpcServerOptions, life: AbortSignal): FastifyInstance {
  const server = fastify({
    bodyLimit: MAX_REQUEST_LENGTH,
    requestTimeout: REQUEST_TIMEOUT,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
  })
  server.server.maxConnections = MAX_CONNECTIONS
  // Clients of Bitcoin Core send JSON under whatever content type their library sets.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  // Before the body is read: a stranger makes us hold nothing.
  server.addHook('onRequest', async (request, reply) => {
    if (isAuthorized(request.headers.authorization, cookie)) return
    await delay(REFUSAL_DELAY)
    await reply.code(401).header('www-authenticate', 'Basic realm="jsonrpc"').send()
  })
  server.setNotFoundHandler((_request, reply) => reply.code(404).send())
  server.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    reply
      .code(error.statusCode ?? 500)
      .type('text/plain')
      .send(`${error.message}\n`),
  )
  server.post('/', (request, reply) => answer(request, reply, dispatch, life))
  server.route({
    method: ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'],
    url: '/',
    handler: (_request, reply) =>
      reply
        .code(405)
        .header('allow', 'POST')
        .type('text/plain')
        .send('JSONRPC server handles only POST requests\n'),
  })
  return server
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  dispatch: RpcDispatcher,
  life: AbortSignal,
): Promise<FastifyReply> {
  const ended = new AbortController()
  const unfollow = followAbort(ended, life)
  reply.raw.on('close', () => {
    unfollow()
    ended.abort()
  })
  const text = typeof request.body === 'string' ? request.body : ''
  const { status, body } = await dispatch(text, ended.signal)
  reply.code(status)
  if (body === undefined) return reply.send()
  return reply.type('application/json').send(typeof body === 'string' ? body : Readable.from(body))
}

/** Where a server listens, such as `http://127.0.0.1:18657`. */
export function urlOf(server: FastifyInstance, bind: string): string {
  const [address] = server.addresses()
  invariant(typeof address === 'object', 'A server that listens has an address.')
  return `http://${bind.includes(':') ? `[${bind}]` : bind}:${address.port}`
}
