/**
 * Frames from one side of a connection to the other, with a window: whoever sends waits for whoever reads.
 */
import { timeLimits } from '@chain/wire'
import { PeerError } from '../errors.ts'
import { hostLimits } from '../host/host-limits.ts'
import { Wake } from '../streams/wake.ts'
import type { Lane } from './lane.ts'

/** To be iterated once, on the receiving side. Bound: a window of bytes and one frame. */
export class FrameStream implements AsyncIterable<Uint8Array> {
  readonly #forth: Lane
  readonly #back: Lane
  readonly #frames: Uint8Array[] = []
  /** Bytes that were sent and that the sender does not know to be read. */
  #unread = 0
  /** Bytes that were read since the sender was told last. */
  #read = 0
  #isEnded = false
  #senderError: Error | undefined
  #receiverError: Error | undefined
  readonly #sender = new Wake()
  readonly #receiver = new Wake()
  readonly #letGo: (() => void)[] = []
  readonly #senderFailure = Promise.withResolvers<Error>()

  /** @param forth, back - lanes of frames, and of word that they are read */
  constructor(forth: Lane, back: Lane) {
    this.#forth = forth
    this.#back = back
    this.#letGo.push(
      forth.connection.attach(forth.from, { fail: (error) => this.failSender(error) }),
      forth.connection.attach(forth.to, { fail: (error) => this.failReceiver(error) }),
    )
  }

  /** Resolves to the reason when nothing more can be sent. */
  get senderFailed(): Promise<Error> {
    return this.#senderFailure.promise
  }

  /**
   * Resolves when the frame is on its way.
   *
   * @throws {PeerError} `peer-stalled` when the receiver reads too little for too long, or why the stream has failed
   */
  async send(frame: Uint8Array): Promise<void> {
    while (this.#unread >= hostLimits.streamWindow && this.#senderError === undefined) await this.#room()
    if (this.#senderError !== undefined) throw this.#senderError
    this.#unread += frame.length
    this.#forth.carry(frame.length, () => {
      this.#frames.push(frame)
      this.#receiver.signal()
    })
  }

  /** The receiver's iteration ends after what was sent. */
  end(): void {
    this.#forth.signal(() => {
      this.#isEnded = true
      this.#receiver.signal()
      this.#release()
    })
  }

  /** The sender gives up: it can send no more, and the receiver learns it. */
  resetBySender(error: Error): void {
    this.failSender(error)
    this.#forth.signal(() => this.failReceiver(new PeerError('peer-reset', 'The peer reset the stream.')))
  }

  /** The receiver gives up: it reads no more, and the sender learns it. */
  resetByReceiver(error: Error): void {
    this.failReceiver(error)
    this.#back.signal(() => this.failSender(new PeerError('peer-reset', 'The peer reset the stream.')))
  }

  /** Ends it on the sending side only. */
  failSender(error: Error): void {
    this.#senderError ??= error
    this.#senderFailure.resolve(error)
    this.#forth.drop()
    this.#sender.signal()
    this.#releaseWhenOver()
  }

  /** Ends it on the receiving side only; frames that were not read are dropped. */
  failReceiver(error: Error): void {
    this.#receiverError ??= error
    this.#frames.length = 0
    this.#receiver.signal()
    this.#releaseWhenOver()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame !== undefined) {
        yield frame
        this.#acknowledge(frame.length)
      } else if (this.#receiverError !== undefined) throw this.#receiverError
      else if (this.#isEnded) return
      else await this.#receiver.wait()
    }
  }

  #acknowledge(bytes: number): void {
    this.#read += bytes
    if (this.#read < hostLimits.streamWindow / 2) return
    const read = this.#read
    this.#read = 0
    this.#back.signal(() => {
      this.#unread -= read
      this.#sender.signal()
    })
  }

  async #room(): Promise<void> {
    const stalled = new PeerError('peer-stalled', 'The peer took none of the bytes offered to it in time.')
    const { clock } = this.#forth.connection.modules
    const timer = clock.setTimer(timeLimits.write, () => this.resetBySender(stalled))
    await this.#sender.wait()
    timer.cancel()
  }

  #releaseWhenOver(): void {
    if (this.#senderError !== undefined && this.#receiverError !== undefined) this.#release()
  }

  #release(): void {
    for (const letGo of this.#letGo) letGo()
  }
}
