/** A block's distance from the genesis block, which has height 0. At most 2^31 - 1. */
export type Height = number

/** Seconds since 1970-01-01T00:00:00Z, as block headers carry them: 0 to 2^32 - 1. */
export type UnixTime = number
