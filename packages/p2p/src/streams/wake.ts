/**
 * Lets one task wait until something has changed.
 */

/** For one waiter at a time: who waits anew takes the place of who waited before. */
export class Wake {
  #resolve: (() => void) | undefined

  /** Resolves at the next {@link signal}. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Something has changed. */
  signal(): void {
    this.#resolve?.()
    this.#resolve = undefined
  }
}
