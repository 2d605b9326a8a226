/**
 * Sizes as options give them: in mebibytes, as Bitcoin Core's.
 */

/** Bytes of a mebibyte. */
export const MEBIBYTE = 1_048_576

/** Mebibytes of the coin cache unless told otherwise; what the store takes by itself. */
export const DEFAULT_DBCACHE = 64

/** Most mebibytes that an option may ask for: more than any machine has. */
export const MAX_MEBIBYTES = 1_073_741_824
