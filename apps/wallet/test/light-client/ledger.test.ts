import { hash160 } from '@chain/core/crypto'
import type { Transaction } from '@chain/core/primitives'
import { txid } from '@chain/core/primitives'
import { p2wpkhScript } from '@chain/core/script'
import { beforeEach, describe, expect, it } from 'vitest'
import { Ledger, type LedgerEntry } from '../../src/light-client/ledger.ts'
import { GAP_LIMIT } from '../../src/light-client/watched-addresses.ts'
import { account, coinbase, elsewhere, ours, outputOf, pay, theirs } from './transactions.ts'

const maturity = 10
let ledger: Ledger

beforeEach(() => {
  ledger = new Ledger(account, maturity)
})

function connect(height: number, ...transactions: readonly Transaction[]): void {
  ledger.connect({ height, time: 1_000 + height, transactions })
}

function balance(tip: number): readonly number[] {
  const { confirmed, pending, immature } = ledger.balance(tip)
  return [confirmed, pending, immature].map(Number)
}

describe('the ledger', () => {
  it('counts what is paid to its addresses and not what is paid to others', () => {
    connect(
      1,
      pay(
        [elsewhere(1)],
        [
          [7, ours()],
          [9, theirs],
          [2, ours(3, 'change')],
        ],
      ),
    )
    connect(2, pay([elsewhere(2)], [[100, theirs]]))
    expect(balance(2)).toEqual([9, 0, 0])
    expect(ledger.history()).toHaveLength(1)
  })

  it('counts a spent coin no more, and change again', () => {
    const received = pay([elsewhere(1)], [[100, ours()]])
    connect(1, received)
    connect(
      2,
      pay(
        [outputOf(received)],
        [
          [60, theirs],
          [38, ours(0, 'change')],
        ],
      ),
    )
    expect(balance(2)).toEqual([38, 0, 0])
    const [newest, oldest] = ledger.history()
    expect(newest).toMatchObject({ amount: -62n, fee: 2n, mined: { height: 2, position: 0 } })
    expect(oldest).toMatchObject({ amount: 100n, fee: undefined })
  })

  it('finds a coin that is spent in the block that made it', () => {
    const received = pay([elsewhere(1)], [[100, ours()]])
    connect(1, received, pay([outputOf(received)], [[99, theirs]]))
    expect(balance(1)).toEqual([0, 0, 0])
    expect(ledger.history()).toHaveLength(2)
  })

  it('holds back what was mined until it is mature', () => {
    connect(5, coinbase(5, 50, ours()))
    expect(balance(14)).toEqual([0, 0, 50])
    expect(ledger.confirmedCoins(14)).toEqual([])
    expect(balance(15)).toEqual([50, 0, 0])
    expect(ledger.confirmedCoins(15)).toHaveLength(1)
  })

  it('keeps what was mined in every block apart', () => {
    connect(1, coinbase(1, 50, ours()))
    connect(2, coinbase(2, 50, ours()))
    connect(3, coinbase(3, 50, theirs))
    expect(balance(3)).toEqual([0, 0, 100])
    expect(ledger.history()).toHaveLength(2)
  })

  it('counts the coins of one address alone', () => {
    connect(
      1,
      pay(
        [elsewhere(1)],
        [
          [7, ours(0)],
          [5, ours(1)],
        ],
      ),
    )
    expect(ledger.balance(1, ours(1)).confirmed).toBe(5n)
  })
})

describe('payments that wait', () => {
  /** A coin of 100, a payment of 60 from it, and one of 20 from the change. */
  function build(): readonly [received: Transaction, first: Transaction, second: Transaction] {
    const received = pay([elsewhere(1)], [[100, ours()]])
    const first = pay(
      [outputOf(received)],
      [
        [60, theirs],
        [38, ours(0, 'change')],
      ],
    )
    const second = pay(
      [outputOf(first, 1)],
      [
        [20, theirs],
        [17, ours(1, 'change')],
      ],
    )
    connect(1, received)
    ledger.addPending(first, 5)
    ledger.addPending(second, 6)
    return [received, first, second]
  }

  it('are found with all that builds on them, and with the coins that they spend', () => {
    const [received, first, second] = build()
    const [one, two] = [ledger.find(txid(first)), ledger.find(txid(second))] as [LedgerEntry, LedgerEntry]
    expect(ledger.buildingOn(one)).toEqual([two])
    expect(ledger.buildingOn(two)).toEqual([])
    expect(ledger.buildingOn(ledger.find(txid(received)) as LedgerEntry)).toEqual([one, two])
    expect(ledger.coinsSpentBy(first)).toMatchObject([{ outpoint: outputOf(received) }])
    expect(ledger.coinsSpentBy(received)).toBeUndefined()
  })

  it('give their place to one that spends the same coin, and take it back when the chain says so', () => {
    const [received, first] = build()
    const other = pay([outputOf(received)], [[95, ours(2, 'change')]])
    ledger.replacePending(txid(first), other, 7)
    expect(balance(1)).toEqual([0, 95, 0])
    expect(ledger.pending().map((entry) => entry.txid)).toEqual([txid(other)])
    connect(2, first)
    expect(balance(2)).toEqual([38, 0, 0])
    expect(ledger.find(txid(other))).toBeUndefined()
  })
})

