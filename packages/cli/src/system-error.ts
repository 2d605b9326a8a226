/**
 * Errors of the operating system that are no bug of ours: a file that may not be touched, a disk that is full.
 *
 * Not for those that a module expects and answers itself, such as a missing file.
 */

/** Why, as a clause; what is not listed counts as a bug. Source: Node.js, "Common system errors" */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EROFS: 'the file system can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full for this user',
  EIO: 'the disk does not work',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
}

/** One sentence about such an error, or `undefined` when it is another one. */
export function describeSystemError(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined
  const reason =
    typeof error.code === 'string' && Object.hasOwn(reasons, error.code) ? reasons[error.code] : undefined
  if (reason === undefined) return undefined
  const file = 'path' in error && typeof error.path === 'string' ? error.path : 'A file'
  return `${file} cannot be used, because ${reason}: change that, or choose another directory with --datadir.`
}
