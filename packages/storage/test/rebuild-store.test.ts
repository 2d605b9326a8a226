import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@chain/core/bytes'
import { loadNetwork } from '@chain/core/consensus'
import { blockHash, decodeBlock, encodeBlock } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { DATA_FILE } from '../src/layout.ts'
import { openStore } from '../src/open-store.ts'
import { type FoundBlock, rebuildStore } from '../src/rebuild-store.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const specId = loadNetwork('regtest').id
const builder = ChainBuilder.create()
builder.mineEmpty(20)
const bodies = builder.blocks.map((block, index) => ({
  block: { hash: blockHash(block.header), height: index + 1 },
  bytes: encodeBlock(block),
}))
const peer = {
  peerId: 'someone',
  addresses: ['/ip4/127.0.0.1/tcp/1'],
  source: 'connect',
  score: 3,
  firstSeen: 1,
  failures: 0,
} as const

async function makeDirectory(): Promise<string> {
  const directory = temporaryDirectory()
  const store = await openStore({ directory, specId })
  // Highest first, so that the file has them in another order.
  for (const body of bodies.toReversed()) await store.chainStore.commit({ bodies: [body] })
  await store.knownPeers.put(peer)
  await store.close()
  return directory
}

describe('rebuilding a store', () => {
  test('gives the blocks of the old file with their parents, and replaces it when it is finished', async () => {
    const directory = await makeDirectory()
    const before = readFileSync(join(directory, DATA_FILE))
    const rebuild = await rebuildStore({ directory, specId })
    expect(rebuild.blocks).toHaveLength(bodies.length)
    const found = new Map(rebuild.blocks.map((block) => [toHex(block.hash), block]))
    for (const { block, bytes } of bodies) {
      const one = found.get(toHex(block.hash)) as FoundBlock
      expect(rebuild.readBlock(one)).toEqual(bytes)
      expect(one.parent).toEqual(decodeBlock(bytes).header.parent)
    }
    expect(rebuild.store.chainStore.readBody(bodies[0]?.block as never)).toBeUndefined()
    await rebuild.store.chainStore.commit({ bodies: bodies.slice(0, 3) })
    expect(readFileSync(join(directory, DATA_FILE)).equals(before)).toBe(true)
    await rebuild.finish()

    const store = await openStore({ directory, specId })
    const isThere = bodies.map(({ block }) => store.chainStore.readBody(block) !== undefined)
    expect(isThere.filter(Boolean)).toHaveLength(3)
    expect(store.knownPeers.get('someone')).toBeDefined()
    await store.close()
    expect(existsSync(join(directory, `${DATA_FILE}.reindex`))).toBe(false)
  })

  test('leaves the old file alone when it is abandoned, or the process ends', async () => {
    const directory = await makeDirectory()
    const before = readFileSync(join(directory, DATA_FILE))
    const rebuild = await rebuildStore({ directory, specId })
    await rebuild.store.chainStore.commit({ bodies: bodies.slice(0, 3) })
    await rebuild.abandon()
    expect(readFileSync(join(directory, DATA_FILE)).equals(before)).toBe(true)
    // What a process that was killed leaves behind is removed.
    writeFileSync(join(directory, `${DATA_FILE}.reindex`), 'half')
    const again = await rebuildStore({ directory, specId })
    await again.finish()
    await (await openStore({ directory, specId })).close()
  })

  test('keeps the old file on demand, and does not begin while one is kept', async () => {
    const directory = await makeDirectory()
    const before = readFileSync(join(directory, DATA_FILE))
    const rebuild = await rebuildStore({ directory, specId })
    expect(rebuild.oldFile).toBe(join(directory, `${DATA_FILE}.old`))
    await rebuild.finish(true)
    expect(readFileSync(rebuild.oldFile).equals(before)).toBe(true)
    expect(readFileSync(join(directory, DATA_FILE)).equals(before)).toBe(false)
    await (await openStore({ directory, specId })).close()
    const after = readdirSync(directory)
    await expect(rebuildStore({ directory, specId })).rejects.toMatchObject({
      code: 'store-old-file-exists',
      data: { file: rebuild.oldFile },
    })
    expect(readdirSync(directory)).toEqual(after)
    expect(readFileSync(rebuild.oldFile).equals(before)).toBe(true)
  })

  test('does not keep a second name of the old file when the new one cannot take its place', async () => {
    const directory = await makeDirectory()
    const rebuild = await rebuildStore({ directory, specId })
    rmSync(join(directory, `${DATA_FILE}.reindex`))
    await expect(rebuild.finish(true)).rejects.toMatchObject({ cause: { code: 'ENOENT' } })
    expect(existsSync(rebuild.oldFile)).toBe(false)
    await (await openStore({ directory, specId })).close()
  })

  test('goes on after a kill between the steps that keep the old file', async () => {
    const directory = await makeDirectory()
    const file = join(directory, DATA_FILE)
    const before = readFileSync(file)
    const expectMended = (): void => {
      expect(readFileSync(file).equals(before)).toBe(true)
      expect(readdirSync(directory).sort()).toEqual(['chain.mdb', 'chain.mdb-lock', 'lock'])
    }
    for (const leave of [linkSync, renameSync]) {
      leave(file, `${file}.old`)
      writeFileSync(`${file}.reindex`, 'complete')
      await (await openStore({ directory, specId })).close()
      expectMended()
    }
    linkSync(file, `${file}.old`)
    await (await rebuildStore({ directory, specId })).abandon()
    expectMended()
  })

  test('says why the last step failed, removes the new file and frees the directory', async () => {
    const directory = await makeDirectory()
    const file = join(directory, DATA_FILE)
    const rebuild = await rebuildStore({ directory, specId })
    // A directory in its place is what no file can replace.
    renameSync(file, `${file}.away`)
    mkdirSync(file)
    const expected = { code: 'store-failed', cause: { code: 'EISDIR' } }
    await expect(rebuild.finish()).rejects.toMatchObject(expected)
    await expect(rebuild.abandon()).rejects.toMatchObject(expected)
    expect(readdirSync(directory).filter((name) => name.includes('.reindex'))).toEqual([])
    mkdirSync(join(directory, 'other'))
    renameSync(file, join(directory, 'other', DATA_FILE))
    renameSync(`${file}.away`, file)
    await (await openStore({ directory, specId })).close()
  })

  test('finds the blocks of a file that cannot be opened, and says what is lost', async () => {
    const directory = await makeDirectory()
    const file = join(directory, DATA_FILE)
    writeFileSync(file, readFileSync(file).fill(0, 0, 8192))
    await expect(openStore({ directory, specId })).rejects.toMatchObject({ code: 'store-corrupt' })
    const told: string[] = []
    const rebuild = await rebuildStore({ directory, specId, report: (sentence) => told.push(sentence) })
    expect(rebuild.blocks).toHaveLength(bodies.length)
    expect(told).toEqual([
      'The data file is damaged: known peers, bans and the records of libp2p begin anew.',
    ])
    await rebuild.finish()
    await (await openStore({ directory, specId })).close()
  })

  test('is refused where there is no data file, where another process is, and for another network', async () => {
    const empty = temporaryDirectory()
    await expect(rebuildStore({ directory: empty, specId })).rejects.toMatchObject({
      code: 'data-file-missing',
    })
    const directory = await makeDirectory()
    const store = await openStore({ directory, specId })
    await expect(rebuildStore({ directory, specId })).rejects.toMatchObject({ code: 'data-dir-locked' })
    await store.close()
    const other = { directory, specId: loadNetwork('dev').id }
    await expect(rebuildStore(other)).rejects.toMatchObject({ code: 'store-wrong-network' })
    await (await openStore({ directory, specId })).close()
  })
})
