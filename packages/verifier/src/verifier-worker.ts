/**
 * A thread that takes batches of signature checks, verifies them and reports, until it is stopped.
 *
 * It does not return to its event loop before: it takes no messages, and sleeps where it waits for batches.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { invariant } from '@chain/core/errors'
import { BatchRing, type TakenBatch } from './batch-ring.ts'
import { isRight, nobleEngine } from './engine.ts'
import { loadNativeEngine } from './native-engine.ts'
import type { BatchReport, VerifierThreadData } from './thread-protocol.ts'

const data = workerData as VerifierThreadData
const port = parentPort
invariant(port !== null, 'This file runs as a worker thread.')
const engine = data.engine === 'native' ? loadNativeEngine() : nobleEngine
const ring = new BatchRing(data.memory)

for (let batch = ring.take(); batch !== undefined; batch = ring.take()) {
  const report: BatchReport = { number: batch.number, right: countRight(batch) }
  port.postMessage(report)
}

function countRight({ checks }: TakenBatch): number {
  const wrong = checks.findIndex((check) => check === undefined || !isRight(engine, check))
  return wrong === -1 ? checks.length : wrong
}
