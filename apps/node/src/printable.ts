/** Text that a stranger wrote, without what would steer the terminal of whoever reads it. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?')
}
