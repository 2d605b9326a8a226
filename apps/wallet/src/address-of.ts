/** The address of a key of the wallet. */
import type { ChainSpec } from '@chain/core/consensus'
import { invariant } from '@chain/core/errors'
import { formatAddress } from '@chain/core/script'
import type { Account, KeyPlace } from '@chain/core/wallet'

/** The address that is paid at a place of the account. */
export function addressOf(account: Account, place: KeyPlace, spec: ChainSpec): string {
  const address = formatAddress(account.script(place), spec.addressPrefix)
  invariant(address !== undefined, 'P2WPKH scripts have addresses.')
  return address
}