describe('addresses', () => {
  it('are watched up to the gap limit beyond the last used one', () => {
    connect(1, pay([elsewhere(1)], [[1, ours(GAP_LIMIT)]]))
    expect(balance(1)).toEqual([0, 0, 0])
    connect(2, pay([elsewhere(2)], [[2, ours(GAP_LIMIT - 1)]]))
    expect(ledger.nextUnused('receive').index).toBe(GAP_LIMIT)
    expect(ledger.nextUnused('change').index).toBe(0)
    connect(3, pay([elsewhere(3)], [[4, ours(2 * GAP_LIMIT - 1)]]))
    expect(balance(3)).toEqual([6, 0, 0])
  })

  it('that come into view late in a block are looked for in all of it', () => {
    const early = pay([elsewhere(1)], [[1, ours(25)]])
    const later = pay([outputOf(early)], [[1, ours(45)]])
    connect(1, early, later, pay([elsewhere(2)], [[2, ours(10)]]))
    expect(ledger.nextUnused('receive').index).toBe(46)
    expect(balance(1)).toEqual([3, 0, 0])
  })

  it('that come into view later are looked for in what was recorded before', () => {
    connect(
      1,
      pay(
        [elsewhere(1)],
        [
          [1, ours(0)],
          [2, ours(25)],
          [4, ours(45)],
        ],
      ),
    )
    expect(balance(1)).toEqual([1, 0, 0])
    connect(2, pay([elsewhere(2)], [[8, ours(10)]]))
    expect(balance(2)).toEqual([15, 0, 0])
    expect(ledger.nextUnused('receive').index).toBe(46)
  })

  it('are found again when the entries are loaded, in whatever order', () => {
    connect(1, pay([elsewhere(1)], [[1, ours(25)]]), pay([elsewhere(2)], [[2, ours(10)]]))
    connect(2, pay([elsewhere(3)], [[4, ours(40)]]))
    const entries = ledger.history()
    const again = new Ledger(account, maturity)
    again.load(entries)
    expect(again.balance(2)).toEqual(ledger.balance(2))
    expect(again.nextUnused('receive')).toEqual(ledger.nextUnused('receive'))
    expect(again.takeChanges().size).toBe(0)
  })
})

describe('a payment that waits', () => {
  const received = pay([elsewhere(1)], [[100, ours()]])
  const payment = pay(
    [outputOf(received)],
    [
      [60, theirs],
      [38, ours(0, 'change')],
    ],
  )

  beforeEach(() => {
    connect(1, received)
    ledger.addPending(payment, 5_000)
  })

  it('locks the coins it spends and gives its change', () => {
    expect(balance(1)).toEqual([0, 38, 0])
    expect(ledger.confirmedCoins(1)).toEqual([])
    expect(ledger.pendingCoins().map(({ output }) => output.value)).toEqual([38n])
  })

  it('is confirmed by the block that holds it', () => {
    connect(2, payment)
    expect(balance(2)).toEqual([38, 0, 0])
    expect(ledger.pending()).toEqual([])
  })

  it('gives its coins back when it is forgotten, with all that builds on it', () => {
    ledger.addPending(pay([outputOf(payment, 1)], [[30, theirs]]), 5_001)
    ledger.removePending(txid(payment))
    expect(balance(1)).toEqual([100, 0, 0])
    expect(ledger.history()).toHaveLength(1)
  })

  it('is dropped when a block spends its coins otherwise', () => {
    const other = pay([outputOf(received)], [[99, theirs]])
    connect(2, other)
    expect(balance(2)).toEqual([0, 0, 0])
    expect(ledger.history().map(({ txid: id }) => id)).toEqual([txid(other), txid(received)])
  })

  it('is not forgotten once it is mined', () => {
    connect(2, payment)
    ledger.removePending(txid(payment))
    expect(balance(2)).toEqual([38, 0, 0])
  })

  it('comes before what builds on it', () => {
    const child = pay([outputOf(payment, 1)], [[30, theirs]])
    ledger.addPending(child, 0)
    expect(ledger.pending().map(({ txid: id }) => id)).toEqual([txid(payment), txid(child)])
  })
})

