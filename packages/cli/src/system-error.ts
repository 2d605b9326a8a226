/**
 * Errors of the operating system that are no bug of ours: a file that may not be touched, a disk that is full.
 *
 * Not for those that a module expects and answers itself, such as a missing file; nor for what a code means, which
 * `reasonOf` says.
 */
import { reasonOf } from '@chain/core/errors'

/** What is not listed counts as a bug. */
const troubles: ReadonlySet<unknown> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EMFILE',
  'ENFILE',
  'EISDIR',
  'ENAMETOOLONG',
  'ELOOP',
])

/** One sentence about such an error, or `undefined` when it is another one. */
export function describeSystemError(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined
  if (!troubles.has(error.code)) return undefined
  const file = 'path' in error && typeof error.path === 'string' ? error.path : 'A file'
  return `${file} cannot be used, because ${reasonOf(error)}: change that, or choose another directory with --datadir.`
}
