/**
 * Chain specs: a network is one JSON document.
 *
 * Its consensus part decides which blocks are valid; the first eight hexadecimal digits of that part's hash are the
 * spec id, which stands in every protocol id, so that two networks never mix. The rest may differ between nodes of one
 * network.
 *
 * Source: docs/protocol/networks.md
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { abbreviate, fromHex, toHex } from '../bytes/index.ts'
import { sha256 } from '../crypto/index.ts'
import { ChainError, ParseError } from '../errors/index.ts'
import { blockHash, decodeBlock, encodeBlock } from '../primitives/index.ts'
import {
  type CompactTarget,
  compactFromTarget,
  formatAmount,
  parseAmount,
  targetFromCompact,
} from '../units/index.ts'
import { checkBlock } from './check-block.ts'
import type { ConsensusParams, DifficultyRule } from './params.ts'
import { isWorkSufficient } from './pow.ts'

/** A network. */
export interface ChainSpec {
  /** 1 to 32 of a-z, 0-9 and hyphen. */
  readonly name: string
  /** First 8 hexadecimal digits of the SHA-256 of the canonical JSON of the consensus part. */
  readonly id: string
  readonly consensus: ConsensusParams
  /** Human-readable part of bech32 addresses: 1 to 16 of a-z. */
  readonly addressPrefix: string
  /** Four bytes before each block in block files. */
  readonly magic: Uint8Array
  readonly ports: { readonly p2p: number; readonly websocket: number; readonly rpc: number }
  /** Multiaddrs of nodes to ask first. */
  readonly bootnodes: readonly string[]
  /** Name under which nodes of the network find each other in the DHT. */
  readonly rendezvous: string
}

/** Longest chain spec in characters: far above what a genesis block needs. */
export const MAX_CHAIN_SPEC_LENGTH = 100_000

/**
 * Reads a chain spec from its JSON text.
 *
 * @throws {ParseError} `chain-spec-malformed`, whose sentence names the field
 */
export function parseChainSpec(text: string): ChainSpec {
  if (text.length > MAX_CHAIN_SPEC_LENGTH)
    throw malformed(`it is longer than ${MAX_CHAIN_SPEC_LENGTH} characters`)
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw malformed(`it is not JSON (${(error as Error).message})`)
  }
  return chainSpecFromDocument(document)
}

/** Reads a chain spec from its parsed JSON document. @throws {ParseError} `chain-spec-malformed` */
export function chainSpecFromDocument(document: unknown): ChainSpec {
  const spec = new Fields(document, '')
  const ports = spec.object('ports')
  const consensus = readConsensus(spec.object('consensus'))
  const result: ChainSpec = {
    name: spec.text('name', /^[a-z0-9-]{1,32}$/, '1 to 32 of a-z, 0-9 and hyphen'),
    id: computeSpecId(consensus),
    consensus,
    addressPrefix: spec.text('addressPrefix', /^[a-z]{1,16}$/, '1 to 16 of a-z'),
    magic: fromHex(spec.text('magic', /^[0-9a-f]{8}$/, '8 lower-case hexadecimal digits')),
    ports: {
      p2p: ports.integer('p2p', 1, 65_535),
      websocket: ports.integer('websocket', 1, 65_535),
      rpc: ports.integer('rpc', 1, 65_535),
    },
    bootnodes: spec.texts('bootnodes', /^\/.{1,300}$/, 100, 'multiaddrs'),
    rendezvous: spec.text('rendezvous', /^.{1,100}$/, 'a name of 1 to 100 characters'),
  }
  ports.expectNoOther()
  spec.expectNoOther()
  return result
}

