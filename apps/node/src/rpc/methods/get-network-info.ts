/** `getnetworkinfo`: this node as its peers see it. */
import { protocolVersion } from '@chain/wire'
import { jsonAmount } from '../json-amount.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { serviceNames, servicesHex } from '../services-json.ts'

const clockWarning = 'The clocks of most peers differ from the clock of this machine: check it.'

export const getNetworkInfo: RpcMethod = defineMethod({
  name: 'getnetworkinfo',
  summary: 'This node as its peers see it: version, addresses, connections, fees.',
  parameters: {},
  run: (_values, { agent, mempool, peers, status }) => {
    const all = peers.list()
    const inbound = all.filter(({ direction }) => direction === 'inbound').length
    const { addresses, peerId } = status()
    return {
      version: versionNumber(agent),
      subversion: agent,
      protocolversion: protocolVersion,
      localservices: servicesHex(peers.services),
      localservicesnames: serviceNames(peers.services),
      localrelay: true,
      timeoffset: peers.clockOffset,
      networkactive: true,
      connections: all.length,
      connections_in: inbound,
      connections_out: all.length - inbound,
      relayfee: jsonAmount(mempool.limits.minimumFeeRate),
      incrementalfee: jsonAmount(mempool.limits.incrementalFeeRate),
      localaddresses: addresses.map((address) => ({ address, score: 1 })),
      peerid: peerId,
      warnings: peers.isClockSuspect ? [clockWarning] : [],
    }
  },
})

/** The version of an agent `name/1.2.3` as Bitcoin Core counts: 10203. */
function versionNumber(agent: string): number {
  const [, major = 0, minor = 0, patch = 0] = (/(\d+)\.(\d+)\.(\d+)$/.exec(agent) ?? []).map(Number)
  return major * 10_000 + minor * 100 + patch
}
