/**
 * Tells on stderr what happens in the demonstration network. Colours only where stderr is a terminal that wants them.
 */
import { styleText } from 'node:util'
import type { Summary } from './scenario.ts'

export class Narrator {
  readonly #start = performance.now()

  /** One thing that has happened. */
  step(text: string): void {
    this.#write(`${this.#mark('green', '✓')} ${this.#seconds()}  ${text}`)
  }

  /** Something that happens while the network stays up. */
  event(text: string): void {
    this.#write(`${this.#mark('cyan', '·')} ${this.#seconds()}  ${text}`)
  }

  /** The scenario did not succeed. */
  fail(reason: string): void {
    this.#write(`${this.#mark('red', '✗')} ${this.#seconds()}  ${reason}`)
  }

  /** What a person can do with the network that stays up. */
  invite({ join, send }: Summary): void {
    this.#write(
      `\nThe network stays up. Join it from another terminal:\n\n    ${join}\n\nSend coins; the next block follows at once:\n\n    ${send}\n`,
    )
    this.#write('Press Ctrl-C to stop it.\n')
  }

  end(): void {
    this.#write(`${this.#mark('green', '✓')} ${this.#seconds()}  all nodes have stopped`)
  }

  #write(line: string): void {
    process.stderr.write(`${line}\n`)
  }

  #seconds(): string {
    return `${((performance.now() - this.#start) / 1_000).toFixed(1).padStart(5)} s`
  }

  #mark(colour: 'green' | 'cyan' | 'red', text: string): string {
    return styleText(colour, text, { stream: process.stderr })
  }
}
