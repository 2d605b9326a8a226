/**
 * Bytes as an attacker writes them: frames of chain's protocols and of Yamux whose numbers need not be true.
 *
 * Source: docs/protocol/peers.md#frames; the specification of Yamux, "Framing"
 */

/** An unsigned LEB128 integer below 2**53. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

/** A frame whose length says `length`: that of its body when absent. */
export function frame(body: Uint8Array, length: number = body.length): Uint8Array {
  return joined([varint(length), body])
}

/** A protobuf field of wire type 2: bytes, a text or a message. */
export function bytesField(number: number, value: Uint8Array, length: number = value.length): Uint8Array {
  return joined([varint(number * 8 + 2), varint(length), value])
}

/** All of them in a row. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** The same bytes `count` times. */
export function repeated(bytes: Uint8Array, count: number): Uint8Array {
  return joined(Array.from({ length: count }, () => bytes))
}

/** The kinds of Yamux frames. */
export const yamuxTypes = { data: 0, windowUpdate: 1, ping: 2, goAway: 3 } as const

/** The flags of Yamux frames. */
export const yamuxFlags = { none: 0, open: 1, accept: 2, close: 4, reset: 8 } as const

/** What a Yamux header says; zero unless given. */
export interface YamuxFields {
  readonly flags?: number
  readonly stream?: number
  /** Bytes that follow, the number of a ping, or by how much a window grows. */
  readonly length?: number
}

/** The 12 bytes of a Yamux header. */
export function yamuxHeader(type: keyof typeof yamuxTypes, fields: YamuxFields = {}): Uint8Array {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  view.setUint8(1, yamuxTypes[type])
  view.setUint16(2, fields.flags ?? yamuxFlags.none)
  view.setUint32(4, fields.stream ?? 0)
  view.setUint32(8, fields.length ?? 0)
  return bytes
}
