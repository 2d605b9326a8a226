/**
 * One direction of one stream: carries frames in order, each after the time that the line takes.
 */
import type { SimulatedConnection } from './connection.ts'
import type { Participant } from './participant.ts'

/** Frames of one lane do not wait for those of others, but for their sender's line. */
export class Lane {
  readonly connection: SimulatedConnection
  readonly from: Participant
  readonly to: Participant
  readonly protocol: string
  #lastArrival = 0

  constructor(connection: SimulatedConnection, from: Participant, to: Participant, protocol: string) {
    this.connection = connection
    this.from = from
    this.to = to
    this.protocol = protocol
  }

  /** Calls `arrive` when a frame of so many bytes has come, unless the connection ends before. */
  carry(length: number, arrive: () => void): void {
    if (!this.connection.isOpen) return
    const bytes = length + prefixLength(length)
    this.from.uplink.send(this, {
      bytes,
      onPart: (part) => this.from.traffic.send(this.protocol, part),
      onSent: () => this.#travel(bytes, arrive),
    })
  }

  /** Calls `arrive` when word of something without bytes of its own has come, after what was sent before. */
  signal(arrive: () => void): void {
    const ignore = (): void => undefined
    this.from.uplink.send(this, { bytes: 0, onPart: ignore, onSent: () => this.#arriveLater(arrive) })
  }

  /** What has not left yet is not sent any more. */
  drop(): void {
    this.from.uplink.drop(this)
  }

  #travel(bytes: number, arrive: () => void): void {
    this.#arriveLater(() => {
      this.to.traffic.receive(this.protocol, bytes)
      this.connection.modules.onFrame(this.to, this.from, this.protocol, bytes)
      arrive()
    })
  }

  #arriveLater(arrive: () => void): void {
    const { clock } = this.connection.modules
    const delay = this.connection.drawDelay()
    if (delay === undefined) {
      this.connection.fail('The line lost a frame too often.')
      return
    }
    this.#lastArrival = Math.max(this.#lastArrival, clock.now() + delay)
    clock.setTimer(this.#lastArrival - clock.now(), () => this.connection.emerge(arrive))
  }
}

/** Bytes of the varint before a frame. */
function prefixLength(length: number): number {
  let bytes = 1
  for (let rest = length; rest >= 0x80; rest /= 128) bytes += 1
  return bytes
}
