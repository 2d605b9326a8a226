/**
 * Which network `--network` means: one that is built in, or the chain spec in a file.
 */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
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
import { isMissing } from './private-file.ts'

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

/** The error with the name of the file in its sentence. */
function inFile(file: string, cause: ParseError): ParseError {
  return new ParseError(cause.code, `${file}: ${cause.message}`, { ...cause.data, file }, { cause })
}

/** What `--network` must say to mean the same from any directory. */
export function networkOption(network: string): string {
  return isBuiltIn(network) ? network : resolve(network)
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
    throw isMissing(cause) ? networkUnknown(file, networkNames) : fileUnreadable('--network', file, cause)
  }
}
