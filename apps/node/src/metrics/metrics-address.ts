/**
 * Where metrics are served. By itself, so that the command line can be read without loading a server.
 */

/** Where to listen. */
export interface MetricsAddress {
  /** IP address. */
  readonly bind: string
  /** 0 picks a free one. */
  readonly port: number
}

/** Where metrics are served unless told otherwise: the port that exporters for Prometheus often take. */
export const DEFAULT_METRICS_ADDRESS: MetricsAddress = { bind: '127.0.0.1', port: 9_464 }
