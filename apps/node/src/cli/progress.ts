/**
 * Shows a person at a terminal how far an import or export is; nothing of it stays, and nothing is shown elsewhere.
 */
import { hasColours, overwriteProgress } from '@chain/cli'
import { formatProgress, type Progress } from '../block-file/progress-line.ts'

/** Milliseconds between two looks of a person. */
const INTERVAL = 100

/** A line that is written over and over. */
export class ProgressBar {
  readonly #isShown = hasColours(process.stderr)
  readonly #start = performance.now()
  #last = Number.NEGATIVE_INFINITY

  /** Shows how far the work is, unless that was shown a moment ago. */
  show(progress: Omit<Progress, 'seconds'>): void {
    const now = performance.now()
    if (!this.#isShown || now < this.#last + INTERVAL) return
    this.#last = now
    overwriteProgress(formatProgress({ ...progress, seconds: this.seconds }))
  }

  /** Seconds since it was made. */
  get seconds(): number {
    return (performance.now() - this.#start) / 1_000
  }

  /** Clears the line. */
  end(): void {
    if (this.#isShown) overwriteProgress('')
  }
}
