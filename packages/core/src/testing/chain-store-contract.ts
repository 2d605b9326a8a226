/**
 * What every chain store must do, as cases that any test runner can run:
 *
 *     for (const { title, run } of chainStoreContract) test(title, () => run(createStore))
 *
 * A case throws when the store breaks the contract.
 */
import { compareBytes, equalBytes } from '../bytes/index.ts'
import { type BlockRecord, ChainManager, type ChainStore, encodeUndo } from '../chain/index.ts'
import { inlineVerifier } from '../consensus/index.ts'
import { invariant } from '../errors/index.ts'
import { type Coin, encodeBlock, formatOutPoint, type OutPoint } from '../primitives/index.ts'
import { ChainBuilder, testKey } from './chain-builder.ts'

/** Makes an empty store, or opens again the one that holds what was committed before. */
export interface ChainStoreFixture {
  open(): Promise<ChainStore>
  /** Closes the store and opens it again on the same data; `undefined` for stores that keep nothing. */
  readonly reopen: ((store: ChainStore) => Promise<ChainStore>) | undefined
}

/** One thing that every chain store does: its title is a sentence, and `run` throws where it is not so. */
export interface ContractCase {
  readonly title: string
  run(fixture: ChainStoreFixture): Promise<void>
}

/** Every case of the contract; each makes its own store. */
export const chainStoreContract: readonly ContractCase[] = [
  { title: 'is empty when it is new', run: isEmpty },
  { title: 'gives back records in ascending order of height', run: keepsRecords },
  { title: 'replaces a record of the same hash', run: replacesRecord },
  { title: 'gives back bodies and undo data', run: keepsBodies },
  { title: 'forgets body and undo data of pruned blocks, and nothing else of them', run: prunes },
  { title: 'gives back every kind of coin', run: keepsCoins },
  { title: 'forgets spent coins', run: forgetsCoins },
  { title: 'lists coins by transaction id and index', run: listsCoins },
  { title: 'follows the heights of the active chain', run: keepsHeights },
  { title: 'copies what it is given', run: copies },
  { title: 'applies commits in the order of the calls', run: ordersCommits },
  { title: 'keeps everything when it is opened again', run: survives },
  { title: 'carries a chain manager through a reorganisation', run: carriesManager },
]

async function isEmpty(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  expect(store.readTip() === undefined, 'a new store has no tip')
  expect([...store.readRecords()].length === 0, 'a new store has no records')
  expect([...store.readCoins()].length === 0, 'a new store has no coins')
  expect(store.readHashAt(0) === undefined, 'a new store has no heights')
  expect(store.readBody(hashRef(1, 0)) === undefined, 'a new store has no bodies')
  expect(store.readUndo(hashRef(1, 0)) === undefined, 'a new store has no undo data')
}

async function keepsRecords(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  const records = sampleRecords()
  await store.commit({ records: [...records].reverse() })
  const read = [...store.readRecords()]
  expect(read.length === records.length, 'every record is read')
  expect(
    read.every((record, index) => index === 0 || (read[index - 1] as BlockRecord).height <= record.height),
    'records come in ascending order of height',
  )
  for (const record of records) {
    const same = read.find(({ hash }) => equalBytes(hash, record.hash))
    expect(
      same !== undefined && sameRecord(same, record),
      `the record at height ${record.height} is unchanged`,
    )
  }
}

async function replacesRecord(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  const record = sampleRecords()[1] as BlockRecord
  await store.commit({ records: [record] })
  const changed: BlockRecord = { ...record, validity: 'invalid', hasBody: false, filterHeader: undefined }
  await store.commit({ records: [changed] })
  const read = [...store.readRecords()]
  expect(read.length === 1 && sameRecord(read[0] as BlockRecord, changed), 'only the newer record is there')
}

async function keepsBodies(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  const block = hashRef(1, 7)
  const other = hashRef(2, 7)
  const body = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251)
  await store.commit({ bodies: [{ block, bytes: body }], undo: [{ block, bytes: encodeUndo([]) }] })
  expect(equalBytes(store.readBody(block) ?? EMPTY, body), 'the body is unchanged')
  expect(equalBytes(store.readUndo(block) ?? EMPTY, encodeUndo([])), 'the undo data is unchanged')
  expect(store.readBody(other) === undefined, 'another block at the same height has no body')
}

async function prunes(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  const records = sampleRecords().slice(0, 3)
  const rows = records.map((block, index) => ({ block, bytes: Uint8Array.of(index) }))
  await store.commit({ records, bodies: rows, undo: rows, heights: records.map((r) => [r.height, r.hash]) })
  const [first, , last] = records as [BlockRecord, BlockRecord, BlockRecord]
  await store.commit({ pruned: [first, last, hashRef(9, 1)] })
  const kept = records.filter((block) => store.readBody(block) !== undefined)
  expect(kept.length === 1 && kept[0] === records[1], 'the bodies of pruned blocks are gone')
  const undone = records.filter((block) => store.readUndo(block) !== undefined)
  expect(undone.length === 1 && undone[0] === records[1], 'the undo data of pruned blocks is gone')
  expect([...store.readRecords()].length === 3, 'the records of pruned blocks stay')
  expect(store.readHashAt(first.height) !== undefined, 'the heights of pruned blocks stay')
}

