/**
 * Bitcoin's variable-length count.
 *
 * Source: Bitcoin developer reference, "CompactSize unsigned integers".
 */

/** How many bytes the shortest CompactSize of `value` takes: 1, 3, 5 or 9. */
export function compactSizeLength(value: number): number {
  if (value < 0xfd) return 1
  if (value <= 0xffff) return 3
  return value <= 0xffffffff ? 5 : 9
}
