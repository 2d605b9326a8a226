/**
 * A thread that searches nonces, chunk by chunk, until it finds one, its range ends or another job becomes current.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { invariant } from '@chain/core/errors'
import { searchRange } from '@chain/core/mining'
import { decodeHeader } from '@chain/core/primitives'
import { Counter, type NonceJob, type NonceResult, type NonceThreadData } from './nonce-job.ts'

const { counters } = workerData as NonceThreadData
const port = parentPort
invariant(port !== null, 'This file runs as a worker thread.')

port.on('message', (job: NonceJob) => {
  const result: NonceResult = { job: job.job, nonce: search(job) }
  port.postMessage(result)
})

function search({ job, header, start, count }: NonceJob): number | undefined {
  return searchRange(
    decodeHeader(header),
    { start, count },
    {
      isWanted: () => Atomics.load(counters, Counter.job) === job,
      onChunk: () => Atomics.add(counters, Counter.chunks, 1),
    },
  )
}
