import { Key, type Pair } from 'interface-datastore'
import { expect, test, vi } from 'vitest'
import type { Environment } from '../src/environment.ts'
import { LmdbDatastore } from '../src/lmdb-datastore.ts'
import { temporaryEnvironment } from './temporary-environment.ts'

function createDatastore(environment: Environment = temporaryEnvironment()): LmdbDatastore {
  return new LmdbDatastore(environment)
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

async function collect<Item>(source: AsyncIterable<Item> | Iterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of source) items.push(item)
  return items
}

async function fill(store: LmdbDatastore, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await store.put(new Key(key), bytes(key))
}

function texts(pairs: readonly Pair[]): string[] {
  return pairs.map(({ key }) => key.toString())
}

test('a value is there once its put has resolved, and gone after its delete', async () => {
  const store = createDatastore()
  const key = new Key('/peers/a')
  expect(await store.put(key, bytes('value'))).toBe(key)
  expect(store.get(key)).toEqual(bytes('value'))
  expect(store.has(key)).toBe(true)
  await store.delete(key)
  expect(store.has(key)).toBe(false)
  await store.delete(key)
})

test('a get of nothing throws the error that libp2p looks for', () => {
  expect(() => createDatastore().get(new Key('/nothing'))).toThrow(
    expect.objectContaining({ name: 'NotFoundError' }) as Error,
  )
})

test('values survive a new datastore on the same file', async () => {
  const environment = temporaryEnvironment()
  await fill(createDatastore(environment), '/pkcs8/self')
  expect(createDatastore(environment).get(new Key('/pkcs8/self'))).toEqual(bytes('/pkcs8/self'))
})

test('an empty value is a value', async () => {
  const store = createDatastore()
  await store.put(new Key('/empty'), new Uint8Array())
  expect(store.has(new Key('/empty'))).toBe(true)
  expect(store.get(new Key('/empty'))).toEqual(new Uint8Array())
})

test('a query gives the keys with a prefix, in order, and no others', async () => {
  const store = createDatastore()
  await fill(store, '/peers/b', '/peer', '/peers/a', '/peers/ÿ', '/peers0', '/dht/record/x')
  expect(texts(await collect(store.query({ prefix: '/peers/' })))).toEqual([
    '/peers/a',
    '/peers/b',
    '/peers/ÿ',
  ])
  expect((await collect(store.queryKeys({ prefix: '/peers/' }))).map(String)).toHaveLength(3)
  expect(await collect(store.query({}))).toHaveLength(6)
})

test('a query obeys filters, orders, offset and limit', async () => {
  const store = createDatastore()
  await fill(store, '/n/1', '/n/2', '/n/3', '/n/4')
  const query = {
    prefix: '/n',
    filters: [({ key }: Pair): boolean => key.toString() !== '/n/2'],
    orders: [(a: Pair, b: Pair): -1 | 0 | 1 => (a.key.toString() > b.key.toString() ? -1 : 1)],
    offset: 1,
    limit: 1,
  }
  expect(texts(await collect(store.query(query)))).toEqual(['/n/3'])
})

test('a query over more rows than are read at a time sees each of them once', async () => {
  const store = createDatastore()
  const batch = store.batch()
  for (let i = 0; i < 1000; i++) batch.put(new Key(`/many/${i}`), bytes(`${i}`))
  await batch.commit()
  expect(new Set(texts(await collect(store.query({ prefix: '/many' })))).size).toBe(1000)
})

test('a query that is read slowly meets what is written and deleted meanwhile', async () => {
  const store = createDatastore()
  const batch = store.batch()
  for (let i = 100; i < 800; i++) batch.put(new Key(`/slow/${i}`), bytes(`${i}`))
  await batch.commit()
  const seen: string[] = []
  for await (const { key } of store.query({ prefix: '/slow' })) {
    seen.push(key.toString())
    if (seen.length === 1) await store.delete(new Key('/slow/799'))
    if (seen.length === 2) await store.put(new Key('/slow/9'), bytes('new'))
  }
  expect(seen).toContain('/slow/9')
  expect(seen).not.toContain('/slow/799')
})

test('a query ends at once when its signal is aborted', async () => {
  const store = createDatastore()
  await fill(store, '/a', '/b')
  const query = store.query({}, { signal: AbortSignal.abort(new Error('enough')) })
  await expect(collect(query)).rejects.toThrow('enough')
})

test('a batch takes effect on commit, as a whole and in order', async () => {
  const store = createDatastore()
  await fill(store, '/old')
  const batch = store.batch()
  batch.put(new Key('/new'), bytes('1'))
  batch.delete(new Key('/old'))
  batch.put(new Key('/new'), bytes('2'))
  expect(store.has(new Key('/new'))).toBe(false)
  await batch.commit()
  expect(store.get(new Key('/new'))).toEqual(bytes('2'))
  expect(store.has(new Key('/old'))).toBe(false)
  await batch.commit()
})

test('the streaming methods put, get and delete many', async () => {
  const store = createDatastore()
  const pairs = ['/x', '/y'].map((key) => ({ key: new Key(key), value: bytes(key) }))
  const keys = await collect(store.putMany(pairs))
  expect(await collect(store.getMany(keys))).toEqual(pairs)
  await collect(store.deleteMany(keys))
  expect(await collect(store.query({}))).toEqual([])
})

