/**
 * Addresses: bech32 (witness version 0) and bech32m (version 1) with the network's prefix.
 *
 * Source: BIP173, BIP350; docs/protocol/addresses.md
 */
import { bech32, bech32m } from '@scure/base'
import { abbreviate, type Bytes } from '../bytes/index.ts'
import { ParseError } from '../errors/index.ts'
import { classifyScript, p2trScript, p2wpkhScript } from './templates.ts'

/**
 * The address of an output script, or `undefined` when scripts of its kind have none.
 *
 * @param prefix - the network's, such as `chnd`
 */
export function formatAddress(script: Bytes, prefix: string): string | undefined {
  const template = classifyScript(script)
  if (template.type === 'p2wpkh') return bech32.encode(prefix, [0, ...bech32.toWords(template.keyHash)])
  if (template.type === 'p2tr') return bech32m.encode(prefix, [1, ...bech32m.toWords(template.outputKey)])
  return undefined
}

/**
 * The output script that an address stands for.
 *
 * @param prefix - the network's; an address of another network is refused
 * @throws {ParseError} `address-malformed`, `address-wrong-network`, `address-unsupported`
 */
export function parseAddress(address: string, prefix: string): Uint8Array {
  const decoded = decodeAddress(address)
  if (decoded.prefix !== prefix) {
    throw new ParseError(
      'address-wrong-network',
      `The address ${abbreviate(address)} belongs to another network: it begins with ${decoded.prefix}1, not ${prefix}1.`,
      { address, prefix },
    )
  }
  const { version, program } = decoded
  if (version === 0 && program.length === 20) return p2wpkhScript(program)
  if (version === 1 && program.length === 32) return p2trScript(program)
  throw new ParseError(
    'address-unsupported',
    `The address ${abbreviate(address)} is of a kind that cannot be paid here (version ${version}, ${program.length} bytes).`,
    { address, version },
  )
}

interface DecodedAddress {
  readonly prefix: string
  readonly version: number
  readonly program: Uint8Array
}

function decodeAddress(address: string): DecodedAddress {
  const bech32Form = bech32.decodeUnsafe(address) ?? undefined
  const form = bech32Form ?? bech32m.decodeUnsafe(address) ?? undefined
  const version = form?.words[0]
  const program = bech32.fromWordsUnsafe(form?.words.slice(1) ?? []) ?? undefined
  const checksumFits = (version === 0) === (bech32Form !== undefined)
  if (form === undefined || version === undefined || program === undefined || !checksumFits)
    throw malformed(address)
  if (!isWitnessProgram(version, program)) throw malformed(address)
  return { prefix: form.prefix, version, program: Uint8Array.from(program) }
}

function malformed(address: string): ParseError {
  const message = `"${abbreviate(address)}" is not an address: look for a typing error.`
  return new ParseError('address-malformed', message, { address })
}

/** Source: BIP141, "Witness program": version 0 to 16, 2 to 40 bytes, of which version 0 defines only 20 and 32. */
function isWitnessProgram(version: number, { length }: Bytes): boolean {
  return version === 0 ? length === 20 || length === 32 : version <= 16 && length >= 2 && length <= 40
}
