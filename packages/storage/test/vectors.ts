/**
 * Outside truth that is not part of the project: `../shared/vectors` beside the repository, or the folder named by
 * `CHAIN_VECTORS`. Where a file is absent, its tests are skipped with one line that says so.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ByteReader, toHex } from '@chain/core/bytes'
import { test } from 'vitest'

const folder = process.env.CHAIN_VECTORS ?? resolve(import.meta.dirname, '../../../../shared/vectors')

/** A test that needs a block file: records of magic (4 bytes), length (u32 LE), block. */
export function testBlockFile(
  file: string,
  title: string,
  run: (blocks: readonly Uint8Array[]) => Promise<void>,
): void {
  const path = join(folder, file)
  const isAbsent = !existsSync(path)
  const name = isAbsent ? `${title} (needs ${path}, or CHAIN_VECTORS to name its folder)` : title
  test.skipIf(isAbsent)(name, () => run(readBlocks(path)), 60_000)
}

function readBlocks(path: string): Uint8Array[] {
  const reader = new ByteReader(Uint8Array.from(readFileSync(path)))
  const blocks: Uint8Array[] = []
  while (reader.remaining > 0) {
    if (toHex(reader.readBytes(4)) !== 'fabfb5da') throw new Error(`${path} has a record without magic.`)
    blocks.push(reader.readBytes(reader.readUint32()))
  }
  return blocks
}
