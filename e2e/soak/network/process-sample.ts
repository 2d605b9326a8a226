/**
 * What a running node holds at a moment: what the machine tells of the process, and what the node tells of itself.
 *
 * Not for this process (`../sample.ts`). What the machine does not tell, as outside of Linux, is left out.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Sample } from '../sample.ts'

/** What a node tells of itself that must not grow. */
const metrics: ReadonlyMap<string, string> = new Map([
  ['chain_connections', 'connections'],
  ['chain_streams', 'streams'],
  ['chain_known_peers', 'known peers'],
  ['chain_provider_records', 'provider records'],
  ['chain_hash_table_values', 'values'],
])

/** Takes a sample of a node that serves its metrics at `url`. */
export async function sampleNode(pid: number, url: string): Promise<Sample> {
  const answer = await (await fetch(url)).text()
  const told = answer.split('\n').flatMap((line) => {
    const end = line.lastIndexOf(' ')
    const name = metrics.get(line.slice(0, end))
    return name === undefined ? [] : [[name, Number(line.slice(end + 1))] as const]
  })
  return new Map([...sampleProcess(pid), ...told])
}

function sampleProcess(pid: number): Sample {
  const directory = `/proc/${pid}`
  if (!existsSync(directory)) return new Map()
  const status = readFileSync(`${directory}/status`, 'latin1')
  return new Map([
    ['resident memory', readBytes(status, 'VmRSS')],
    ['private memory', readBytes(status, 'RssAnon')],
    ['mapped files', readBytes(status, 'RssFile')],
    ['descriptors', readdirSync(`${directory}/fd`).length],
    ['threads', readdirSync(`${directory}/task`).length],
  ])
}

function readBytes(status: string, name: string): number {
  const [, kibibytes = '0'] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? []
  return Number(kibibytes) * 1_024
}
