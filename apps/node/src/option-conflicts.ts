/**
 * Options of `chain-node start` that exclude each other: whoever gives both is told, and neither is left out in silence.
 *
 * Not for values that are wrong by themselves (`cli/`, `config.ts`).
 *
 * Source: Bitcoin Core, `InitParameterInteraction`, "Prune mode is incompatible with -txindex"
 */
import { usageError } from '@chain/cli'
import type { StartOptions } from './config.ts'

/** Whether an option was given, by its name on the command line. */
const given = {
  '--connect': ({ connect }: StartOptions) => connect !== undefined,
  '--bootnode': ({ bootnode = [] }: StartOptions) => bootnode.length > 0,
  '--dht': ({ dht }: StartOptions) => dht === true,
  '--no-dht': ({ dht }: StartOptions) => dht === false,
  '--mdns': ({ mdns }: StartOptions) => mdns === true,
  '--rendezvous': ({ rendezvous }: StartOptions) => rendezvous !== undefined,
  '--max-outbound 0': ({ maxOutbound }: StartOptions) => maxOutbound === 0,
  '--max-inbound': ({ maxInbound = 0 }: StartOptions) => maxInbound > 0,
  '--no-listen': ({ listen }: StartOptions) => listen === false,
  '--announce': ({ announce }: StartOptions) => announce !== undefined,
  '--prune': ({ prune = 0 }: StartOptions) => prune > 0,
  '--txindex': ({ txindex }: StartOptions) => txindex === true,
}

type OptionName = keyof typeof given

const onlyNamed = 'with --connect the node connects to those peers and looks for no others'
const nowhere = 'a node that listens nowhere cannot be reached'

const conflicts: readonly (readonly [one: OptionName, other: OptionName, why: string])[] = [
  ['--connect', '--bootnode', onlyNamed],
  ['--connect', '--rendezvous', onlyNamed],
  ['--connect', '--dht', onlyNamed],
  ['--connect', '--mdns', onlyNamed],
  ['--no-dht', '--rendezvous', 'a rendezvous is a key of the distributed hash table'],
  ['--max-outbound 0', '--bootnode', 'a node that chooses no peers asks no bootnode'],
  ['--no-listen', '--announce', nowhere],
  ['--no-listen', '--max-inbound', nowhere],
  [
    '--prune',
    '--txindex',
    'the transaction index says where in the blocks a transaction stands, and --prune takes the blocks away',
  ],
]

/** @throws {OperationalError} `usage` about the first two options that exclude each other */
export function refuseConflicts(options: StartOptions): void {
  for (const [one, other, why] of conflicts) {
    if (!given[one](options) || !given[other](options)) continue
    throw usageError(`The options ${one} and ${other} exclude each other: ${why}.`)
  }
}
