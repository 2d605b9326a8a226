/**
 * How this node asks the hash table: with a deadline, and only when there is somebody to ask.
 */
import { invariant } from '@chain/core/errors'
import type { Libp2p } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { PeerError, toPeerError } from '../errors.ts'
import type { HostServices } from '../host/host.ts'
import { Deadline } from '../streams/deadline.ts'
import { dhtLimits } from './dht-limits.ts'

/** Runs operations on the table of a host. */
export class Operations {
  readonly #host: Libp2p<HostServices>
  readonly #stop = new AbortController()

  constructor(host: Libp2p<HostServices>) {
    this.#host = host
  }

  /** The library's table. */
  get table(): KadDHT {
    const { dht } = this.#host.services
    invariant(dht !== undefined, 'A hash table needs a host that was made with one.')
    return dht
  }

  /** Without anybody connected the library would wait for its first peer. @throws {PeerError} `peer-missing` */
  expectCompany(): void {
    if (this.#host.getConnections().length > 0) return
    throw new PeerError('peer-missing', 'Nobody is connected, so that there is no hash table to ask.')
  }

  /** Runs one operation for as long as it may take. @throws {PeerError} */
  async run<Result>(operation: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const deadline = new Deadline(dhtLimits.operation, this.#stop.signal)
    try {
      return await operation(deadline.signal)
    } catch (error) {
      throw toPeerError(deadline.signal.aborted ? deadline.signal.reason : error)
    } finally {
      deadline.dispose()
    }
  }

  /** Ends all that are under way. */
  stop(): void {
    this.#stop.abort(new PeerError('cancelled', 'The node stops.'))
  }
}
