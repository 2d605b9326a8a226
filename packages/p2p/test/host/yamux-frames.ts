/**
 * Frames of Yamux as bytes, for tests of what reads them.
 */
import type { YamuxHeader } from '../../src/host/yamux-headers.ts'

/** A frame; a data frame has as many bytes after the header as that says. */
export function yamuxFrame({ type, flags, stream, length }: YamuxHeader): Uint8Array {
  const bytes = new Uint8Array(12 + (type === 0 ? length : 0))
  const view = new DataView(bytes.buffer)
  view.setUint8(1, type)
  view.setUint16(2, flags)
  view.setUint32(4, stream)
  view.setUint32(8, length)
  return bytes
}
