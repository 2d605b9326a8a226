/**
 * What anything that was thrown says, as a clause that a sentence of ours can go on with: its first line, without the
 * full stop.
 */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const [line = ''] = text.split('\n', 1)
  return line.replace(/\.$/, '')
}
