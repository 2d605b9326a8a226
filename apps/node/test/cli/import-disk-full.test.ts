import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import { temporaryDirectory } from '../temporary-directory.ts'
import { testVector } from '../vectors.ts'
import { runAt } from './run-command.ts'

const main = new URL('../../src/main.ts', import.meta.url).pathname

testVector(
  'regtest-135.blk',
  'an import that fills the disk says so, and goes on when there is room',
  async (path) => {
    const dataDir = temporaryDirectory()
    const command = `exec "${process.execPath}" --conditions=@chain/source "${main}" "$@"`
    const options = ['import', path, '--network', 'regtest', '--datadir', dataDir]
    // The limit of 400 KiB for each file stands for a disk that is full.
    const child = spawn('bash', ['-c', `ulimit -f 400; ${command}`, 'chain-node', ...options])
    const [code, stdout, stderr] = await Promise.all([
      new Promise((resolve) => child.once('close', resolve)),
      text(child.stdout),
      text(child.stderr),
    ])
    expect([code, stdout]).toEqual([7, ''])
    expect(stderr).toMatch(/The import ends at height \d+; the same command goes on from there\./)
    expect(stderr).toMatch(/chain-node: .*(disk is full|quota is used up)/)
    const again = JSON.parse((await runAt({ dataDir }, 'import', path, '--json')).stdout)
    expect(again).toMatchObject({ height: 135 })
  },
)
