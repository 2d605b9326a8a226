import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { answerLimits } from '../src/answers/answer-pace.ts'
import { dhtLimits } from '../src/dht/dht-limits.ts'
import { discoveryLimits } from '../src/discovery/discovery-limits.ts'
import { connectionLimits } from '../src/host/connection-limits.ts'
import { hostLimits } from '../src/host/host-limits.ts'
import { evictionLimits } from '../src/peers/eviction.ts'
import { defaultCapacity, peerLimits, peerTimes } from '../src/peers/peer-limits.ts'
import { relayLimits } from '../src/relay/relay-limits.ts'
import { outgoingLimits } from '../src/streams/outgoing-answers.ts'
import { blockQueueLimits } from '../src/sync/block-queue.ts'
import { heldBlockLimits } from '../src/sync/held-blocks.ts'
import { rivalBlockLimits } from '../src/sync/rival-blocks.ts'
import { syncPlannerLimits } from '../src/sync/sync-planner.ts'

const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')

it.each([
  ['Host', hostLimits],
  ['Hash table', dhtLimits],
  ['Connections', connectionLimits],
  ['Peers', peerLimits],
  ['Capacity', defaultCapacity],
  ['Peer times', peerTimes],
  ['Discovery', discoveryLimits],
  ['Eviction', evictionLimits],
  ['Relay', relayLimits],
  ['Answers', answerLimits],
  ['Answers that wait', outgoingLimits],
  ['Sync', syncPlannerLimits],
  ['Held blocks', heldBlockLimits],
  ['Rival blocks', rivalBlockLimits],
  ['Blocks that wait', blockQueueLimits],
])('docs/limits.md states the limits under %s', (heading, limits) => {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = section.matchAll(/^\| `([^`]+)` *\| ([\d,]+) *\|/gm)
  const stated = Array.from(rows, ([, name, value]) => [name, Number(value?.replaceAll(',', ''))])
  expect(Object.fromEntries(stated)).toEqual(limits)
})
