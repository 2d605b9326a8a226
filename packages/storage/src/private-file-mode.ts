/** The mode of the files of a data directory. */

/** Read and write for the owner alone: others need to know neither peers nor what a wallet looks at. */
export const PRIVATE_FILE_MODE = 0o600
