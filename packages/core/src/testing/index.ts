/** For tests of applications: chains and forks with real work, a clock that stands still, and the contract of chain stores. */
export {
  ChainBuilder,
  type MineOptions,
  type PlacedCoin,
  reroot,
  signAll,
  solve,
  type TestKey,
  testKey,
} from './chain-builder.ts'
export { type ChainStoreFixture, type ContractCase, chainStoreContract } from './chain-store-contract.ts'
export { ManualClock } from './manual-clock.ts'
