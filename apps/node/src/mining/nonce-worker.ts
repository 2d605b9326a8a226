/**
 * A thread that searches nonces, chunk by chunk, until it finds one, its range ends or another job becomes current.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { invariant } from '@chain/core/errors'
import { searchNonce } from '@chain/core/mining'
import { decodeHeader } from '@chain/core/primitives'
import { CHUNK, Counter, type NonceJob, type NonceResult, type NonceThreadData } from './nonce-job.ts'

const { counters } = workerData as NonceThreadData
const port = parentPort
invariant(port !== null, 'This file runs as a worker thread.')

port.on('message', (job: NonceJob) => {
  const result: NonceResult = { job: job.job, nonce: search(job) }
  port.postMessage(result)
})

function search({ job, header: bytes, start, count }: NonceJob): number | undefined {
  const header = decodeHeader(bytes)
  const end = start + count
  for (let first = start; first < end && Atomics.load(counters, Counter.job) === job; first += CHUNK) {
    const nonce = searchNonce(header, first, Math.min(CHUNK, end - first))
    Atomics.add(counters, Counter.chunks, 1)
    if (nonce !== undefined) return nonce
  }
  return undefined
}