test('a key that is longer than LMDB takes is refused, and nothing is there under it', async () => {
  const store = createDatastore()
  const key = new Key(`/dht/record/${'a'.repeat(2000)}`)
  await expect(store.put(key, bytes('1'))).rejects.toMatchObject({ code: 'store-key-too-long' })
  expect(store.has(key)).toBe(false)
  await store.delete(key)
})

test('once closed it forgets what is written and finds nothing', async () => {
  const environment = temporaryEnvironment()
  const store = createDatastore(environment)
  await fill(store, '/a')
  const reading = store._all({})
  const underWay = store.put(new Key('/b'), bytes('b'))
  const closed = store.close()
  await underWay
  await closed
  await environment.close()
  await store.put(new Key('/c'), bytes('c'))
  await store.delete(new Key('/a'))
  const batch = store.batch()
  batch.put(new Key('/d'), bytes('d'))
  await batch.commit()
  expect(store.has(new Key('/a'))).toBe(false)
  expect(() => store.get(new Key('/a'))).toThrow()
  expect(await collect(store.query({}))).toEqual([])
  expect((await reading.next()).done).toBe(true)
})

/** An environment that tells of its writes, by the keys of each. */
function watchedEnvironment(): { environment: Environment; writes: string[][] } {
  const environment = temporaryEnvironment()
  const writes: string[][] = []
  const write = environment.write.bind(environment)
  environment.write = (rows, options) => {
    writes.push(rows.map(({ key }) => Buffer.from(key).toString()))
    return write(rows, options)
  }
  return { environment, writes }
}

test('rows of the peer store are written together, and only when they changed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { environment, writes } = watchedEnvironment()
    const store = createDatastore(environment)
    for (let round = 0; round < 5; round++) {
      await store.put(new Key('/peers/a'), bytes(`a${round}`))
      await store.put(new Key('/peers/b'), bytes('b'))
    }
    await store.put(new Key('/peers/c'), bytes('c'))
    await store.delete(new Key('/peers/c'))
    expect(writes).toEqual([])
    expect(store.get(new Key('/peers/a'))).toEqual(bytes('a4'))
    expect(store.has(new Key('/peers/c'))).toBe(false)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(writes).toEqual([['/peers/a', '/peers/b', '/peers/c']])
    vi.useRealTimers()
    expect(await collect(store.query({ prefix: '/peers/' }))).toHaveLength(2)
    await store.put(new Key('/peers/b'), bytes('b'))
    await store.delete(new Key('/peers/c'))
    await store.close()
    expect(writes).toHaveLength(1)
    expect(createDatastore(environment).get(new Key('/peers/a'))).toEqual(bytes('a4'))
  } finally {
    vi.useRealTimers()
  }
})

test('a query for other rows does not write what waits, and one that may find it does', async () => {
  const { environment, writes } = watchedEnvironment()
  const store = createDatastore(environment)
  await fill(store, '/peers/a')
  expect(await collect(store.query({ prefix: '/dht/provider' }))).toEqual([])
  expect(writes).toEqual([])
  for (const prefix of ['/peers/a', '/pe', undefined]) {
    await store.put(new Key('/peers/a'), bytes(`${prefix}`))
    const [row] = await collect(store.query(prefix === undefined ? {} : { prefix }))
    expect(row?.value).toEqual(bytes(`${prefix}`))
  }
})

test('what waits is written before the datastore closes, and none of it after', async () => {
  const environment = temporaryEnvironment()
  const store = createDatastore(environment)
  await fill(store, '/peers/a')
  const closed = store.close()
  await fill(store, '/peers/b')
  await closed
  const again = createDatastore(environment)
  expect(again.get(new Key('/peers/a'))).toEqual(bytes('/peers/a'))
  expect(again.has(new Key('/peers/b'))).toBe(false)
})

test('a row that is put while it is written is not lost', async () => {
  const environment = temporaryEnvironment()
  const store = createDatastore(environment)
  const key = new Key('/peers/a')
  await store.put(key, bytes('old'))
  const listed = collect(store.query({ prefix: '/peers/' }))
  await store.put(key, bytes('new'))
  await listed
  expect(store.get(key)).toEqual(bytes('new'))
  await store.close()
  expect(createDatastore(environment).get(key)).toEqual(bytes('new'))
})

test('a batch with rows of the peer store and others is newer than what waits', async () => {
  const environment = temporaryEnvironment()
  const store = createDatastore(environment)
  await fill(store, '/peers/a')
  const batch = store.batch()
  batch.put(new Key('/peers/a'), bytes('new'))
  batch.put(new Key('/dht/record/a'), bytes('record'))
  await batch.commit()
  expect(store.get(new Key('/peers/a'))).toEqual(bytes('new'))
  await store.close()
  expect(createDatastore(environment).get(new Key('/peers/a'))).toEqual(bytes('new'))
})

test('no more rows wait than the bound', async () => {
  const { environment, writes } = watchedEnvironment()
  const store = createDatastore(environment)
  for (let peer = 0; peer < 1_000; peer++) await store.put(new Key(`/peers/${peer}`), bytes('x'))
  expect(writes.map(({ length }) => length)).toEqual([1_000])
})
