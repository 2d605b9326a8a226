/**
 * Outside truth: public test vectors and real blocks that are not part of the project.
 *
 * They are read from `../shared/vectors` beside the repository, or from the folder named by `CHAIN_VECTORS`. Where a
 * file is absent, its tests are skipped with one line that says so.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ByteReader, toHex } from '@chain/core/bytes'
import { describe, test } from 'vitest'

const folder = process.env.CHAIN_VECTORS ?? resolve(import.meta.dirname, '../../../../shared/vectors')

/** A block of tests that needs one vector file; `define` gets a reader of it. */
export function describeVectors(file: string, define: (vectors: VectorFile) => void): void {
  const path = join(folder, file)
  const absent = !existsSync(path)
  describe(file, () => {
    if (absent) test.skipIf(absent)(`needs ${path}, or CHAIN_VECTORS to name its folder`)
    else define(new VectorFile(path))
  })
}

/** One file of vectors. */
export class VectorFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** The raw bytes, in an array that owns all of its buffer. */
  bytes(): Uint8Array {
    return Uint8Array.from(readFileSync(this.#path))
  }

  text(): string {
    return readFileSync(this.#path, 'utf8')
  }

  /** The parsed document; the caller knows its shape. */
  json<Document>(): Document {
    return JSON.parse(this.text()) as Document
  }

  /** Raw blocks of a block file: records of magic (4 bytes), length (u32), block. */
  blocks(magic: string): Uint8Array[] {
    const reader = new ByteReader(this.bytes())
    const blocks: Uint8Array[] = []
    while (reader.remaining > 0) {
      if (toHex(reader.readBytes(4)) !== magic) throw new Error(`${this.#path} has a record without magic.`)
      blocks.push(reader.readBytes(reader.readUint32()))
    }
    return blocks
  }
}
