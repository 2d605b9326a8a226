/**
 * Why something was thrown, in words that a sentence of ours can go on with.
 */
import { systemReason } from './system-reasons.ts'

/**
 * What anything that was thrown says, as a clause: what the operating system's code means, else its first line, without
 * the full stop. Of several errors the last one counts.
 */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return reasonOf(thrown.errors.at(-1))
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const [line = ''] = text.split('\n', 1)
  return systemReason(thrown) ?? line.replace(/\.$/, '')
}