/** The JSON text of a chain spec, from which {@link parseChainSpec} reads it back. */
export function formatChainSpec(spec: ChainSpec): string {
  const { name, addressPrefix, magic, ports, bootnodes, rendezvous } = spec
  const consensus = consensusDocument(spec.consensus)
  const document = { name, consensus, addressPrefix, magic: toHex(magic), ports, bootnodes, rendezvous }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

/** The id of the network with these consensus parameters. */
export function computeSpecId(consensus: ConsensusParams): string {
  return toHex(sha256(utf8ToBytes(JSON.stringify(consensusDocument(consensus))))).slice(0, 8)
}

/** The consensus part with its keys in their canonical order. */
function consensusDocument(params: ConsensusParams): Record<string, unknown> {
  const { difficulty } = params
  return {
    genesis: toHex(encodeBlock(params.genesis)),
    spacing: params.spacing,
    difficulty:
      difficulty.algorithm === 'asert'
        ? { algorithm: difficulty.algorithm, halfLife: difficulty.halfLife }
        : { algorithm: difficulty.algorithm },
    powLimit: params.powLimit.toString(16).padStart(8, '0'),
    subsidy: formatAmount(params.subsidy),
    halvingInterval: params.halvingInterval,
    coinbaseMaturity: params.coinbaseMaturity,
    filterCommitment: params.filterCommitment,
  }
}

function readConsensus(fields: Fields): ConsensusParams {
  const difficulty = fields.object('difficulty')
  const params: ConsensusParams = {
    genesis: fields.read('genesis', (value) => decodeBlock(fromHex(value))),
    spacing: fields.integer('spacing', 1, 86_400),
    difficulty: readDifficulty(difficulty),
    powLimit: readCompactTarget(fields.text('powLimit', /^[0-9a-f]{8}$/, '8 lower-case hexadecimal digits')),
    subsidy: fields.read('subsidy', parseAmount),
    halvingInterval: fields.integer('halvingInterval', 1, 2 ** 31 - 1),
    coinbaseMaturity: fields.integer('coinbaseMaturity', 1, 100_000),
    filterCommitment: fields.boolean('filterCommitment'),
  }
  difficulty.expectNoOther()
  fields.expectNoOther()
  checkGenesis(params)
  return params
}

function readDifficulty(fields: Fields): DifficultyRule {
  const algorithm = fields.text(
    'algorithm',
    /^(asert|retarget-2016|none)$/,
    'asert, retarget-2016 or none',
  ) as DifficultyRule['algorithm']
  return algorithm === 'asert'
    ? { algorithm, halfLife: fields.integer('halfLife', 1, 2 ** 31 - 1) }
    : { algorithm }
}

function readCompactTarget(text: string): CompactTarget {
  const compact = Number.parseInt(text, 16)
  const target = targetFromCompact(compact)
  // Targets are compared with the limit and then written in their canonical form: the limit must have that form too.
  if (target === undefined || compactFromTarget(target) !== compact) {
    throw malformed('"consensus.powLimit" is not a compact target in its canonical form')
  }
  return compact
}

function checkGenesis({ genesis, powLimit }: ConsensusParams): void {
  try {
    checkBlock(genesis)
  } catch (error) {
    if (error instanceof ChainError)
      throw malformed(`"consensus.genesis" is not a valid block: ${error.message}`)
    throw error
  }
  const { header } = genesis
  if (!isWorkSufficient(blockHash(header), header.bits, powLimit)) {
    throw malformed(
      'the genesis block\'s hash does not meet its target or the target is easier than "powLimit"',
    )
  }
}

/** Reads the fields of a JSON object by name and type. */
class Fields {
  readonly #object: Record<string, unknown>
  readonly #path: string
  readonly #known = new Set<string>()

  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw malformed(`${path === '' ? 'it' : `"${path.slice(0, -1)}"`} is not an object`)
    }
    this.#object = value as Record<string, unknown>
    this.#path = path
  }

  #field(name: string): unknown {
    this.#known.add(name)
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined
  }

  #wrong(name: string, expectation: string): ParseError {
    return malformed(`"${this.#path}${name}" ${expectation}`)
  }

  object(name: string): Fields {
    return new Fields(this.#field(name), `${this.#path}${name}.`)
  }

  text(name: string, pattern: RegExp, expectation: string): string {
    const value = this.#field(name)
    if (typeof value !== 'string' || !pattern.test(value)) throw this.#wrong(name, `is not ${expectation}`)
    return value
  }

  texts(name: string, pattern: RegExp, most: number, expectation: string): string[] {
    const value: unknown = this.#field(name)
    const items: unknown[] = Array.isArray(value) ? value : []
    const texts = items.filter((item) => typeof item === 'string' && pattern.test(item)) as string[]
    if (!Array.isArray(value) || items.length > most || texts.length < items.length) {
      throw this.#wrong(name, `is not a list of at most ${most} ${expectation}`)
    }
    return texts
  }

  integer(name: string, least: number, most: number): number {
    const value = this.#field(name)
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      throw this.#wrong(name, `is not a whole number from ${least} to ${most}`)
    }
    return value as number
  }

  boolean(name: string): boolean {
    const value = this.#field(name)
    if (typeof value !== 'boolean') throw this.#wrong(name, 'is not true or false')
    return value
  }

  read<Value>(name: string, parse: (text: string) => Value): Value {
    const value = this.text(name, /^/, 'a text')
    try {
      return parse(value)
    } catch (error) {
      if (error instanceof ChainError) throw this.#wrong(name, `cannot be read: ${error.message}`)
      throw error
    }
  }

  expectNoOther(): void {
    const other = Object.keys(this.#object).find((name) => !this.#known.has(name))
    if (other !== undefined) throw malformed(`"${this.#path}${abbreviate(other)}" is not a field`)
  }
}

function malformed(reason: string): ParseError {
  const sentence = `The chain spec cannot be used: ${reason.replace(/\.$/, '')}.`
  return new ParseError('chain-spec-malformed', sentence, { reason })
}
