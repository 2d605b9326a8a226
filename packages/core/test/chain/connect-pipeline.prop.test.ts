import { toHex } from '@chain/core/bytes'
import {
  type BlockOutcome,
  ChainManager,
  type ChainStoreBatch,
  type GiveWay,
  MemoryChainStore,
} from '@chain/core/chain'
import { inlineVerifier, type SignatureCheck, type SignatureVerifier } from '@chain/core/consensus'
import { OperationalError } from '@chain/core/errors'
import { type Block, formatHash, type Transaction } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constantFrom,
  type GeneratorValue,
  gen,
  nat,
  record,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomChains, randomChainsTimeout } from '../arbitraries/plans.ts'
import { append, withCoinbase } from '../block-changes.ts'
import { listCoins, recordEvents } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork({ filterCommitment: true })
/** Later than every block; whoever wants time to pass adds to it. */
const NOON = 3_000_000_000

type Fault = 'none' | 'signature' | 'coinbase' | 'repeated-transaction'

interface BlockPlan {
  /** How many blocks before the last one it builds on: a fork, where not 0. */
  readonly back: number
  readonly fault: Fault
  /** How many places later it arrives. */
  readonly delay: number
  readonly isRepeated: boolean
}

const mostly = <Value>(usual: Value, ...rare: Value[]): Arbitrary<Value> => {
  return constantFrom(...Array.from({ length: 12 }, () => usual), ...rare)
}

const blockPlans: Arbitrary<BlockPlan[]> = array(
  record({
    back: mostly(0, 1, 2, 3),
    fault: mostly<Fault>('none', 'signature', 'coinbase', 'repeated-transaction'),
    delay: mostly(0, 1, 4),
    isRepeated: mostly(false, true),
  }),
  { minLength: 1, maxLength: 18 },
)

/** Blocks in the order of their arrival, some of which break a rule; later ones build on those too. */
function mineAll(plans: readonly BlockPlan[]): Block[] {
  const branches = [ChainBuilder.create(spec)]
  const arrivals: (readonly [place: number, block: Block])[] = []
  plans.forEach(({ back, fault, delay, isRepeated }, place) => {
    const from = branches.at(-1 - Math.min(back, branches.length - 1)) as ChainBuilder
    const branch = from.fork()
    const block = mineWith(branch, fault, place)
    // What breaks a rule of the signatures only can be built upon.
    branches.push(branch.height > from.height ? branch : from)
    arrivals.push([place + delay, block])
    if (isRepeated) arrivals.push([place + delay + 1, block])
  })
  return arrivals.sort(([a], [b]) => a - b).map(([, block]) => block)
}

function mineWith(branch: ChainBuilder, fault: Fault, extraNonce: number): Block {
  const [coin] = branch.spendable()
  const outputs = [{ value: BigInt(extraNonce + 1) * 1_000n, scriptPubKey: testKey('payee').script }]
  const payment = coin === undefined ? [] : [branch.spend([coin], outputs)]
  if (fault === 'signature') return branch.mine({ transactions: payment.map(withWrongSignature), extraNonce })
  if (fault === 'coinbase') return branch.mine({ spoil: greedy, extraNonce })
  if (fault === 'repeated-transaction' && payment.length > 0) {
    return branch.mine({ transactions: payment, spoil: append(...payment), extraNonce })
  }
  return branch.mine({ transactions: payment, extraNonce })
}

/** Signs for another amount than it pays. */
function withWrongSignature(transaction: Transaction): Transaction {
  return { ...transaction, outputs: transaction.outputs.map((output) => ({ ...output, value: 1n })) }
}

const greedy = withCoinbase((coinbase) => ({
  ...coinbase,
  outputs: coinbase.outputs.map((output, index) =>
    index === 0 ? { ...output, value: output.value + 1n } : output,
  ),
}))

/** Waits some turns of the event loop. */
async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A store whose commits take some turns, and that takes no more after some. */
class SlowStore extends MemoryChainStore {
  readonly turns: () => number
  left = Number.POSITIVE_INFINITY
  #last: Promise<void> = Promise.resolve()

  constructor(turns: () => number) {
    super()
    this.turns = turns
  }

  override commit(batch: ChainStoreBatch): Promise<void> {
    if (this.left === 0) return Promise.reject(new OperationalError('disk-full', 'The disk is full.'))
    this.left--
    const coins = [...(batch.coins ?? [])]
    this.#last = this.#last.then(() => pass(this.turns())).then(() => super.commit({ ...batch, coins }))
    return this.#last
  }
}

/** Others get some turns now and then while a block is connected. */
function drawPauses(draw: GeneratorValue): GiveWay {
  return () => (draw(nat, 3) === 0 ? pass(draw(nat, 3)) : undefined)
}

