/** `getpeerinfo`: who is connected. */
import { defineMethod, type RpcMethod } from '../method.ts'
import { peerJson } from '../peer-json.ts'

export const getPeerInfo: RpcMethod = defineMethod({
  name: 'getpeerinfo',
  summary: 'Who is connected, and what is known of each.',
  parameters: {},
  run: (_values, { chain, network, peers }) =>
    peers.list().map((peer) => {
      const best = network.bestOf(peer.id)
      return peerJson(peer, { best, tip: chain.tip, traffic: network.traffic(peer) })
    }),
})