describe('a reorganisation', () => {
  const received = pay([elsewhere(1)], [[100, ours()]])

  it('makes payments wait again, until they are mined anew', () => {
    connect(5, received)
    ledger.disconnectAbove(4)
    expect(balance(4)).toEqual([0, 100, 0])
    // Whoever paid may have paid somebody else by now, so that this coin must not be spent yet.
    expect(ledger.pendingCoins()).toEqual([])
    connect(6, received)
    expect(balance(6)).toEqual([100, 0, 0])
  })

  it('leaves what is below alone', () => {
    connect(5, received)
    ledger.disconnectAbove(5)
    expect(balance(5)).toEqual([100, 0, 0])
  })

  it('takes mined coins away, with all that builds on them', () => {
    const mined = coinbase(5, 50, ours())
    connect(5, mined)
    connect(16, pay([outputOf(mined)], [[49, ours(1)]]))
    ledger.disconnectAbove(4)
    expect(balance(4)).toEqual([0, 0, 0])
    expect(ledger.history()).toEqual([])
  })

  it('drops a payment that the other branch contradicts', () => {
    connect(5, received)
    ledger.disconnectAbove(4)
    connect(5, pay([elsewhere(1)], [[99, theirs]]))
    expect(balance(5)).toEqual([0, 0, 0])
    expect(ledger.history()).toEqual([])
  })

  it('gives back the coins of a payment that the other branch contradicts', () => {
    connect(1, received)
    const payment = pay([outputOf(received), elsewhere(7)], [[120, theirs]])
    connect(5, payment)
    ledger.disconnectAbove(4)
    connect(5, pay([elsewhere(7)], [[20, theirs]]))
    expect(balance(5)).toEqual([100, 0, 0])
  })
})

describe('changes', () => {
  it('name each transaction once, as it is in the end', () => {
    const received = pay([elsewhere(1)], [[100, ours()]])
    ledger.addPending(received, 1)
    connect(1, received)
    const mined = coinbase(2, 50, ours())
    connect(2, mined)
    ledger.disconnectAbove(1)
    const changes = [...ledger.takeChanges().values()]
    expect(changes.map(({ txid: id, entry }) => [id, entry?.mined])).toEqual([
      [txid(received), { height: 1, position: 0 }],
      [txid(mined), undefined],
    ])
    expect(ledger.takeChanges().size).toBe(0)
  })
})

describe('the scripts by which a ledger looks through filters', () => {
  const publicKey = new Uint8Array(33).fill(2)
  const foreignScript = p2wpkhScript(hash160(publicKey))

  /** A payment from somebody else that a reorganisation has taken out of the chain. */
  function takeBack(witness: readonly Uint8Array[]): Transaction {
    const paying = pay([elsewhere(1)], [[7, ours()]])
    const signed = { ...paying, inputs: paying.inputs.map((input) => ({ ...input, witness })) }
    connect(5, signed)
    ledger.disconnectAbove(4)
    return signed
  }

  it('are those of all watched addresses, and of more when more come into view', () => {
    const scripts = ledger.filterScripts()
    expect(scripts).toHaveLength(2 * GAP_LIMIT)
    expect(scripts).toContainEqual(ours(GAP_LIMIT - 1, 'change'))
    connect(1, pay([elsewhere(1)], [[7, ours(4)]]))
    expect(ledger.filterScripts()).toContainEqual(ours(GAP_LIMIT + 4))
    expect(ledger.watchedAddresses).toBe(2 * GAP_LIMIT + 5)
  })

  it('are also those of coins of others that a waiting payment spends', () => {
    const signed = takeBack([new Uint8Array(71), publicKey])
    expect(ledger.filterScripts()).toContainEqual(foreignScript)
    connect(5, signed)
    expect(ledger.filterScripts()).not.toContainEqual(foreignScript)
  })

  it.each([
    ['a taproot key', [new Uint8Array(64)]],
    ['a taproot key beside an annex', [new Uint8Array(64), new Uint8Array(33).fill(0x50)]],
  ])('are not known where such a coin is spent by %s', (_, witness) => {
    const signed = takeBack(witness)
    expect(ledger.filterScripts()).toBeUndefined()
    connect(5, signed)
    expect(ledger.filterScripts()).toBeDefined()
  })
})
