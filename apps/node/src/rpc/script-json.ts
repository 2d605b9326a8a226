/**
 * Output scripts as JSON, with Bitcoin Core's names for their kinds.
 *
 * Source: Bitcoin Core, `ScriptToUniv`, `ScriptToAsmStr`
 */
import { ByteReader, type Bytes, reverseBytes, toHex } from '@chain/core/bytes'
import { DecodeError } from '@chain/core/errors'
import { classifyScript, formatAddress } from '@chain/core/script'

/** An output script as Bitcoin Core shows it. */
export interface ScriptJson {
  readonly asm: string
  readonly hex: string
  readonly address?: string
  readonly type: 'witness_v0_keyhash' | 'witness_v1_taproot' | 'nulldata' | 'nonstandard'
}

const typeNames = {
  p2wpkh: 'witness_v0_keyhash',
  p2tr: 'witness_v1_taproot',
  'null-data': 'nulldata',
  other: 'nonstandard',
} as const

/** An output script; `prefix` is the network's address prefix. */
export function scriptJson(script: Bytes, prefix: string): ScriptJson {
  const address = formatAddress(script, prefix)
  const type = typeNames[classifyScript(script).type]
  return { asm: disassemble(script), hex: toHex(script), ...(address === undefined ? {} : { address }), type }
}

/** The opcodes of a script in words, pushed bytes in hexadecimal, pushed numbers of up to 4 bytes in decimal. */
export function disassemble(script: Bytes): string {
  const reader = new ByteReader(script)
  const words: string[] = []
  while (reader.remaining > 0) {
    const word = readWord(reader)
    words.push(word ?? '[error]')
    if (word === undefined) break
  }
  return words.join(' ')
}

/** One opcode with what it pushes, or `undefined` when the script ends within it. */
function readWord(reader: ByteReader): string | undefined {
  const opcode = reader.readUint8()
  if (opcode === 0) return '0'
  if (opcode > PUSH_4) return opcodeName(opcode)
  try {
    return formatPush(reader.readBytes(pushLength(reader, opcode)))
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/** Opcodes above this push no bytes that follow them. */
const PUSH_4 = 0x4e
const OP_1NEGATE = 0x4f
const OP_1 = 0x51
const OP_16 = 0x60

function pushLength(reader: ByteReader, opcode: number): number {
  if (opcode < 0x4c) return opcode
  if (opcode === 0x4c) return reader.readUint8()
  return opcode === 0x4d ? reader.readUint16() : reader.readUint32()
}

function formatPush(bytes: Bytes): string {
  if (bytes.length > 4) return toHex(bytes)
  if (bytes.length === 0) return '0'
  // Numbers in scripts are little-endian with the sign in the highest bit.
  const magnitude = Uint8Array.from(reverseBytes(bytes))
  const negative = ((magnitude[0] as number) & 0x80) !== 0
  magnitude[0] = (magnitude[0] as number) & 0x7f
  const number = magnitude.reduce((sum, byte) => sum * 256 + byte, 0)
  return String(negative ? -number : number)
}

function opcodeName(opcode: number): string {
  if (opcode === OP_1NEGATE) return '-1'
  if (opcode >= OP_1 && opcode <= OP_16) return String(opcode - OP_1 + 1)
  return opcodeNames[opcode - FIRST_NAMED] ?? 'OP_UNKNOWN'
}

const FIRST_NAMED = 0x50
const opcodeNames: readonly string[] = `OP_RESERVED . . . . . . . . . . . . . . . .
  OP_NOP OP_VER OP_IF OP_NOTIF OP_VERIF OP_VERNOTIF OP_ELSE OP_ENDIF OP_VERIFY OP_RETURN
  OP_TOALTSTACK OP_FROMALTSTACK OP_2DROP OP_2DUP OP_3DUP OP_2OVER OP_2ROT OP_2SWAP OP_IFDUP OP_DEPTH
  OP_DROP OP_DUP OP_NIP OP_OVER OP_PICK OP_ROLL OP_ROT OP_SWAP OP_TUCK
  OP_CAT OP_SUBSTR OP_LEFT OP_RIGHT OP_SIZE OP_INVERT OP_AND OP_OR OP_XOR OP_EQUAL OP_EQUALVERIFY OP_RESERVED1
  OP_RESERVED2 OP_1ADD OP_1SUB OP_2MUL OP_2DIV OP_NEGATE OP_ABS OP_NOT OP_0NOTEQUAL
  OP_ADD OP_SUB OP_MUL OP_DIV OP_MOD OP_LSHIFT OP_RSHIFT
  OP_BOOLAND OP_BOOLOR OP_NUMEQUAL OP_NUMEQUALVERIFY OP_NUMNOTEQUAL OP_LESSTHAN OP_GREATERTHAN
  OP_LESSTHANOREQUAL OP_GREATERTHANOREQUAL OP_MIN OP_MAX OP_WITHIN
  OP_RIPEMD160 OP_SHA1 OP_SHA256 OP_HASH160 OP_HASH256 OP_CODESEPARATOR
  OP_CHECKSIG OP_CHECKSIGVERIFY OP_CHECKMULTISIG OP_CHECKMULTISIGVERIFY
  OP_NOP1 OP_CHECKLOCKTIMEVERIFY OP_CHECKSEQUENCEVERIFY OP_NOP4 OP_NOP5 OP_NOP6 OP_NOP7 OP_NOP8 OP_NOP9 OP_NOP10
  OP_CHECKSIGADD`.split(/\s+/)
