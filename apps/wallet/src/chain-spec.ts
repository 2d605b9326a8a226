/**
 * Which network `--network` means: one that is built in, or the chain spec in a file.
 */
import { readFileSync, statSync } from 'node:fs'
import {
  type ChainSpec,
  loadNetwork,
  MAX_CHAIN_SPEC_LENGTH,
  type NetworkName,
  networkNames,
  parseChainSpec,
} from '@chain/core/consensus'
import { ParseError } from '@chain/core/errors'
import { fileUnreadable, networkUnknown } from './errors.ts'

/** The network that is used when none is named. */
export const DEFAULT_NETWORK = 'main'

/**
 * The chain spec of a built-in network or in a file.
 *
 * @throws {OperationalError} `network-unknown`, `file-unreadable`
 * @throws {ParseError} `chain-spec-malformed`
 */
export function loadChainSpec(network: string): ChainSpec {
  if (isBuiltIn(network)) return loadNetwork(network)
  const text = readSpecFile(network)
  try {
    return parseChainSpec(text)
  } catch (error) {
    throw error instanceof ParseError ? inFile(network, error) : error
  }
}

function inFile(file: string, cause: ParseError): ParseError {
  return new ParseError(cause.code, `${file}: ${cause.message}`, cause.data, { cause })
}

function isBuiltIn(network: string): network is NetworkName {
  return networkNames.some((name) => name === network)
}

function readSpecFile(file: string): string {
  try {
    // A look at the length first, so that a device or a huge file is not read into memory.
    const facts = statSync(file)
    if (facts.isFile() && facts.size <= 4 * MAX_CHAIN_SPEC_LENGTH) return readFileSync(file, 'utf8')
    throw new Error(facts.isFile() ? 'it is too long' : 'it is not a file')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw networkUnknown(file, networkNames)
    }
    throw fileUnreadable('--network', file, cause)
  }
}
