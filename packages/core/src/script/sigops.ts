/**
 * Counts signature operations the way Bitcoin limits them per block, so that every block that is valid here is valid
 * under Bitcoin's rules too.
 *
 * Source: Bitcoin Core, `GetLegacySigOpCount` and BIP141, "Sigops"; docs/protocol/consensus.md#signature-operations
 */
import type { Bytes } from '../bytes/index.ts'

const OP_PUSHDATA1 = 0x4c
const OP_PUSHDATA4 = 0x4e
const OP_CHECKSIG = 0xac
const OP_CHECKSIGVERIFY = 0xad
const OP_CHECKMULTISIG = 0xae
const OP_CHECKMULTISIGVERIFY = 0xaf

/** Signature operations that the bare opcodes of a script stand for; a multi-signature counts as 20. */
export function countSigops(script: Bytes): number {
  let count = 0
  let at = 0
  while (at < script.length) {
    const opcode = script[at] as number
    if (opcode === OP_CHECKSIG || opcode === OP_CHECKSIGVERIFY) count += 1
    if (opcode === OP_CHECKMULTISIG || opcode === OP_CHECKMULTISIGVERIFY) count += 20
    const end = endOfOperation(script, at, opcode)
    if (end > script.length) return count
    at = end
  }
  return count
}

/** Where the operation at `at` ends; past the script's end when it is cut off. */
function endOfOperation(script: Bytes, at: number, opcode: number): number {
  if (opcode < OP_PUSHDATA1) return at + 1 + opcode
  if (opcode > OP_PUSHDATA4) return at + 1
  const width = 2 ** (opcode - OP_PUSHDATA1)
  if (at + 1 + width > script.length) return script.length + 1
  let length = 0
  for (let i = width; i >= 1; i--) length = length * 256 + (script[at + i] as number)
  return at + 1 + width + length
}
