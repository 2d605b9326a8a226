/** Block templates, coinbases and the search for a nonce. */
export { createBlockTemplate, selectEntries, type TemplateOptions } from './block-template.ts'
export { type CoinbaseOptions, createCoinbase } from './coinbase.ts'
export { NONCE_COUNT, searchNonce } from './nonce-search.ts'
