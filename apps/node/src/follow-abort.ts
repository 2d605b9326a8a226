/**
 * Joins abort signals whose lives differ.
 *
 * Not `AbortSignal.any`: it leaves something behind in a signal that lives long for each signal that it has made of it.
 */

/** Aborts a controller when one of the signals is aborted, until the returned function is called. */
export function followAbort(controller: AbortController, ...signals: readonly AbortSignal[]): () => void {
  const abort = (): void => controller.abort()
  if (signals.some(({ aborted }) => aborted)) abort()
  for (const signal of signals) signal.addEventListener('abort', abort, { once: true })
  return () => {
    for (const signal of signals) signal.removeEventListener('abort', abort)
  }
}
