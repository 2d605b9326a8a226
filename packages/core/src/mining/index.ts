/** Block templates, coinbases and the search for a nonce. */
export { selectEntries } from '../mempool/index.ts'
export { createBlockTemplate, type TemplateOptions } from './block-template.ts'
export { type CoinbaseOptions, createCoinbase } from './coinbase.ts'
export { NONCE_CHUNK, type NonceRange, type SearchControl, searchRange, splitNonces } from './nonce-range.ts'
export { NONCE_COUNT, searchNonce } from './nonce-search.ts'
export { renewTemplate, withExtraNonce } from './renew-template.ts'
