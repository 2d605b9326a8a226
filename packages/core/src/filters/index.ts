/** Block filters for light clients. Source: BIP157, BIP158. */
export { computeBasicFilter, matchFilter } from './basic-filter.ts'
export { chainFilterHeaders, computeFilterHash, computeFilterHeader, verifyFilter } from './filter-header.ts'
export { decodeGolombSet, encodeGolombSet, FILTER_M, golombSetSize } from './golomb.ts'
