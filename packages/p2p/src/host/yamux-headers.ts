/**
 * Reads the headers of Yamux frames from the bytes of a connection, without keeping anything but a header that is not
 * complete yet.
 *
 * Not a multiplexer: the library is. Its decoder keeps a frame until it is complete, whatever length the header claims,
 * so that headers have to be seen before it sees them.
 *
 * Source: the specification of Yamux, "Framing"
 */

/** What a header says. */
export interface YamuxHeader {
  /** 0 data, 1 window update, 2 ping, 3 go away. */
  readonly type: number
  /** Bit set: 1 opens a stream or asks a ping, 2 answers it, 4 closes, 8 resets. */
  readonly flags: number
  /** 0 for what concerns the whole connection; odd when the side that dialled has opened it. */
  readonly stream: number
  /** Bytes that follow a data header; otherwise a number of the sender's. */
  readonly length: number
}

/** Types of frames that matter here. */
export const yamuxTypes = { data: 0, ping: 2 } as const

/** The flag that opens a stream or asks for an answer to a ping. */
export const yamuxOpenFlag = 1

const headerLength = 12

/** Told of each header, before the bytes that follow it are skipped. */
export type YamuxHeaderListener = (header: YamuxHeader) => void

/** Reads headers; one per connection and direction. Keeps at most 12 bytes. */
export class YamuxHeaderReader {
  readonly #header = new Uint8Array(headerLength)
  readonly #view = new DataView(this.#header.buffer)
  readonly #onHeader: YamuxHeaderListener
  /** Bytes of the next header that are here. */
  #filled = 0
  /** Bytes of the last frame that are still to come. */
  #body = 0

  constructor(onHeader: YamuxHeaderListener) {
    this.#onHeader = onHeader
  }

  /** Takes the next bytes of the connection. What `onHeader` throws is thrown here. */
  read(bytes: Uint8Array): void {
    let position = 0
    while (position < bytes.length) {
      const rest = bytes.length - position
      const length = Math.min(rest, this.#body > 0 ? this.#body : headerLength - this.#filled)
      if (this.#body > 0) this.#body -= length
      else this.#fill(bytes.subarray(position, position + length))
      position += length
    }
  }

  #fill(bytes: Uint8Array): void {
    this.#header.set(bytes, this.#filled)
    this.#filled += bytes.length
    if (this.#filled < headerLength) return
    this.#filled = 0
    const view = this.#view
    const type = view.getUint8(1)
    const length = view.getUint32(8)
    if (type === yamuxTypes.data) this.#body = length
    this.#onHeader({ type, flags: view.getUint16(2), stream: view.getUint32(4), length })
  }
}
