/**
 * The library in a real browser: Chromium without a window, where there is one (`chromium` on the path, or the program
 * named by `CHAIN_CHROMIUM`).
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { bundle, reorganisation, reorganisationEvents } from './bundle.ts'

const chromium = process.env.CHAIN_CHROMIUM ?? 'chromium'
const isAbsent = spawnSync(chromium, ['--version']).status !== 0
const note = isAbsent ? ' (needs Chromium: on the path as chromium, or named by CHAIN_CHROMIUM)' : ''

test.skipIf(isAbsent)(
  `a chain in memory reorganises in a browser${note}`,
  async () => {
    const { code } = await bundle(reorganisation)
    const folder = mkdtempSync(join(tmpdir(), 'chain-browser-'))
    const page = join(folder, 'page.html')
    const script = `${code}\n;core.run().then(String, String).then((text) => { document.body.textContent = text })`
    writeFileSync(page, `<!doctype html><meta charset="utf-8"><body></body><script>${script}</script>`)
    const profile = `--user-data-dir=${join(folder, 'profile')}`
    const options = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=60000', profile]
    const run = spawnSync(chromium, [...options, '--dump-dom', pathToFileURL(page).href], {
      encoding: 'utf8',
    })
    rmSync(folder, { recursive: true, maxRetries: 5 })
    expect(run.stdout).toContain(`<body>${reorganisationEvents}</body>`)
  },
  60_000,
)
