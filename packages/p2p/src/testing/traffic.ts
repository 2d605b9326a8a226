/**
 * Bytes that a node has sent and received, by protocol: frames with their length prefixes, without what transport,
 * encryption and multiplexing add.
 */

/** Bytes by protocol. */
export class Traffic {
  readonly #sent = new Map<string, number>()
  readonly #received = new Map<string, number>()

  /** All bytes sent. */
  get sent(): number {
    return sum(this.#sent)
  }

  /** All bytes received. */
  get received(): number {
    return sum(this.#received)
  }

  /** Bytes sent over one protocol, such as `relay/1`. */
  sentOver(protocol: string): number {
    return this.#sent.get(protocol) ?? 0
  }

  /** Counts what leaves. */
  send(protocol: string, bytes: number): void {
    this.#sent.set(protocol, this.sentOver(protocol) + bytes)
  }

  /** Counts what comes. */
  receive(protocol: string, bytes: number): void {
    this.#received.set(protocol, (this.#received.get(protocol) ?? 0) + bytes)
  }
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, bytes) => total + bytes, 0)
}
