/**
 * `npm run simulate`: a network for as long as wanted, with everything that can go wrong, and a line about it every minute of
 * its time. Ends with an error when its nodes do not agree in the end.
 *
 * `npm run simulate -- --help` lists the options.
 */
import { parseArgs } from 'node:util'
import {
  createSimulation,
  type HostileKind,
  type Simulation,
  startBreakage,
  startChurn,
  startMining,
  uniform,
} from '@chain/p2p/testing'

const usage = `npm run simulate -- [--seed 1] [--nodes 50] [--outbound 8] [--minutes 60] [--mining 30] [--churn 20] [--absence 60]
                    [--breakage 10] [--loss 0.01] [--partition 10] [--hostile silent=2,block-liar=1]

Times are mean seconds between two events (--minutes: of the run; --absence: that a node is away; --partition: minutes
between the beginnings of partitions, each half as long); 0 leaves out what it is about. --loss is the share of frames that
are lost.`

const values = readOptions()
if (values.help) {
  console.log(usage)
  process.exit()
}
const minute = 60_000
const duration = numberOf('minutes')

const simulation = await createSimulation({
  seed: values.seed,
  nodes: numberOf('nodes'),
  outbound: numberOf('outbound'),
  line: { latency: uniform(20, 200), jitter: uniform(0, 20), loss: numberOf('loss') },
})
addHostile(simulation, values.hostile)
const penalties = countPenalties(simulation)
const stops = startAll(simulation)
for (let minutes = 1; minutes <= duration; minutes++) {
  await simulation.run(minute)
  report(minutes)
}
for (const stop of stops) stop()
simulation.heal()
await simulation.runUntil(() => simulation.running.length === simulation.nodes.length, 60 * minute)
await simulation.run(5 * minute)
// Of two branches with equal work, everybody keeps the one that it saw first.
await simulation.node(0).mine()
const milliseconds = await simulation.converge(30 * minute)
console.log(
  `one more block, and one tip after ${(milliseconds / 1_000).toFixed(1)} s; digest ${simulation.digest}`,
)
await simulation.stop()

function readOptions() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        seed: { type: 'string', default: '1' },
        nodes: { type: 'string', default: '50' },
        outbound: { type: 'string', default: '8' },
        minutes: { type: 'string', default: '60' },
        mining: { type: 'string', default: '30' },
        churn: { type: 'string', default: '20' },
        absence: { type: 'string', default: '60' },
        breakage: { type: 'string', default: '10' },
        loss: { type: 'string', default: '0.01' },
        partition: { type: 'string', default: '10' },
        hostile: { type: 'string', default: 'silent=2,staller=2,header-liar=1,block-liar=1,flooder=1' },
      },
    }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return refuse(error.message)
  }
}

function numberOf(name: Exclude<keyof typeof values, 'help' | 'seed' | 'hostile'>): number {
  const number = Number(values[name])
  if (values[name] !== '' && number >= 0 && Number.isFinite(number)) return number
  return refuse(`--${name} must be a number, 0 or more, not "${values[name]}".`)
}

function refuse(sentence: string): never {
  console.error(`simulate: ${sentence}`)
  process.exit(2)
}

function addHostile(to: Simulation, list: string): void {
  for (const item of list.split(',').filter((text) => text !== '')) {
    const [kind, count] = item.split('=')
    for (let index = 0; index < Number(count); index++) to.addHostile(kind as HostileKind)
  }
}

function countPenalties(of: Simulation): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  of.subscribe((event) => {
    if (event.type === 'penalty') counts.set(event.reason, (counts.get(event.reason) ?? 0) + 1)
    else if (event.type === 'warning') console.log(`${event.node}: ${event.message}`)
  })
  return counts
}

function startAll(of: Simulation): (() => void)[] {
  const [mining, churn, absence, breakage, partition] = (
    ['mining', 'churn', 'absence', 'breakage', 'partition'] as const
  ).map((name) => numberOf(name) * 1_000) as [number, number, number, number, number]
  return [
    ...(mining > 0 ? [startMining(of, { interval: mining })] : []),
    ...(churn > 0 ? [startChurn(of, { interval: churn, absence })] : []),
    ...(breakage > 0 ? [startBreakage(of, { interval: breakage })] : []),
    ...(partition > 0 ? [startPartitions(of, partition * 60)] : []),
  ]
}

/** Parts the network into two random halves again and again; hostile peers are on the side of the first node. */
function startPartitions(of: Simulation, interval: number): () => void {
  let timer = of.schedule(interval, part)
  function part(): void {
    const half = of.random.sample(of.nodes, Math.floor(of.nodes.length / 2))
    const rest = of.nodes.filter((node) => !half.includes(node))
    of.partition([[...half, ...of.hostile], rest])
    timer = of.schedule(interval / 2, () => {
      of.heal()
      timer = of.schedule(interval / 2, part)
    })
  }
  return () => timer.cancel()
}

function report(minutes: number): void {
  const { running } = simulation
  const tips = new Set(running.map(({ chain }) => chain.tip.hash.join()))
  const height = Math.max(...running.map(({ chain }) => chain.tip.height))
  const megabytes = (process.memoryUsage().rss / 1_000_000).toFixed(0)
  const faults = [...penalties].map(([reason, count]) => `${reason} ${count}`).join(', ')
  console.log(
    `${minutes} min: ${running.length} nodes, ${tips.size} tips, height ${height}, ${megabytes} MB; penalties: ${faults}`,
  )
}
