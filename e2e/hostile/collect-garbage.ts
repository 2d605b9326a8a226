/**
 * Makes a process of Node collect its garbage: what is left is what it holds. An idle process does not do so by itself.
 *
 * By the signal that starts the inspector of any such process, so that the node under attack is the one that users run.
 */
import type { NodeProcess } from '../../tools/processes/node-process.ts'

/** The variables with which a process must be started: its inspector takes whatever port is free. */
export const inspectable: NodeJS.ProcessEnv = { NODE_OPTIONS: '--inspect-port=0' }

/** Resolves when a node that was started as {@link inspectable} has collected. */
export async function collectGarbage(node: NodeProcess): Promise<void> {
  const socket = new WebSocket(await inspectorOf(node))
  try {
    await event(socket, 'open')
    const answered = event(socket, 'message')
    socket.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }))
    await answered
  } finally {
    socket.close()
  }
}

/** The node tells the address in its log when it gets the signal for the first time. */
async function inspectorOf(node: NodeProcess): Promise<string> {
  const find = (): string | undefined => /Debugger listening on (ws:\S+)/.exec(node.stderr)?.[1]
  if (find() === undefined) process.kill(node.pid, 'SIGUSR1')
  for (let looks = 0; looks < 200; looks++) {
    const address = find()
    if (address !== undefined) return address
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('The node does not start its inspector.')
}

function event(socket: WebSocket, name: 'open' | 'message'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.addEventListener(name, () => resolve(), { once: true })
    socket.addEventListener('error', () => reject(new Error('The inspector cannot be reached.')), {
      once: true,
    })
  })
}
