/**
 * What the operating system's error codes mean, as clauses that a sentence of ours can go on with.
 *
 * Not for what follows from an error, nor for those that a module expects and answers itself, such as a missing file.
 *
 * Source: Node.js, "Common system errors"; POSIX, `errno.h`
 */

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EROFS: 'the file system can only be read',
  ENOENT: 'there is no such file or directory',
  EEXIST: 'there is something else of that name',
  ENOTDIR: 'a part of its path is no directory',
  EISDIR: 'it is a directory',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'the links of its path go in a circle',
  EBUSY: 'it is in use',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full for this user',
  EIO: 'the disk does not work',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'it is not an address of this machine',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was broken off',
  EPIPE: 'the connection was broken off',
  EHOSTDOWN: 'the machine does not answer',
  EHOSTUNREACH: 'there is no way to the machine',
  ENETDOWN: 'this machine has no network',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'no answer in time',
  ENOTFOUND: 'there is no machine of that name',
  EAI_AGAIN: 'nobody could be asked for the machine of that name',
}

/** What the code of an error of the operating system means, or `undefined` when it is another error. */
export function systemReason(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error && 'syscall' in thrown && 'code' in thrown)) return undefined
  const { code } = thrown
  return typeof code === 'string' && Object.hasOwn(reasons, code) ? reasons[code] : undefined
}
