/**
 * Serves the numbers of a node to Prometheus over HTTP, on loopback unless told otherwise. Nobody needs a password: there is
 * nothing in them that is secret, and nothing that can be changed.
 *
 * Source: Prometheus, "Exposition formats"
 */
import { fastify } from 'fastify'
import type { Registry } from 'prom-client'
import { listenError } from '../listen-error.ts'
import { urlOf } from '../rpc/server.ts'
import type { MetricsAddress } from './metrics-address.ts'

/** Most connections at once; more are closed. */
export const MAX_METRICS_CONNECTIONS = 16

/** Milliseconds for a client to send its whole request. */
export const METRICS_REQUEST_TIMEOUT = 10_000

/** A server that listens. */
export interface MetricsServer {
  /** Such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string
  /** Takes no more requests and ends all connections. */
  close(): Promise<void>
}

/**
 * Begins to listen.
 *
 * @throws {OperationalError} `port-occupied`, `address-not-local`
 */
export async function startMetricsServer(
  { bind, port }: MetricsAddress,
  registry: Registry,
): Promise<MetricsServer> {
  const server = fastify({
    requestTimeout: METRICS_REQUEST_TIMEOUT,
    forceCloseConnections: true,
    bodyLimit: 1,
  })
  server.server.maxConnections = MAX_METRICS_CONNECTIONS
  server.setNotFoundHandler((_request, reply) => reply.code(404).send())
  server.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType)
    return await registry.metrics()
  })
  try {
    await server.listen({ host: bind, port })
  } catch (cause) {
    throw listenError(cause, '--metrics') ?? cause
  }
  return { url: `${urlOf(server, bind)}/metrics`, close: () => server.close() }
}
