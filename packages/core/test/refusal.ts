/** What a check refused, for assertions on its code. */
import { ChainError } from '@chain/core/errors'

/** The error of ours that `run` throws; fails when it throws none, or one that is not ours. */
export function refusal(run: () => unknown): ChainError {
  try {
    run()
  } catch (error) {
    if (error instanceof ChainError) return error
    throw error
  }
  throw new Error('Nothing was refused.')
}
