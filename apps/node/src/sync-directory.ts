/**
 * Makes new names in a directory outlive a power cut.
 */
import { open } from 'node:fs/promises'

/** Waits until the names in a directory are on the disk. Windows cannot open directories, and needs not. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
