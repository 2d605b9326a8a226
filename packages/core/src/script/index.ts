/** Output scripts as templates, the addresses that stand for them, and what signatures sign. */
export { formatAddress, parseAddress } from './addresses.ts'
export {
  SIGHASH_ALL,
  SIGHASH_ANYONECANPAY,
  SIGHASH_DEFAULT,
  SIGHASH_NONE,
  SIGHASH_SINGLE,
  SighashCache,
  segwitV0Sighash,
  taprootSighash,
} from './sighash.ts'
export { countSigops } from './sigops.ts'
export {
  classifyScript,
  isUnspendable,
  MAX_NULL_DATA_LENGTH,
  nullDataScript,
  type OutputTemplate,
  p2trScript,
  p2wpkhScript,
  pushOpcodes,
} from './templates.ts'
