/**
 * The errors that every program can have: each is an `OperationalError` whose sentence says what to do.
 *
 * | code | meaning |
 * |---|---|
 * | `usage` | the command line is not understood |
 * | `network-unknown` | no network of that name, and no chain spec file either |
 * | `file-unreadable` | a file that an option names cannot be read |
 */
import { OperationalError, reasonOf } from '@chain/core/errors'

/** The command line is not understood; `message` is a sentence. */
export function usageError(message: string): OperationalError {
  return new OperationalError('usage', message)
}

/** The `--network` is neither built in nor a file. */
export function networkUnknown(network: string, names: readonly string[]): OperationalError {
  return new OperationalError(
    'network-unknown',
    `There is no network "${network}": name one of ${names.join(', ')}, or a chain spec file.`,
    { network, names },
  )
}

/** A file that an option names cannot be read. */
export function fileUnreadable(option: string, file: string, cause: unknown): OperationalError {
  return new OperationalError(
    'file-unreadable',
    `The file ${file} of ${option} cannot be read: ${reasonOf(cause)}.`,
    { option, file },
    { cause },
  )
}
