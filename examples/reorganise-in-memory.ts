/**
 * Runs a chain in memory and reorganises it: a payment is confirmed, then a branch with more work comes along in which it
 * never happened.
 *
 *         ┌─ 101 ─ 102            the payment is in 102
 *     100 ┤
 *         └─ 101'─ 102'─ 103'     more work
 *
 *     node reorganise-in-memory.ts
 */
import { ChainManager, formatHash, inlineVerifier, loadNetwork, MemoryChainStore, txid } from '@chain/core'
import { ChainBuilder, ManualClock, testKey } from '@chain/core/testing'

const spec = loadNetwork('regtest')
const clock = new ManualClock(1_789_000_000)
const chain = await ChainManager.open(spec, {
  store: new MemoryChainStore(),
  verifier: inlineVerifier,
  clock: clock.now,
})

// Two branches, with real work and real signatures; the builder never saw the chain above.
const ours = ChainBuilder.create(spec)
ours.mineEmpty(100)
const theirs = ours.fork()
ours.mine()
const payment = ours.spend(ours.spendable().slice(0, 1), [
  { value: 1_000n, scriptPubKey: testKey('shop').script },
])
ours.mine({ transactions: [payment] })
theirs.mineEmpty(3, { script: testKey('rival').script })

for (const block of ours.blocks) await chain.acceptBlock(block)
const receipt = { txid: txid(payment), index: 0 }
console.log(`tip ${chain.tip.height}, the shop has its coin: ${chain.readCoin(receipt) !== undefined}`)

chain.subscribe((event) => {
  if (event.type === 'block-connected' || event.type === 'block-disconnected') {
    console.log(`${event.type} ${event.node.height} ${formatHash(event.node.hash).slice(0, 16)}`)
  }
  if (event.type === 'tip-changed') console.log(`tip-changed ${event.tip.height}`)
})
for (const block of theirs.blocks.slice(100)) {
  const { status } = await chain.acceptBlock(block)
  console.log(`their block is accepted: ${status}`)
}
console.log(`tip ${chain.tip.height}, the shop has its coin: ${chain.readCoin(receipt) !== undefined}`)