function slowVerifier(turns: () => number): SignatureVerifier {
  return {
    name: 'slow',
    async findInvalid(checks: readonly SignatureCheck[]): Promise<number | undefined> {
      await pass(turns())
      return inlineVerifier.findInvalid(checks)
    },
  }
}

function describeOutcome(outcome: BlockOutcome): string {
  return outcome.status === 'invalid' ? `invalid ${outcome.error.code}` : outcome.status
}

/** Everything that a store holds, as text. */
function listStore(store: MemoryChainStore): unknown {
  const records = [...store.readRecords()].map((block) => ({
    ...block,
    name: formatHash(block.hash),
    header: undefined,
    body: toHex(store.readBody(block) ?? new Uint8Array()),
    undo: toHex(store.readUndo(block) ?? new Uint8Array()),
    active: toHex(store.readHashAt(block.height) ?? new Uint8Array()),
  }))
  records.sort((a, b) => (a.name < b.name ? -1 : 1))
  return { records, tip: toHex(store.readTip() as Uint8Array), coins: listCoins(store) }
}

/** What happened to blocks; how tips are grouped is not compared. */
function blockEvents(events: readonly string[]): string[] {
  return events.filter((event) => !event.startsWith('tip'))
}

describe('blocks that are handed in without waiting for each', () => {
  test(
    'have the outcomes, the events and the store of blocks that come one by one',
    async () => {
      const law = asyncProperty(blockPlans, gen(), async (plans, draw) => {
        const blocks = mineAll(plans)
        const turns = (): number => draw(nat, 3)
        const patient = new MemoryChainStore()
        const modules = { verifier: inlineVerifier, clock: (): number => NOON }
        const oneByOne = await ChainManager.open(spec, { ...modules, store: patient })
        const expectedEvents = recordEvents(oneByOne)
        const expected: string[] = []
        for (const block of blocks) expected.push(describeOutcome(await oneByOne.acceptBlock(block)))

        const store = new SlowStore(turns)
        let now = NOON
        const clock = (): number => (now += draw(nat, 1) * 2)
        const giveWay = drawPauses(draw)
        const chain = await ChainManager.open(spec, { verifier: slowVerifier(turns), clock, store, giveWay })
        const events = recordEvents(chain)
        const outcomes: Promise<BlockOutcome>[] = []
        for (const block of blocks) {
          outcomes.push(chain.acceptBlock(block))
          await pass(draw(nat, 1))
        }
        expect((await Promise.all(outcomes)).map(describeOutcome)).toEqual(expected)
        expect(blockEvents(events)).toEqual(blockEvents(expectedEvents))
        expect(listStore(store)).toEqual(listStore(patient))
        expect(chain.tip.hash).toEqual(oneByOne.tip.hash)
        expect(chain.bestHeader.hash).toEqual(oneByOne.bestHeader.hash)
      })
      await assert(law, { numRuns: randomChains })
    },
    randomChainsTimeout,
  )

  test(
    'leave a store that is whole, up to the last acknowledged block at least, when the disk fills up',
    async () => {
      const law = asyncProperty(blockPlans, gen(), nat(12), async (plans, draw, commits) => {
        const blocks = mineAll(plans)
        const turns = (): number => draw(nat, 3)
        const store = new SlowStore(turns)
        const clock = (): number => NOON
        const giveWay = drawPauses(draw)
        const chain = await ChainManager.open(spec, { verifier: slowVerifier(turns), clock, store, giveWay })
        store.left = commits
        const results = await Promise.allSettled(blocks.map((block) => chain.acceptBlock(block)))
        store.left = Number.POSITIVE_INFINITY
        const again = await ChainManager.open(spec, { verifier: inlineVerifier, clock, store })
        for (const result of results) {
          if (result.status === 'rejected') {
            expect((result.reason as OperationalError).code).toBe('disk-full')
          } else if (result.value.status === 'connected') {
            expect(again.find(result.value.node.hash)?.validity).toBe('connected')
          }
        }
        const whole = new MemoryChainStore()
        const active = await ChainManager.open(spec, { verifier: inlineVerifier, clock, store: whole })
        for (let height = 1; height <= again.tip.height; height++) {
          const bytes = again.readBody(again.at(height) as NonNullable<ReturnType<typeof again.at>>)
          const block = blocks.find(({ header }) => toHex(header.merkleRoot) === merkleRootOf(bytes))
          expect((await active.acceptBlock(block as Block)).status).toBe('connected')
        }
        expect(listCoins(store)).toEqual(listCoins(whole))
      })
      await assert(law, { numRuns: randomChains })
    },
    randomChainsTimeout,
  )
})

function merkleRootOf(body: Uint8Array | undefined): string {
  return toHex((body ?? new Uint8Array()).subarray(36, 68))
}
