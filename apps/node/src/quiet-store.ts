/**
 * Keeps LMDB's binding from printing what a command says in a sentence of its own.
 *
 * lmdb-js writes the reason of a commit that failed to the console, with its stack, beside telling us. Its native code may
 * still write a line, which nobody can catch.
 */

/** Drops LMDB's errors from what is printed with `console.error`; everything else is printed as before. */
export function quietStore(): void {
  const print = console.error
  console.error = (...values: unknown[]): void => {
    if (!isStoreError(values[0])) print.apply(console, values)
  }
}

/** LMDB's errors have a number for a code; those of Node have a name. */
function isStoreError(value: unknown): boolean {
  return value instanceof Error && 'code' in value && typeof value.code === 'number'
}