async function keepsCoins(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  await store.commit({ coins: sampleCoins() })
  for (const [outpoint, coin] of sampleCoins()) {
    const read = store.readCoin(outpoint)
    expect(read !== undefined && sameCoin(read, coin), `the coin ${formatOutPoint(outpoint)} is unchanged`)
  }
  expect(
    store.readCoin({ txid: hash(99), index: 0 }) === undefined,
    'no coin is there that was not committed',
  )
  expect(
    store.readCoin({ txid: hash(1), index: 77 }) === undefined,
    'an index that was not committed has no coin',
  )
}

async function forgetsCoins(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  const coins = sampleCoins()
  await store.commit({ coins })
  const [gone] = coins[0] as (typeof coins)[number]
  await store.commit({
    coins: [
      [gone, undefined],
      [{ txid: hash(98), index: 3 }, undefined],
    ],
  })
  expect(store.readCoin(gone) === undefined, 'a spent coin is gone')
  expect([...store.readCoins()].length === coins.length - 1, 'the other coins stay')
}

async function listsCoins(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  await store.commit({ coins: [...sampleCoins()].reverse() })
  const read = [...store.readCoins()].map(([outpoint]) => outpoint)
  const sorted = [...read].sort(compareOutPoints)
  expect(read.length === sampleCoins().length, 'every coin is listed')
  expect(
    read.every((outpoint, index) => outpoint === sorted[index]),
    'coins are listed in order',
  )
}

async function keepsHeights(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  await store.commit({
    heights: [
      [0, hash(1)],
      [1, hash(2)],
      [300, hash(3)],
    ],
    tip: hash(3),
  })
  expect(equalBytes(store.readHashAt(300) ?? EMPTY, hash(3)), 'the height has its block')
  expect(equalBytes(store.readTip() ?? EMPTY, hash(3)), 'the tip is the one that was committed')
  await store.commit({ heights: [[300, undefined]], tip: hash(2) })
  expect(store.readHashAt(300) === undefined, 'a height that was taken away is gone')
  expect(equalBytes(store.readTip() ?? EMPTY, hash(2)), 'the tip moved')
  await store.commit({})
  expect(equalBytes(store.readTip() ?? EMPTY, hash(2)), 'an empty commit changes nothing')
}

async function copies(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  const block = hashRef(1, 1)
  const bytes = Uint8Array.of(1, 2, 3)
  const outpoint = { txid: hash(5), index: 0 }
  const coin = sampleCoin(22)
  await store.commit({ bodies: [{ block, bytes }], coins: [[outpoint, coin]] })
  bytes.fill(9)
  const script = coin.output.scriptPubKey
  const before = script.slice()
  script.fill(9)
  expect(equalBytes(store.readBody(block) ?? EMPTY, Uint8Array.of(1, 2, 3)), 'a body is copied')
  expect(equalBytes(store.readCoin(outpoint)?.output.scriptPubKey ?? EMPTY, before), 'a script is copied')
}

async function ordersCommits(fixture: ChainStoreFixture): Promise<void> {
  const store = await fixture.open()
  const outpoint = { txid: hash(1), index: 0 }
  const commits: Promise<void>[] = []
  for (let i = 0; i < 20; i++) {
    commits.push(
      store.commit({ coins: [[outpoint, i % 2 === 0 ? sampleCoin(22) : undefined]], tip: hash(i) }),
    )
  }
  await Promise.all(commits)
  expect(store.readCoin(outpoint) === undefined, 'the last commit decides')
  expect(equalBytes(store.readTip() ?? EMPTY, hash(19)), 'the last tip decides')
}

async function survives(fixture: ChainStoreFixture): Promise<void> {
  if (fixture.reopen === undefined) return
  const store = await fixture.open()
  const block = hashRef(3, 2)
  await store.commit({
    records: sampleRecords(),
    bodies: [{ block, bytes: Uint8Array.of(1) }],
    undo: [{ block, bytes: Uint8Array.of(2) }],
    coins: sampleCoins(),
    heights: [[2, block.hash]],
    tip: block.hash,
  })
  const again = await fixture.reopen(store)
  expect([...again.readRecords()].length === sampleRecords().length, 'records are there again')
  expect([...again.readCoins()].length === sampleCoins().length, 'coins are there again')
  expect(equalBytes(again.readBody(block) ?? EMPTY, Uint8Array.of(1)), 'bodies are there again')
  expect(equalBytes(again.readUndo(block) ?? EMPTY, Uint8Array.of(2)), 'undo data is there again')
  expect(equalBytes(again.readHashAt(2) ?? EMPTY, block.hash), 'heights are there again')
  expect(equalBytes(again.readTip() ?? EMPTY, block.hash), 'the tip is there again')
}

async function carriesManager(fixture: ChainStoreFixture): Promise<void> {
  const builder = ChainBuilder.create()
  builder.mineEmpty(101)
  const better = builder.fork()
  const [coin] = builder.spendable()
  const outputs = [{ value: 1_000_000n, scriptPubKey: testKey('payee').script }]
  builder.mine({ transactions: [builder.spend(coin === undefined ? [] : [coin], outputs)] })
  better.mineEmpty(2, { extraNonce: 1 })
  let store = await fixture.open()
  const modules = { verifier: inlineVerifier, clock: (): number => 0xffffffff }
  let chain = await ChainManager.open(builder.spec, { ...modules, store })
  for (const block of [...builder.blocks, ...better.blocks.slice(101)]) await chain.acceptBlock(block)
  expect(equalBytes(chain.tip.hash, better.tip.hash), 'the better branch is active')
  if (fixture.reopen !== undefined) {
    store = await fixture.reopen(store)
    chain = await ChainManager.open(builder.spec, { ...modules, store })
  }
  expect(equalBytes(chain.tip.hash, better.tip.hash), 'the better branch stays active')
  expect([...store.readCoins()].length === 103, 'there is one coin for each block')
  expect(
    equalBytes(chain.readBody(chain.tip) ?? EMPTY, encodeBlock(better.blocks[102] as never)),
    'the body is there',
  )
}

const EMPTY = new Uint8Array()

function expect(condition: boolean, what: string): void {
  invariant(condition, `Chain store contract: ${what}.`)
}

function hash(seed: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => (seed * 31 + index * 7) & 0xff)
}

function hashRef(seed: number, height: number): { hash: Uint8Array; height: number } {
  return { hash: hash(seed), height }
}

function sampleCoin(length: number): Coin {
  const scriptPubKey = Uint8Array.from({ length }, (_, index) => (index * 3) & 0xff)
  return { output: { value: 123_456_789n, scriptPubKey }, height: 5, isCoinbase: false }
}

function sampleCoins(): [OutPoint, Coin][] {
  const taproot = Uint8Array.of(0x51, 32, ...hash(8))
  const large: Coin = { ...sampleCoin(9_999), height: 2 ** 30 }
  return [
    [
      { txid: hash(1), index: 0 },
      { ...sampleCoin(0), isCoinbase: true },
    ],
    [
      { txid: hash(1), index: 1 },
      { output: { value: 0n, scriptPubKey: testKey('a').script }, height: 0, isCoinbase: true },
    ],
    [
      { txid: hash(1), index: 300 },
      { output: { value: 2_100_000_000_000_000n, scriptPubKey: taproot }, height: 1, isCoinbase: false },
    ],
    [{ txid: hash(2), index: 70_000 }, large],
    [{ txid: hash(200), index: 0xfffffffe }, sampleCoin(25)],
  ]
}

function sampleRecords(): BlockRecord[] {
  const builder = ChainBuilder.create()
  builder.mineEmpty(3)
  const other = builder.fork()
  other.mine({ extraNonce: 1 })
  builder.mine()
  const nodes = [builder.tip, other.tip, ...[0, 1, 2, 3].map((height) => builder.tip.ancestor(height))]
  const validities = ['header', 'connected', 'invalid'] as const
  return nodes
    .map((node, index) => ({
      ...node.toRecord(),
      validity: validities[index % 3] as (typeof validities)[number],
      hasBody: index % 2 === 0,
      transactionCount: index * 1_000,
      filterHeader: index % 2 === 0 ? hash(index) : undefined,
    }))
    .sort((a, b) => a.height - b.height)
}

function sameRecord(a: BlockRecord, b: BlockRecord): boolean {
  const [header, other] = [a.header, b.header]
  return (
    equalBytes(a.hash, b.hash) &&
    a.height === b.height &&
    a.chainWork === b.chainWork &&
    a.validity === b.validity &&
    a.hasBody === b.hasBody &&
    a.transactionCount === b.transactionCount &&
    equalBytes(a.filterHeader ?? EMPTY, b.filterHeader ?? EMPTY) &&
    equalBytes(header.parent, other.parent) &&
    equalBytes(header.merkleRoot, other.merkleRoot) &&
    header.time === other.time &&
    header.bits === other.bits &&
    header.nonce === other.nonce &&
    header.version === other.version
  )
}

function sameCoin(a: Coin, b: Coin): boolean {
  return (
    a.height === b.height &&
    a.isCoinbase === b.isCoinbase &&
    a.output.value === b.output.value &&
    equalBytes(a.output.scriptPubKey, b.output.scriptPubKey)
  )
}

function compareOutPoints(a: OutPoint, b: OutPoint): number {
  const order = compareBytes(a.txid, b.txid)
  return order === 0 ? a.index - b.index : order
}
